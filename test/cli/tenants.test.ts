import { join } from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { verifyTenantCertificate } from '../../src/compliance/tenant-certificate.js';
import { openTenantsWith } from '../../src/tenants/tenants.js';
import { OPERATOR } from '../support/tenants.js';
import { admin, agent, cli, inFolder, json, lines } from './in-process.js';

async function withData<T>(work: (run: (...argv: string[]) => ReturnType<typeof cli>, data: string) => Promise<T>) {
  return inFolder(async (folder) => {
    const data = join(folder, 'data');
    return work((...argv) => cli(argv, { env: { MEMWARDEN_DATA: data } }), data);
  });
}

test('`tenants create` makes a tenant whose memories `--tenant` reaches and nothing else does', async () => {
  await withData(async (run) => {
    for (const id of ['acme', 'beta']) {
      const made = await run('tenants', 'create', '--as', 'admin', id, '--json');
      expect([made.exit, json(made.out)]).toEqual([0, expect.objectContaining({ id, state: 'active' })]);
      expect((await run('add', `of ${id}`, ...agent('alice'), '--tenant', id)).exit).toBe(0);
    }
    expect((await run('tenants', 'create', '--as', 'admin', 'acme')).exit).toBe(5);
    const listed = async (...more: string[]) => (await run('list', ...admin('alice'), '--json', ...more)).out;
    expect(await listed('--tenant', 'acme')).toContain('of acme');
    expect(await listed('--tenant', 'acme')).not.toContain('of beta');
    expect(await listed()).not.toMatch(/of (?:acme|beta)/);
    const all = lines((await run('tenants', 'list', '--as', 'admin', '--json')).out);
    expect(all.map(({ id, state }) => [id, state])).toEqual([
      ['acme', 'active'],
      ['beta', 'active'],
    ]);
    const key = json(
      (await run('credentials', 'create', '--as', 'admin', '--role', 'agent', '--tenant', 'acme', '--json')).out,
    );
    expect(key['key']).toMatch(/^mw_/);
    const keysOf = async (...more: string[]) =>
      lines((await run('credentials', 'list', '--as', 'admin', '--json', ...more)).out);
    expect([
      (await keysOf('--tenant', 'acme')).length,
      (await keysOf('--tenant', 'beta')).length,
      (await keysOf()).length,
    ]).toEqual([1, 0, 0]);
  });
});

test('`tenants create --isolation shared` makes tenants in one store, which `--tenant` reaches one at a time', async () => {
  await withData(async (run, data) => {
    const made = await run('tenants', 'create', '--as', 'admin', 'acme', '--isolation', 'shared');
    expect(made.exit).toBe(0);
    expect((await run('tenants', 'create', '--as', 'admin', 'beta', '--isolation', 'database')).exit).toBe(2);
    expect((await run('tenants', 'create', '--as', 'admin', 'beta', '--isolation', 'other')).exit).toBe(2);
    expect((await run('tenants', 'create', '--as', 'admin', 'beta')).exit).toBe(0);
    for (const id of ['acme', 'beta'])
      expect((await run('add', `of ${id}`, ...agent('alice'), '--tenant', id)).exit).toBe(0);
    const texts = async (...more: string[]) => (await run('list', ...admin('alice'), '--json', ...more)).out;
    expect([await texts('--tenant', 'acme'), await texts('--tenant', 'beta'), await texts()]).toEqual([
      expect.not.stringContaining('of beta'),
      expect.not.stringContaining('of acme'),
      '',
    ]);
    expect(await texts('--tenant', 'acme')).toContain('of acme');
    const users = async (...more: string[]) => (await run('users', '--as', 'admin', '--json', ...more)).out;
    expect([await users('--tenant', 'beta'), await users()]).toEqual([expect.stringContaining('alice'), '']);
    const why = await run(
      'explain',
      '--record',
      '{}',
      ...agent('alice'),
      '--action',
      'read',
      '--tenant',
      'acme',
      '--json',
    );
    expect(json(why.out)).toMatchObject({ allowed: true });
    const verified = await run('audit', 'verify', '--as', 'admin', '--tenant', 'acme');
    expect([verified.exit, verified.err]).toEqual([3, expect.stringContaining('tenant_shared')]);
    expect((await run('audit', 'verify', '--as', 'admin')).exit).toBe(0);
    expect((await run('keys', 'rewrap', '--as', 'admin', '--tenant', 'acme')).exit).toBe(3);
    // What would be done to the deployment whatever tenant is named is refused with one.
    for (const command of [['migrate'], ['doctor'], ['erasure', 'replay', '--as', 'admin']])
      expect([command[0], (await run(...command, '--tenant', 'acme')).exit]).toEqual([command[0], 2]);
    const tenants = await openTenantsWith(
      { isolation: 'shared', warden: { store: { kind: 'embedded', path: data } } },
      { wait: () => Promise.resolve() },
    );
    await tenants.drop(OPERATOR, 'acme');
    await tenants.close();
    expect((await run('list', ...admin('alice'), '--tenant', 'acme')).exit).toBe(4);
    expect(await texts('--tenant', 'beta')).toContain('of beta');
  });
});

