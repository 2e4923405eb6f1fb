import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import '../support/fresh-lmdb.js';
import { describeWithPython, pythonVerdict } from '../audit/support/python.js';
import { cli } from './in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'memwarden-cli-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { MEMWARDEN_DATA: join(folder, 'data'), MEMWARDEN_CHECKPOINTS: join(folder, 'checkpoints') };
const run = (...argv: string[]) => cli(argv, { env });
const lines = (out: string) =>
  out
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('memwarden audit', () => {
  beforeAll(async () => {
    await run('add', 'Alice is vegetarian.', '--user', 'alice', '--as', 'admin');
    await run('list', '--user', 'alice', '--as', 'agent', '--on-behalf-of', 'alice', '--purpose', 'dinner');
    await run('list', '--user', 'alice', '--as', 'agent', '--on-behalf-of', 'bob');
  });

  test('G24: `audit report` tells who read what, in every form; the door of the command line is on record', async () => {
    const { out, exit } = await run('audit', 'report', '--user', 'alice', '--as', 'admin', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      userId: 'alice',
      disclosures: [{ recipient: 'cli', role: 'agent', purpose: 'dinner', act: 'list', count: 1, door: 'cli' }],
    });
    for (const format of ['text', 'csv', 'html']) {
      const { out: text } = await run('audit', 'report', '--user', 'alice', '--as', 'admin', '--format', format);
      expect(text).toMatch(/dinner/);
      expect(text).not.toMatch(/vegetarian/);
    }
  });

  test('`audit query` and `audit tail` find by user, principal, time and outcome', async () => {
    const query = async (...flags: string[]) =>
      lines((await run('audit', 'query', '--as', 'admin', '--json', ...flags)).out);
    expect(await query('--outcome', 'denied')).toMatchObject([{ action: 'read', outcome: 'denied' }]);
    expect((await query('--user', 'alice')).length).toBeGreaterThanOrEqual(4);
    expect(await query('--user', 'nobody')).toEqual([]);
    expect(await query('--principal', 'somebody-else')).toEqual([]);
    expect(await query('--since', '2100-01-01T00:00:00Z')).toEqual([]);
    expect(lines((await run('audit', 'tail', '--as', 'admin', '--lines', '2', '--json')).out)).toHaveLength(2);
    expect((await run('audit', 'query', '--as', 'admin', '--since', 'yesterday')).exit).toBe(2);
  });

  test('`audit` is decided by the policy: an agent may not', async () => {
    for (const verb of [['verify'], ['query'], ['tail'], ['checkpoint'], ['report', '--user', 'alice']])
      expect((await run('audit', ...verb, '--as', 'agent')).exit).toBe(3);
  });

  test('S25: `audit verify` holds against a checkpoint that was kept elsewhere, and ends with 12 where something was changed', async () => {
    const made = await run('audit', 'checkpoint', '--as', 'admin', '--json');
    const { path } = JSON.parse(made.out);
    const kept = join(folder, 'elsewhere.json');
    writeFileSync(kept, readFileSync(path));
    expect((await run('audit', 'verify', '--as', 'admin')).out).toMatch(
      /^verified\n.*only up to what this store claims/s,
    );
    const held = await run('audit', 'verify', '--as', 'admin', '--checkpoint', kept, '--json');
    expect([held.exit, JSON.parse(held.out)]).toMatchObject([0, { ok: true }]);
    const dumped = join(folder, 'dumped');
    await run('audit', 'dump', dumped, '--as', 'admin');
    expect((await run('audit', 'verify', '--as', 'admin', '--files', dumped)).exit).toBe(0);
    const [name = ''] = readdirSync(dumped).filter((one) => !one.startsWith('registry'));
    const file = join(dumped, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"allowed"', '"denied!"'));
    const broken = await run('audit', 'verify', '--as', 'admin', '--files', dumped, '--json');
    expect([broken.exit, JSON.parse(broken.out)]).toMatchObject([
      12,
      { ok: false, first: { fault: 'record_changed' } },
    ]);
    expect((await run('audit', 'verify', '--as', 'admin', '--checkpoint', file)).exit).toBe(2);
  });

  test('`audit prune` takes whole streams that ended, and the rest verifies', async () => {
    const later = new Date(Date.now() + 60_000).toISOString();
    const pruned = await run('audit', 'prune', '--before', later, '--as', 'admin', '--json');
    expect(JSON.parse(pruned.out).streams).toBeGreaterThan(2);
    expect((await run('audit', 'verify', '--as', 'admin')).exit).toBe(0);
    expect(
      JSON.parse((await run('audit', 'report', '--user', 'alice', '--as', 'admin', '--json')).out).disclosures,
    ).toEqual([]);
  });
});

describeWithPython('G19: the lines of `audit dump`', () => {
  test('G19: verify without memwarden', async () => {
    const dumped = join(folder, 'for-python');
    await run('audit', 'dump', dumped, '--as', 'admin');
    expect(pythonVerdict(dumped)).toMatchObject({ ok: true });
  });
});
