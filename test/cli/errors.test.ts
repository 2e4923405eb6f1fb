import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { open } from 'lmdb';
import { ERRORS, type ErrorCode } from '../../src/errors/table.js';
import { admin, agent, cli, inFolder, json, storeIn, type Ran } from './in-process.js';

type Trigger = (folder: string, data: string[]) => Promise<Ran>;

const add = async (data: string[], ...flags: string[]) =>
  String(json((await cli(['add', 'text', ...agent('alice'), ...data, ...flags])).out)['id']);

/** A command line for each row that can happen without a server. */
const TRIGGERS: Partial<Record<ErrorCode, Trigger>> = {
  invalid_principal: (_, data) => cli(['list', '--user', 'alice', '--as', '', ...data]),
  invalid_owner: (_, data) => cli(['list', ...admin('ali\u200bce'), ...data]),
  invalid_argument: (_, data) => cli(['list', ...admin('alice'), '--limit', '0', ...data]),
  invalid_cursor: (_, data) => cli(['list', ...admin('alice'), '--cursor', 'AAAA', ...data]),
  empty_filter: (_, data) => cli(['delete', ...admin('alice'), ...data]),
  content_too_large: (_, data) => cli(['add', 'x'.repeat(65_537), ...admin('alice'), ...data]),
  metadata_too_large: (_, data) =>
    cli(['add', 'x', ...admin('alice'), '--metadata', JSON.stringify({ x: 'x'.repeat(16_384) }), ...data]),
  embedder_missing: (_, data) => cli(['search', 'x', ...admin('alice'), '--mode', 'semantic', ...data]),
  forbidden: (_, data) => cli(['list', '--user', 'alice', '--as', 'nobody', ...data]),
  invalid_tenant: (_, data) => cli(['list', ...admin('alice'), '--tenant', '../a', ...data]),
  tenant_not_found: (_, data) => cli(['list', ...admin('alice'), '--tenant', 'absent', ...data]),
  not_found: (_, data) => cli(['delete', '0190b6a0-0000-7000-8000-000000000000', ...admin('alice'), ...data]),
  conflict: async (_, data) =>
    cli(['update', await add(data), ...agent('alice'), '--content', 'y', '--if-version', '7', ...data]),
  policy_invalid: async (folder, data) => {
    await mkdir(join(folder, 'policies'));
    await writeFile(join(folder, 'policies/agent.yaml'), 'role: agent\nrules: nothing\n');
    return cli(['list', ...admin('alice'), '--policies', join(folder, 'policies'), ...data]);
  },
  config_invalid: () => cli(['list', ...admin('alice'), '--mongodb-uri', 'no address', '--json']),
  store_unsafe: () => cli(['list', ...admin('alice'), '--mongodb-uri', 'mongodb://127.0.0.1:1/x?w=1', '--json']),
  store_unavailable: async (folder) => {
    await writeFile(join(folder, 'file'), '');
    return cli(['list', ...admin('alice'), '--data', join(folder, 'file', 'data'), '--json']);
  },
  store_not_migrated: async (folder, data) => {
    const root = open({ path: join(folder, 'data'), maxDbs: 12 });
    await root.openDB({ name: 'service' }).put(['format'], 99);
    await root.close();
    return cli(['list', ...admin('alice'), ...data]);
  },
};

/** Rows that need a server, or that no command line can bring about, and why. */
const ELSEWHERE: Partial<Record<ErrorCode, string>> = {
  job_taken: 'needs two runs of a job at once: test/memory/each-user',
  batch_too_large: 'import sends batches of its own size, and no other command takes several memories',
  policy_unavailable: 'a command loads the policies once, it does not reload them',
  store_timeout: 'needs a server that is paused: the chaos suite',
  store_not_primary: 'needs a replica set that steps down: the chaos suite',
  store_duplicate: 'ids are made by the server, and import takes one that is there for its own',
  store_refused: 'needs a server that refuses: the contract suite',
  store_unwritable: 'needs a disk that is full: test/contract/embedded/full-disk',
  missing_package: 'needs a package that is not there: test/search/embedder',
  embedder_unavailable: 'needs an embedder that is down: test/cli/search, test/cli/embed',
  embedder_timeout: 'needs an embedder that stalls: test/guard/meaning',
  embedder_busy: 'needs more texts than may wait: test/search/embedder',
  embedder_refused: 'needs an embedder that answers amiss: test/guard/meaning',
  unauthentic: 'needs a value that was moved: test/crypto',
  erasing: 'needs an erasure under way: test/compliance',
  epoch_over: 'a write is tried again: test/compliance',
  keys_foreign: 'test/wiring',
  keys_unsafe: 'test/config',
  ledger_invalid: 'test/compliance',
  erasure_missed: 'test/compliance',
  key_refused: 'needs keys that were exchanged: test/crypto/kms',
  key_file_missing: 'test/crypto/kms',
  key_file_invalid: 'test/crypto/kms',
  key_file_other: 'test/crypto/kms, test/cli/key-file',
  key_file_unsafe: 'test/crypto/kms',
  owner_key_required: 'no command takes a key of an owner',
  kms_unavailable: 'needs a key service: test/crypto/kms',
  kms_timeout: 'needs a key service: test/crypto/kms',
  certificate_invalid: 'test/compliance',
  audit_unavailable: 'needs a log that cannot be written: test/audit',
  audit_timeout: 'needs a log that stalls: test/audit',
  audit_checkpoint_invalid: 'test/cli/audit',
  export_unsettled: 'needs writers that do not pause: test/compliance/export',
  approval_required: 'needs a rule that asks for it: test/cli/export',
  own_approval: 'needs a request: test/cli/export',
  manifest_invalid: 'needs an export: test/cli/export',
  classifier_failed: 'the command line has the classifier of the package alone',
  closed: 'a command closes the warden last',
  internal: 'cannot happen',
  unauthenticated: 'an error of the doors: test/http',
  identity_unavailable: 'an error of the doors: test/identity',
  credential_not_found: 'an error of the doors: test/http',
  request_malformed: 'an error of the doors: test/http',
  body_too_large: 'an error of the doors: test/http',
  headers_too_large: 'an error of the doors: test/http',
  unsupported_media_type: 'an error of the doors: test/http',
  route_not_found: 'an error of the doors: test/http',
  method_not_allowed: 'an error of the doors: test/http',
  request_timeout: 'an error of the doors: test/http',
  origin_refused: 'an error of the doors: test/mcp',
  session_not_found: 'an error of the doors: test/mcp',
  precondition_failed: 'an error of the doors: test/http',
  idempotency_mismatch: 'an error of the doors: test/http',
  idempotency_in_progress: 'an error of the doors: test/http',
  rate_limited: 'an error of the doors: test/http',
  job_not_found: 'an error of the doors: test/http',
  export_not_ready: 'an error of the doors: test/http',
  export_stale: 'an error of the doors: test/http',
  not_supported: 'an error of the doors: test/http',
  tenant_required: 'the command line names a tenant or none: test/tenants',
  tenant_exists: 'test/cli/tenants',
  tenant_foreign: 'needs stores that were exchanged: test/tenants',
  space_exists: 'test/cli/space, test/spaces',
  tenant_shared: 'test/cli/tenants',
  tenants_isolation: 'test/cli/tenants',
  tenants_busy: 'needs more requests at once than tenants may be open: test/tenants',
};

