import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inSetting, line } from './import-setting.js';
import { admin, cli, json, lines } from './in-process.js';

describe('import of lines', () => {
  test('each line becomes a memory of its user, with everything that it says', () =>
    inSetting(async ({ data, write, import: run }) => {
      const said = {
        content: 'likes tea',
        sensitivity: 'public',
        category: 'food',
        agent_id: 'bot',
        app_id: 'desk',
        session_id: 's1',
        occurred_at: '2025-01-02T03:04:05.000Z',
        expires_at: '2999-01-01T00:00:00.000Z',
        metadata: { a: [1, null] },
        speaker: 'Al',
      };
      await write(
        line({ user_id: 'alice', ...said }) + '\n   \r\n' + line({ user_id: 'bob', content: 'last' }).trimEnd(),
      );
      const ran = await run('--users-from-file', '--as', 'admin');
      expect([ran.exit, ran.err, json(ran.out)]).toEqual([
        0,
        '',
        { imported: 2, importedBefore: 0, rejected: 0, complete: true },
      ]);
      const [memory] = lines((await cli(['list', ...admin('alice'), ...data])).out);
      expect(memory).toMatchObject({
        userId: 'alice',
        content: 'likes tea',
        level: 'public',
        category: 'food',
        agentId: 'bot',
        appId: 'desk',
        sessionId: 's1',
        occurredAt: said.occurred_at,
        expiresAt: said.expires_at,
        metadata: said.metadata,
        speaker: 'Al',
      });
      const [other] = lines((await cli(['list', ...admin('bob'), ...data])).out);
      expect(other).toMatchObject({ content: 'last', level: 'private', category: 'general' });
    }));

  test('bad lines are reported by number without a word of them, and set aside as they stand', () =>
    inSetting(async ({ file, write, import: run, contents }) => {
      const secret = 'secret-of-alice';
      const bad = [
        `{"content": "${secret}`,
        JSON.stringify({ content: secret, owner: 'x' }),
        JSON.stringify({ content: secret, id: '0190b6a0-1234-7000-8000-000000000000' }),
        JSON.stringify({ content: secret, user_id: 'bob' }),
        JSON.stringify({ content: secret, sensitivity: 'Public' }),
        JSON.stringify({ content: secret, occurred_at: secret }),
        JSON.stringify({ content: secret, expires_at: '2020-01-01T00:00:00Z' }),
        JSON.stringify([secret]),
        'null',
        JSON.stringify({ content: { $ne: secret } }),
        `{"content":"${secret}","__proto__":{"sensitivity":"public"}}`,
        JSON.stringify({ content: 'x'.repeat(65_537) }),
        JSON.stringify({ content: secret, metadata: { x: 'x'.repeat(16_384) } }),
        JSON.stringify({ content: `${secret}${'x'.repeat(3_000_000)}` }),
        `{"content":"${secret}\\ud800"}`,
      ];
      const notUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d, 0x0a]);
      await write(
        Buffer.concat([
          Buffer.from(line({ content: 'first' }) + bad.map((one) => `${one}\n`).join('')),
          notUtf8,
          Buffer.from(line({ content: 'last' })),
        ]),
      );
      const ran = await run('--user', 'alice', '--as', 'admin');
      expect(ran.exit).toBe(8);
      expect(json(ran.out)).toEqual({
        imported: 2,
        importedBefore: 0,
        rejected: 16,
        complete: true,
        rejectedFile: `${file}.rejected.ndjson`,
      });
      expect(lines(ran.err).map((one) => [one['line'], one['code'], one['argument']])).toEqual([
        [2, 'invalid_argument', 'not JSON'],
        [3, 'invalid_argument', 'unknown key'],
        [4, 'invalid_argument', 'unknown key'],
        [5, 'invalid_owner', 'user_id'],
        [6, 'invalid_argument', 'sensitivity'],
        [7, 'invalid_argument', 'occurred_at'],
        [8, 'invalid_argument', 'expires_at'],
        [9, 'invalid_argument', 'not an object'],
        [10, 'invalid_argument', 'not an object'],
        [11, 'invalid_argument', 'content'],
        [12, 'invalid_argument', 'unknown key'],
        [13, 'content_too_large', undefined],
        [14, 'metadata_too_large', undefined],
        [15, 'invalid_argument', 'too long'],
        [16, 'invalid_argument', 'content'],
        [17, 'invalid_argument', 'not UTF-8'],
      ]);
      expect(ran.err + ran.out).not.toContain(secret);
      expect(await readFile(`${file}.rejected.ndjson`)).toEqual(
        Buffer.concat([Buffer.from(bad.map((one) => `${one}\n`).join('')), notUtf8]),
      );
      expect(await contents('alice')).toEqual(['last', 'first']);
      expect((await stat(`${file}.rejected.ndjson`)).mode & 0o077).toBe(0);
      expect((await stat(`${file}.import-state.json`)).mode & 0o077).toBe(0);
    }));

  test('people read the numbers of bad lines, and where they are', () =>
    inSetting(async ({ file, write, data }) => {
      await write('nonsense\n');
      const { exit, out, err } = await cli(['import', file, ...admin('alice'), ...data.slice(0, 2)]);
      expect([exit, err]).toEqual([8, 'line 1: invalid_argument (not JSON)\n']);
      expect(out).toBe(`imported 0, rejected 1; set aside in ${file}.rejected.ndjson\n`);
    }));

  test('lines that the policy refuses are set aside, the others of their batch are stored', () =>
    inSetting(async ({ file, write, import: run, contents }) => {
      await write(['alice', 'bob', 'alice', ''].map((user_id, i) => line({ user_id, content: `${i}` })).join(''));
      const ran = await run('--users-from-file', '--as', 'agent', '--on-behalf-of', 'alice');
      expect(ran.exit).toBe(8);
      expect(lines(ran.err)).toEqual([
        { line: 2, code: 'forbidden' },
        { line: 4, code: 'invalid_owner', argument: 'user_id' },
      ]);
      expect(lines(await readFile(`${file}.rejected.ndjson`, 'utf8')).map((one) => one['content'])).toEqual(['1', '3']);
      expect([await contents('alice'), await contents('bob')]).toEqual([['2', '0'], []]);
    }));

  test('of one batch exactly the lines above the maximum level of the role are set aside', () =>
    inSetting(async ({ file, data, write, contents }) => {
      const policies = join(file, '..', 'policies');
      await cli(['doctor', ...data]);
      await mkdir(policies);
      const rules = 'rules:\n  - { id: a, action: [create, read], subject: Memory, reason: r }\n';
      await writeFile(join(policies, 'loader.yaml'), `role: loader\nmaximum_level: private\n${rules}`);
      await writeFile(
        join(policies, 'admin.yaml'),
        `role: admin\nrules:\n  - { id: b, action: read, subject: Memory, reason: r }\n`,
      );
      const levels = ['public', 'sensitive', 'private', 'private', 'sensitive'];
      await write(levels.map((sensitivity, i) => line({ sensitivity, content: `${i}` })).join(''));
      const ran = await cli(['import', file, '--user', 'alice', '--as', 'loader', '--policies', policies, ...data]);
      expect(lines(ran.err).map((one) => [one['line'], one['code']])).toEqual([
        [2, 'forbidden'],
        [5, 'forbidden'],
      ]);
      expect((await contents('alice')).sort()).toEqual(['0', '2', '3']);
    }));

  test('a role that may create nothing for the user is forbidden before a file is touched', () =>
    inSetting(async ({ file, write, import: run }) => {
      await write(line({ content: 'x' }));
      for (const flags of [
        ['--as', 'export'],
        ['--as', 'agent'],
        ['--as', 'agent', '--on-behalf-of', 'bob'],
      ]) {
        expect((await run('--user', 'alice', ...flags)).exit).toBe(3);
      }
      expect(existsSync(`${file}.import-state.json`)).toBe(false);
    }));

  test('whose the lines are is said once: by --user or by the file', () =>
    inSetting(async ({ write, import: run }) => {
      await write(line({ content: 'x', user_id: 'alice' }));
      expect((await run('--as', 'admin')).exit).toBe(2);
      expect((await run('--as', 'admin', '--user', 'alice', '--users-from-file')).exit).toBe(2);
      expect((await run('--as', 'admin', '--user', '')).exit).toBe(2);
    }));
});
