import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ERRORS, isMemwardenError, MemwardenError, type ErrorCode } from '../../src/index.js';
import { createWarden } from '../../src/warden.js';
import {
  ABSENT,
  ADMIN,
  agentOf,
  describeOnEachStore,
  EXPORT,
  handClock,
  outcome,
  policyFolder,
  type Open,
} from '../support/warden.js';

type Raise = (open: Open) => Promise<unknown>;
const alice = async (open: Open) => (await open()).warden.scope(agentOf('alice'), 'alice');
const folders: string[] = [];
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'memwarden-errors-'));
  folders.push(path);
  return path;
};
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

// How each row of the error table comes about through the library.
const RAISED: Readonly<Partial<Record<ErrorCode, Raise>>> = {
  invalid_principal: async (open) => (await open()).warden.scope({ id: '', role: 'agent' }, 'alice'),
  invalid_owner: async (open) => (await open()).warden.scope(ADMIN, 'a\u0000'),
  invalid_argument: async (open) => (await alice(open)).list({ limit: 0 }),
  invalid_cursor: async (open) => (await alice(open)).list({ cursor: 'nonsense' }),
  empty_filter: async (open) => (await alice(open)).deleteMany({}),
  embedder_missing: async (open) => (await alice(open)).search('x', { mode: 'semantic' }),
  content_too_large: async (open) => (await alice(open)).add('x'.repeat(65_537)),
  metadata_too_large: async (open) => (await alice(open)).add('x', { metadata: { a: 'x'.repeat(16_384) } }),
  batch_too_large: async (open) => (await alice(open)).addMany(Array.from({ length: 1_001 }, () => ({ content: 'x' }))),
  forbidden: async (open) => (await open()).warden.scope(EXPORT, 'alice').add('x'),
  not_found: async (open) => (await alice(open)).delete(ABSENT),
  conflict: async (open) => {
    const memory = await alice(open);
    return memory.update((await memory.add('x')).id, { content: 'y', ifVersion: 2 });
  },
  policy_invalid: async () => {
    const policies = folder();
    writeFileSync(
      join(policies, 'a.yaml'),
      'role: agent\nrules: [ { id: a, action: manage, subject: all, reason: r } ]\n',
    );
    return createWarden({ policies, store: { kind: 'embedded', path: folder() } });
  },
  policy_unavailable: async (open) => {
    const clock = handClock();
    const policies = await policyFolder();
    const { warden } = await open({ clock, policies, policyMaxStaleMs: 1_000 });
    const memory = warden.scope(agentOf('alice'), 'alice');
    await writeFile(join(policies, 'agent.yaml'), 'role: [');
    expect(await outcome(() => warden.reloadPolicies())).toBe('policy_invalid');
    clock.forward(1_000);
    expect([await memory.count(), warden.ready, warden.alarmCount('policy_reload_failed')]).toEqual([0, false, 1]);
    clock.forward(1);
    return memory.count();
  },
  config_invalid: () => createWarden({ store: { kind: 'file' } } as never),
  store_unavailable: () => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'not a folder');
    return createWarden({ store: { kind: 'embedded', path } });
  },
  store_unsafe: () => createWarden({ store: { kind: 'mongodb', uri: 'mongodb://127.0.0.1:1/x?w=1' } }),
  store_duplicate: async (open) => {
    const { warden, watch } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('x');
    watch.before = ({ method, args }) => {
      if (method === 'insert') (args[0] as { records: { id: string }[] }).records[0]!.id = id;
    };
    return memory.add('y');
  },
  classifier_failed: async (open) => {
    const { warden } = await open({ classify: () => ({ level: 'top', ruleId: 'x' }) as never });
    return warden.scope(agentOf('alice'), 'alice').add('x');
  },
  closed: async (open) => {
    const { warden } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    await warden.close();
    return memory.count();
  },
  audit_unavailable: async (open) => {
    const { warden, watch } = await open();
    watch.append = () => Promise.reject(new Error('down'));
    return warden.users(ADMIN);
  },
  audit_timeout: async (open) => {
    const { warden, watch } = await open({ audit: { timeoutMs: 50 } });
    watch.append = () => new Promise(() => undefined);
    return warden.users(ADMIN);
  },
  audit_checkpoint_invalid: async (open) => (await open()).warden.audit(ADMIN).verify({ checkpoint: '{}' }),
  internal: async (open) => (await open()).driver.planned.count({} as never),
};

// Where no call of the library on a healthy store can bring them about: shown by the suites of the stores and of faults.
const ELSEWHERE: readonly ErrorCode[] = [
  // test/memory/each-user
  'job_taken',
  'store_timeout',
  'store_not_primary',
  'store_not_migrated',
  'store_refused',
  // test/contract/embedded/full-disk
  'store_unwritable',
  'missing_package',
  // test/guard/meaning, test/search/embedder
  'embedder_unavailable',
  'embedder_timeout',
  'embedder_busy',
  'embedder_refused',
  // test/compliance, test/crypto, test/config
  'certificate_invalid',
  'epoch_over',
  'erasing',
  'erasure_missed',
  'key_file_invalid',
  'key_file_missing',
  'key_file_other',
  'key_file_unsafe',
  'key_refused',
  'keys_foreign',
  'keys_unsafe',
  'kms_timeout',
  'kms_unavailable',
  'ledger_invalid',
  'owner_key_required',
  'unauthentic',
  // test/compliance/export
  'approval_required',
  'export_unsettled',
  'manifest_invalid',
  'own_approval',
  // test/http
  'unauthenticated',
  'identity_unavailable',
  'credential_not_found',
  'request_malformed',
  'body_too_large',
  'headers_too_large',
  'unsupported_media_type',
  'route_not_found',
  'method_not_allowed',
  'request_timeout',
  'origin_refused',
  'session_not_found',
  'precondition_failed',
  'idempotency_mismatch',
  'idempotency_in_progress',
  'rate_limited',
  'job_not_found',
  'export_not_ready',
  'export_stale',
  'not_supported',
  // test/tenants
  'invalid_tenant',
  'tenant_exists',
  'space_exists',
  'tenant_foreign',
  'tenant_not_found',
  'tenant_required',
  'tenant_shared',
  'tenants_busy',
  'tenants_isolation',
];

test('every row of the error table is raised here or named as shown elsewhere, and none twice', () => {
  expect([...Object.keys(RAISED), ...ELSEWHERE].sort()).toEqual(Object.keys(ERRORS).sort());
});

describeOnEachStore('the errors of the library', (open) => {
  test.each(Object.keys(RAISED) as ErrorCode[])(
    '%s is raised, typed, with message and remedy of the table and nothing secret',
    async (code) => {
      const error = await RAISED[code]!(open).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(isMemwardenError(error, code)).toBe(true);
      const { message, remedy, status } = error as MemwardenError;
      expect(message.startsWith(ERRORS[code].message)).toBe(true);
      expect([remedy, status]).toEqual([ERRORS[code].remedy, ERRORS[code].status]);
      expect((error as Error).cause).toBeUndefined();
      expect(JSON.stringify(error)).not.toMatch(/stack|\$and|mongodb:\/\//);
      expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code, remedy });
    },
  );
});