describe('the error table on the command line', () => {
  test('every row has a command line that triggers it, or a reason why there is none', () => {
    expect([...Object.keys(TRIGGERS), ...Object.keys(ELSEWHERE)].sort()).toEqual(Object.keys(ERRORS).sort());
  });

  test.each(Object.entries(TRIGGERS))(
    '%s ends with the exit code of the table and tells code, message and remedy',
    async (code, trigger) => {
      await inFolder(async (folder) => {
        if (!code.startsWith('store_')) await storeIn(join(folder, 'data'));
        const { exit, out, err } = await trigger(folder, ['--data', join(folder, 'data'), '--json']);
        const row = ERRORS[code as ErrorCode];
        expect([exit, out]).toEqual([row.exit, '']);
        expect(json(err)).toMatchObject({ code, remedy: row.remedy, message: expect.stringContaining(row.message) });
      });
    },
  );

  test('people get the same on stderr as text', () =>
    inFolder(async (folder) => {
      await storeIn(join(folder, 'd'));
      const { exit, out, err } = await cli(['list', ...admin(''), '--data', join(folder, 'd')]);
      expect([exit, out]).toEqual([2, '']);
      expect(err).toBe(`error: invalid_owner: ${ERRORS.invalid_owner.message}\n  ${ERRORS.invalid_owner.remedy}\n`);
    }));

  test('a server that does not answer is store_unavailable', async () => {
    const { exit, err } = await cli(['list', ...admin('alice'), '--mongodb-uri', 'mongodb://127.0.0.1:1/x', '--json']);
    expect([exit, json(err)['code']]).toEqual([7, 'store_unavailable']);
  });
});

describe('doctor', () => {
  const findings = (ran: Ran) => json(ran.out)['findings'] as { check: string; ok: boolean; message: string }[];

  test('finds everything in order in a fresh store', () =>
    inFolder(async (folder) => {
      await storeIn(join(folder, 'd'));
      const ran = await cli(['doctor', '--data', join(folder, 'd'), '--json']);
      expect([ran.exit, findings(ran).every(({ ok }) => ok)]).toEqual([0, true]);
      expect(findings(ran).map(({ check }) => check)).toEqual(
        expect.arrayContaining(['policies', 'store', 'malformed records']),
      );
    }));

  test('names a policy file that is wrong, a store that is not there and a store of another format, and ends with 9', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'agent.yaml'), 'role: agent\nrules: nothing\n');
      const policies = await cli(['doctor', '--policies', folder, '--data', join(folder, 'd'), '--json']);
      expect(policies.exit).toBe(9);
      expect(findings(policies)[0]).toMatchObject({
        check: 'policies',
        ok: false,
        message: expect.stringContaining('agent.yaml:2'),
      });

      const gone = await cli(['doctor', '--mongodb-uri', 'mongodb://127.0.0.1:1/x', '--json']);
      expect([gone.exit, findings(gone)[1]?.ok]).toEqual([9, false]);
      const weak = await cli(['doctor', '--mongodb-uri', 'mongodb://127.0.0.1:1/x?journal=false', '--json']);
      expect(findings(weak)[1]).toMatchObject({ ok: false, message: expect.stringContaining('journal') });

      const root = open({ path: join(folder, 'other'), maxDbs: 12 });
      await root.openDB({ name: 'service' }).put(['format'], 99);
      await root.close();
      const other = await cli(['doctor', '--data', join(folder, 'other'), '--json']);
      expect([other.exit, findings(other).find(({ check }) => check === 'format')?.ok]).toEqual([9, false]);
    }));
});
