import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createWarden } from '../../src/warden.js';
import { servicesOf } from '../../src/internals.js';
import { cli, inFolder, json, lines } from './in-process.js';

const AS = ['--as', 'admin'];

async function withData<T>(work: (run: Run, data: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const data = join(folder, 'data');
    return work((...argv) => cli(argv, { env: { MEMWARDEN_DATA: data } }), data);
  });
}
type Run = (...argv: string[]) => ReturnType<typeof cli>;

async function authenticated(data: string, keys: readonly string[]) {
  const warden = await createWarden({ store: { kind: 'embedded', path: data } });
  try {
    const { apiKeys } = servicesOf(warden);
    return await Promise.all(keys.map((key) => apiKeys.authenticate(key)));
  } finally {
    await warden.close();
  }
}

test('`credentials create` prints a key that works, once, and `list` shows everything but its secret', async () => {
  await withData(async (run, data) => {
    const made = await run('credentials', 'create', ...AS, '--role', 'agent', '--name', 'chat', '--user', 'alice', '--user', 'alan',
      '--purpose', 'care', '--attribute', 'ward=b', '--attribute', 'level:=3', '--expires', '90d', '--json'); // prettier-ignore
    expect([made.exit, made.err]).toEqual([0, '']);
    const { key, credential } = json(made.out) as { key: string; credential: Record<string, unknown> };
    expect(key).toMatch(/^mw_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/);
    expect(credential).toMatchObject({
      name: 'chat',
      grant: { role: 'agent', users: ['alice', 'alan'], purposes: ['care'], attributes: { ward: 'b', level: 3 } },
    });
    const days =
      (Date.parse(String(credential['expiresAt'])) - Date.parse(String(credential['createdAt']))) / 86_400_000;
    expect(days).toBeCloseTo(90, 1);

    const forAny = await run('credentials', 'create', ...AS, '--role', 'agent', '--any-user');
    const [shown = '', line = ''] = forAny.out.split('\n');
    expect(line).toMatch(/role agent, acts for any user, without expiry/);
    const nobody = await run('credentials', 'create', ...AS, '--role', 'admin', '--expires', '2100-01-01T00:00:00Z');
    expect(nobody.out).toMatch(/acts for nobody, until 2100-01-01T00:00:00.000Z/);

    const callers = await authenticated(data, [key, shown]);
    expect(callers.map((caller) => caller?.grant.users)).toEqual([['alice', 'alan'], 'any']);

    const table = await run('credentials', 'list', ...AS);
    expect(table.out).toContain(key.slice(0, 15));
    expect(table.out).toContain('alice, alan');
    const listed = await run('credentials', 'list', ...AS, '--json');
    expect(lines(listed.out)).toHaveLength(3);
    for (const secret of [key.slice(-43), shown.slice(-43)])
      for (const { out } of [table, listed]) expect(out).not.toContain(secret.slice(0, 10));
  });
});

test('`credentials revoke` is in force for whoever opens the store next', async () => {
  await withData(async (run, data) => {
    const { key, credential } = json(
      (await run('credentials', 'create', ...AS, '--role', 'agent', '--any-user', '--json')).out,
    ) as {
      key: string;
      credential: { id: string };
    };
    expect(await authenticated(data, [key])).toEqual([expect.anything()]);
    const revoked = await run('credentials', 'revoke', credential.id, ...AS);
    expect(revoked).toMatchObject({ exit: 0, out: expect.stringMatching(/^revoked .+ at \d{4}-/) });
    expect(await authenticated(data, [key])).toEqual([undefined]);
    expect((await run('credentials', 'list', ...AS)).out).toMatch(/revoked \d{4}-/);
    expect(await run('credentials', 'revoke', 'none', ...AS)).toMatchObject({
      exit: 4,
      err: expect.stringMatching(/credential_not_found/),
    });
  });
});

test('`credentials not-before` keeps the moment for the subject', async () => {
  await withData(async (run) => {
    expect((await run('migrate')).exit).toBe(0);
    const voided = await run('credentials', 'not-before', 'alice', ...AS, '--json');
    expect(voided.exit).toBe(0);
    expect(Date.parse(String(json(voided.out)['notBefore']))).toBeGreaterThan(0);
    expect((await run('credentials', 'not-before', ...AS)).exit).toBe(2);
    const query = await run('audit', 'query', ...AS, '--json');
    expect(query.out).toContain('credential.not-before');
    expect(query.out).not.toContain('alice');
  });
});

test('what is wrong on the command line makes no key', async () => {
  await withData(async (run) => {
    const wrong = [
      ['--any-user'],
      ['--role', 'agent', '--any-user', '--user', 'alice'],
      ['--role', 'agent', '--expires', 'soon'],
      ['--role', 'agent', '--expires', '2020-01-01T00:00:00Z'],
      ['--role', 'agent', '--expires', '0d'],
      ['--role', 'agent', '--expires', '999999999999d'],
      ['--role', ''],
      ['--role', 'agent', '--user', ''],
      ['--role', 'agent', 'extra'],
    ];
    for (const flags of wrong)
      expect([flags, (await run('credentials', 'create', ...AS, ...flags)).exit]).toEqual([flags, 2]);
    expect((await run('credentials', 'create', '--role', 'agent')).exit).toBe(2);
    expect((await run('credentials', 'create', '--as', 'agent', '--role', 'admin')).exit).toBe(3);
    expect(await run('credentials', 'list', ...AS)).toMatchObject({ exit: 0, out: 'no API keys\n' });
  });
});