test('an import of the same file into another tenant is another import', async () => {
  await withData(async (run, data) => {
    const file = `${data}.ndjson`;
    await writeFile(file, '{"content":"the heron"}\n');
    for (const id of ['acme', 'beta']) {
      await run('tenants', 'create', '--as', 'admin', id, '--isolation', 'shared');
      await run('import', file, ...admin('alice'), '--tenant', id, '--fresh');
      expect((await run('list', ...admin('alice'), '--tenant', id)).out).toContain('the heron');
    }
    const again = await run('import', file, ...admin('alice'), '--tenant', 'acme');
    expect([again.exit, again.err]).toEqual([2, expect.stringContaining('--tenant')]);
  });
});

test('`tenants` asks who asks', async () => {
  await withData(async (run) => {
    expect((await run('tenants', 'create', 'acme')).exit).toBe(2);
    expect((await run('tenants', 'list')).exit).toBe(2);
    expect((await run('tenants', 'drop', 'acme', '--confirm', 'acme')).exit).toBe(2);
    expect((await run('migrate')).exit).toBe(0);
    expect((await run('tenants', 'list', '--as', 'agent')).exit).toBe(3);
    expect((await run('tenants', 'list', '--as', 'admin', '--json')).out).toBe('');
  });
});

test('`tenants drop` asks for the id once more, and for an admin', async () => {
  await withData(async (run) => {
    await run('tenants', 'create', '--as', 'admin', 'acme');
    expect((await run('tenants', 'drop', '--as', 'admin', 'acme')).exit).toBe(2);
    expect((await run('tenants', 'drop', '--as', 'admin', 'acme', '--confirm', 'acm')).exit).toBe(2);
    expect((await run('tenants', 'drop', 'acme', '--confirm', 'acme', '--as', 'agent')).exit).toBe(3);
    expect((await run('tenants', 'drop', '--as', 'admin', 'absent', '--confirm', 'absent')).exit).toBe(4);
    expect((await run('tenants', 'create', '--as', 'admin', '../a')).exit).toBe(2);
    expect(lines((await run('tenants', 'list', '--as', 'admin', '--json')).out)).toMatchObject([
      { id: 'acme', state: 'active' },
    ]);
  });
});

test('`tenants drop` hands the certificate of a drop out again, which the public keys of the deployment verify', async () => {
  await withData(async (run, data) => {
    await run('tenants', 'create', '--as', 'admin', 'acme');
    // The wait of over a minute is that of the library; here nobody else holds a key.
    const tenants = await openTenantsWith(
      { isolation: 'database', warden: { store: { kind: 'embedded', path: data } } },
      { wait: () => Promise.resolve() },
    );
    const certificate = await tenants.drop(OPERATOR, 'acme');
    await tenants.close();
    const out = `${data}.certificate`;
    const again = await run('tenants', 'drop', '--as', 'admin', 'acme', '--confirm', 'acme', '--out', out, '--json');
    expect([again.exit, json(again.out)]).toEqual([0, certificate]);
    const keys = (await run('keys', 'public')).out;
    expect(verifyTenantCertificate(await readFile(out, 'utf8'), keys)).toEqual(certificate);
    expect((await run('list', ...admin('alice'), '--tenant', 'acme')).exit).toBe(4);
  });
});
