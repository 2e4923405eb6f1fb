import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import '../support/fresh-lmdb.js';
import { createWarden } from '../../src/index.js';
import { newId } from '../../src/model/id.js';
import { HOSTILE } from '../compliance/export/hostile.js';
import { describeWithPython, pythonExportVerdict } from '../audit/support/python.js';
import { policyFolder } from '../support/warden.js';
import { cli, json, lines } from './in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'memwarden-cli-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { MEMWARDEN_DATA: join(folder, 'data'), MEMWARDEN_CHECKPOINTS: join(folder, 'checkpoints') };
const run = (...argv: string[]) => cli(argv, { env });
const keys = join(folder, 'keys.json');
const fresh = (ending = 'ndjson') => join(folder, `${newId()}.${ending}`);
const ADMIN = ['--as', 'admin'] as const;

describe('memwarden export', () => {
  beforeAll(async () => {
    const source = fresh();
    const rows = ['alice', 'bob'].flatMap((user_id) =>
      HOSTILE.map((content, i) => ({ user_id, content, sensitivity: i % 2 ? 'public' : 'private', metadata: { i } })),
    );
    writeFileSync(source, rows.map((row) => JSON.stringify(row)).join('\n'));
    expect((await run('import', source, '--users-from-file', ...ADMIN)).exit).toBe(0);
    writeFileSync(keys, (await run('keys', 'public')).out);
  });

  test('G23: `export run` writes what the role may export; `export verify` checks it offline and ends with 2 where a byte differs', async () => {
    const out = fresh();
    const made = await run('export', 'run', '--all-users', '--out', out, ...ADMIN, '--recipient', 'R', '--json');
    expect([made.exit, json(made.out)]).toMatchObject([0, { complete: true, users: 2, memories: 2 * HOSTILE.length }]);
    expect(lines(readFileSync(out, 'utf8'))).toHaveLength(2 * HOSTILE.length);
    for (const file of [out, `${out}.manifest.json`])
      expect((await run('export', 'verify', file, '--keys', keys)).out).toMatch(/^valid: export .* \(admin\) for R\n/);
    expect(json(readFileSync(`${out}.manifest.json`, 'utf8'))).toMatchObject({
      principal: { id: userInfo().username, role: 'admin' },
    });
    const bytes = readFileSync(out);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(out, bytes);
    const broken = await run('export', 'verify', out, '--keys', keys, '--json');
    expect([broken.exit, json(broken.err)]).toMatchObject([2, { code: 'manifest_invalid' }]);
    const only = fresh('csv');
    await run(
      'export',
      'run',
      '--user',
      'alice',
      '--level',
      'public',
      '--format',
      'csv',
      '--out',
      only,
      '--as',
      'export',
    );
    expect(json(readFileSync(`${only}.manifest.json`, 'utf8'))).toMatchObject({
      counts: {
        users: 1,
        memories: Math.floor(HOSTILE.length / 2),
        levels: { public: Math.floor(HOSTILE.length / 2) },
      },
      query: { users: 1, filter: { level: ['public'] }, format: 'csv' },
    });
    const { out: report } = await run('audit', 'report', '--user', 'alice', ...ADMIN, '--json');
    expect(json(report)['disclosures']).toMatchObject([{ recipient: 'R', act: 'export' }, { role: 'export' }]);
  });

  test.each([
    ['ndjson', false],
    ['json', false],
    ['csv', false],
    ['ndjson', true],
    ['json', true],
    ['csv', true],
    ['zip', false],
  ] as const)(
    'G23: an export comes back identical through `import`, which says what it makes anew: %s, compressed: %s',
    async (format, gzip) => {
      const packed = gzip ? ['--gzip'] : [];
      const [out, plain, again] = [fresh(format), fresh(), fresh()];
      await run('export', 'run', '--user', 'alice', '--out', out, '--format', format, ...packed, ...ADMIN);
      await run('export', 'run', '--user', 'alice', '--out', plain, ...ADMIN);
      const place = ['--data', join(folder, `back-${format}-${gzip}`), ...ADMIN];
      const other = { env: { ...env, MEMWARDEN_KEYS_URI: join(folder, `keys-${format}-${gzip}`) } };
      const importOnce = () => cli(['import', out, '--users-from-file', ...place, '--json'], other);
      const back = await importOnce();
      const n = HOSTILE.length;
      expect([back.exit, json(back.out)]).toMatchObject([
        0,
        { imported: n, rejected: 0, changed: { id: n, created_at: n, updated_at: n } },
      ]);
      expect(json((await importOnce()).out)).toMatchObject({ imported: 0, importedBefore: n });
      await cli(['export', 'run', '--user', 'alice', '--out', again, ...place], other);
      expect(withoutMade(again)).toEqual(withoutMade(plain));
    },
  );

  test('`import` of an export refuses what the role may not write, and what has expired, and sets it aside', async () => {
    const out = fresh();
    await run('add', 'soon gone', '--user', 'carol', '--ttl', '1ms', ...ADMIN);
    await run('add', 'secret', '--user', 'carol', '--level', 'sensitive', ...ADMIN);
    await run('export', 'run', '--user', 'carol', '--out', out, ...ADMIN);
    const rows = lines(readFileSync(out, 'utf8'));
    expect(rows.map(({ content }) => content)).toEqual(['secret']);
    writeFileSync(
      out,
      rows
        .flatMap((row) => [row, { ...row, expires_at: '2020-01-01T00:00:00Z' }])
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    const place = ['--data', join(folder, 'refused'), '--as', 'export'];
    const { exit, err } = await cli(['import', out, '--users-from-file', ...place, '--json'], {
      env: { ...env, MEMWARDEN_KEYS_URI: join(folder, 'refused-keys') },
    });
    expect(exit).not.toBe(0);
    expect(
      lines(err)
        .map(({ code, argument }) => [code, argument])
        .sort(),
    ).toEqual([
      ['forbidden', undefined],
      ['invalid_argument', 'expires_at'],
    ]);
  });

  test('`export approve`: the id is the user of the operating system, which no flag changes', async () => {
    const policies = await policyFolder({
      admin: `rules:
  - { id: admin-lists, action: list, subject: User, reason: r }
  - { id: admin-approves, action: [read, approve], subject: Export, reason: r }
  - { id: admin-exports, action: [read, export], subject: Memory, requires_approval: { over_users: 1 }, reason: r }
`,
    });
    const as = [...ADMIN, '--policies', policies];
    const out = fresh();
    const asked = await run('export', 'run', '--all-users', '--out', out, ...as, '--json');
    expect([asked.exit, json(asked.err)]).toMatchObject([3, { code: 'approval_required' }]);
    const id = String((json(asked.err)['detail'] as { id: string }).id);
    expect((await run('export', 'show', id, ...as)).out).toMatch(/all users, as ndjson/);
    expect(json((await run('export', 'approve', id, ...as, '--json')).err)).toMatchObject({ code: 'own_approval' });
    for (const verb of [
      ['approve', id],
      ['run', '--all-users', '--out', out],
    ])
      expect((await run('export', ...verb, ...as, '--principal', 'somebody-else')).exit).toBe(2);
    const user = process.env['USER'];
    process.env['USER'] = process.env['LOGNAME'] = 'somebody-else';
    try {
      expect((await run('export', 'approve', id, ...as)).exit).toBe(3);
    } finally {
      process.env['USER'] = user;
    }
    const warden = await createWarden({ store: { kind: 'embedded', path: env.MEMWARDEN_DATA }, policies });
    await warden.exportApprovals.approve({ id: 'officer', role: 'admin' }, id);
    await warden.close();
    expect((await run('export', 'run', '--all-users', '--out', out, '--approval', id, ...as)).exit).toBe(0);
  });

  test('G23: an export under another name is not called valid beside a manifest that names its own', async () => {
    const out = fresh();
    await run('export', 'run', '--all-users', '--out', out, ...ADMIN);
    const other = fresh();
    writeFileSync(other, 'forged\n');
    copyFileSync(`${out}.manifest.json`, `${other}.manifest.json`);
    for (const file of [other, `${other}.manifest.json`]) {
      const told = await run('export', 'verify', file, '--keys', keys, '--json');
      expect([told.exit, json(told.err)]).toMatchObject([2, { code: 'manifest_invalid' }]);
    }
    expect((await run('export', 'verify', out, '--keys', keys)).exit).toBe(0);
  });

  test('`export run` of a name that nobody has warns, and says nothing of who there is to a role that may not list users', async () => {
    const known = ['--user', 'alice', '--level', 'sensitive'];
    for (const [flags, warned] of [
      [['--user', 'nosuchuser'], true],
      [['--user', 'alice', '--user', 'nosuchuser'], true],
      [known, false],
      [['--all-users'], false],
    ] as const) {
      const { exit, err } = await run('export', 'run', ...flags, '--out', fresh(), ...ADMIN);
      expect([exit, err]).toEqual([0, warned ? expect.stringMatching(/^warning: .*on record: nosuchuser;/) : '']);
    }
    const policies = await policyFolder({
      clerk: 'rules:\n  - { id: clerk-exports, action: [read, export], subject: Memory, reason: r }\n',
    });
    for (const flags of [['--user', 'nosuchuser'], known]) {
      const { exit, err } = await run(
        'export',
        'run',
        ...flags,
        '--out',
        fresh(),
        '--as',
        'clerk',
        '--policies',
        policies,
      );
      expect([exit, err]).toEqual([0, '']);
    }
    const { err } = await run('export', 'run', '--user', 'nosuchuser', '--out', fresh(), ...ADMIN, '--json');
    expect(json(err)).toMatchObject({ code: 'not_found', warning: expect.stringContaining('nosuchuser') });
  });

  test('`export` refuses wrong usage', async () => {
    const out = fresh();
    for (const flags of [
      [],
      ['--user', 'a', '--all-users'],
      ['--user', 'a', '--format', 'xml'],
      ['--user', 'a', '--user', 'b', '--format', 'zip'],
      ['--users-from', join(folder, 'none')],
      ['--user', 'a', '--approval', 'x'],
    ])
      expect((await run('export', 'run', ...flags, '--out', out, ...ADMIN)).exit).toBe(2);
    expect((await run('export', 'run', '--user', 'alice', '--out', out, '--as', 'agent')).exit).toBe(3);
    expect((await run('export', 'verify', out, '--keys', keys)).exit).toBe(2);
    const ids = fresh('txt');
    writeFileSync(ids, 'alice\r\nbob\n');
    expect(json((await run('export', 'run', '--users-from', ids, '--out', out, ...ADMIN, '--json')).out)).toMatchObject(
      { users: 2 },
    );
  });
});

describeWithPython('tools/verify-export.py', () => {
  test('G23: the manifest verifies with a second implementation, which finds every file that was changed', async () => {
    const out = fresh();
    await run('export', 'run', '--all-users', '--out', out, ...ADMIN, '--purpose', 'Zugriff: "ü" \u{1f600}');
    const manifest = `${out}.manifest.json`;
    expect(pythonExportVerdict(manifest, keys)).toMatchObject({ ok: true, memories: 2 * HOSTILE.length + 1 });
    for (const file of [out, `${out}.users.ndjson`, manifest]) {
      const bytes = readFileSync(file);
      for (const at of [bytes.indexOf('alice'), bytes.indexOf('"'), bytes.lastIndexOf('}') - 5].filter(
        (one) => one >= 0,
      )) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1;
        writeFileSync(file, changed);
        expect([file, at, pythonExportVerdict(manifest, keys)]).toMatchObject([file, at, { ok: false }]);
      }
      writeFileSync(file, bytes);
    }
    expect(pythonExportVerdict(manifest, keys)).toMatchObject({ ok: true });
    const renamed = `${fresh()}.manifest.json`;
    copyFileSync(manifest, renamed);
    expect(pythonExportVerdict(renamed, keys)).toMatchObject({ ok: false });
  });
});

// Newest first: what was said at the same time is ordered by ids, which are made anew.
function withoutMade(out: string): unknown[] {
  const text = readFileSync(out, 'utf8');
  const rows = text.startsWith('{"format"') ? (json(text)['memories'] as Record<string, unknown>[]) : lines(text);
  return rows.map(({ id: _, created_at: __, updated_at: ___, ...row }) => JSON.stringify(row)).sort();
}
