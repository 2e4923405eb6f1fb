import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
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

test('`tenants` asks who asks', async () => {
  await withData(async (run) => {
    expect((await run('tenants', 'create', 'acme')).exit).toBe(2);
    expect((await run('tenants', 'list')).exit).toBe(2);
    expect((await run('tenants', 'drop', 'acme', '--confirm', 'acme')).exit).toBe(2);
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
