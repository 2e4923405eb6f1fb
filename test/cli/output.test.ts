import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { visible, jsonLine } from '../../src/cli/visible.js';
import { admin, agent, cli, inFolder, json, lines, storeIn } from './in-process.js';

const HOSTILE = 'red \u001b[31m bell \u0007 csi \u009b2J bidi \u202e\u2066 line\r\nsecond\u2028third \u200b \u007f';
// What a terminal obeys.
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\u2028]/;

describe('what a terminal gets', () => {
  test('control and format characters of users are written out in tables, texts and errors', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd')];
      const { out } = await cli([
        'add',
        HOSTILE,
        ...admin('alice'),
        ...data,
        '--speaker',
        HOSTILE,
        '--metadata',
        JSON.stringify({ k: HOSTILE }),
        '--json',
      ]);
      const id = String(json(out)['id']);
      await cli(['update', id, ...admin('alice'), ...data, '--content', `${HOSTILE}!`]);
      for (const command of [['list'], ['get', id], ['history', id]]) {
        const shown = await cli([...command, ...admin('alice'), ...data]);
        expect(shown.exit).toBe(0);
        expect(shown.out).toContain('red \\u{1b}[31m');
        expect(shown.out).not.toMatch(OBEYED);
        const machine = await cli([...command, ...admin('alice'), ...data, '--json']);
        expect(machine.out).not.toMatch(OBEYED);
        expect(machine.out).toContain('\\u001b');
      }
      const failed = await cli(['import', join(folder, `no\u001b[31msuch`), ...admin('alice'), ...data]);
      expect(failed.err).not.toMatch(OBEYED);
    }));

  test('JSON that is written out means the same', () => {
    expect(JSON.parse(jsonLine({ text: HOSTILE, emoji: '😀 \u{e0061}' }))).toEqual({
      text: HOSTILE,
      emoji: '😀 \u{e0061}',
    });
  });

  test('letters of every script, emoji and the joiners stay as they are', () => {
    for (const text of ['Zoë', '北京', 'می‌خواهم', '👩‍💻', '한국어', '🇩🇪']) expect(visible(text)).toBe(text);
  });

  test('what is no terminal gets no colours and no progress bar', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd')];
      await cli(['add', 'x', ...agent('alice'), ...data]);
      const { out, err } = await cli(['list', ...agent('alice'), ...data]);
      expect(out + err).not.toMatch(OBEYED);
    }));
});

describe('--json', () => {
  test('each command answers one value, lists a value a line with the cursor last', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd'), '--json'];
      const added = json(
        (await cli(['add', 'one', ...agent('alice'), ...data, '--level', 'public', '--category', 'food'])).out,
      );
      expect(Object.keys(added).sort()).toEqual([
        'category',
        'content',
        'createdAt',
        'id',
        'level',
        'occurredAt',
        'updatedAt',
        'userId',
        'version',
      ]);
      const id = String(added['id']);
      await cli(['add', 'two', ...agent('alice'), ...data]);
      expect(json((await cli(['get', id, ...agent('alice'), ...data])).out)).toEqual(added);
      expect(json((await cli(['count', ...agent('alice'), ...data])).out)).toEqual({ count: 2 });

      const first = lines((await cli(['list', ...agent('alice'), ...data, '--limit', '1'])).out);
      expect(first).toEqual([expect.objectContaining({ content: 'two' }), { cursor: expect.any(String) }]);
      const rest = lines(
        (await cli(['list', ...agent('alice'), ...data, '--limit', '1', '--cursor', String(first[1]?.['cursor'])])).out,
      );
      expect(rest).toEqual([added]);
      expect(lines((await cli(['list', ...agent('alice'), ...data, '--all'])).out)).toHaveLength(2);
      expect(lines((await cli(['list', ...agent('alice'), ...data, '--category', 'food'])).out)).toEqual([added]);

      const updated = json(
        (await cli(['update', id, ...agent('alice'), ...data, '--content', 'uno', '--if-version', '1'])).out,
      );
      expect(updated).toMatchObject({ id, content: 'uno', version: 2 });
      expect(lines((await cli(['history', id, ...agent('alice'), ...data])).out)).toMatchObject([
        { n: 1, event: 'create' },
        { n: 2, event: 'update' },
      ]);
      expect(json((await cli(['explain', id, ...agent('alice'), ...data])).out)).toMatchObject({
        allowed: true,
        action: 'read',
        rule: { id: 'agent-own-memories' },
      });
      expect(lines((await cli(['users', '--as', 'export', ...data])).out)).toEqual([
        { userId: 'alice', createdAt: expect.any(String) },
      ]);
      expect(json((await cli(['delete', id, ...agent('alice'), ...data])).out)).toEqual({ deleted: 1 });
      expect(json((await cli(['delete', ...agent('alice'), ...data, '--keyword', 'TWO'])).out)).toEqual({ deleted: 1 });
      expect(json((await cli(['delete', ...agent('alice'), ...data, '--all'])).out)).toEqual({ deleted: 0 });
      expect(json((await cli(['purge', ...data])).out)).toEqual({ deleted: 0, partitions: 0, repaired: 0 });
      expect(json((await cli(['migrate', ...data])).out)).toEqual({ migrated: true });
      expect(json((await cli(['doctor', ...data])).out)).toMatchObject({ healthy: true, findings: expect.any(Array) });
    }));

  test('an error is one value on stderr, and nothing is on stdout', () =>
    inFolder(async (folder) => {
      await storeIn(join(folder, 'd'));
      const { exit, out, err } = await cli(['get', 'x', ...admin('alice'), '--data', join(folder, 'd'), '--json']);
      expect([exit, out]).toEqual([4, '']);
      expect(Object.keys(json(err)).sort()).toEqual(['code', 'message', 'remedy']);
    }));

  test('a memory above what the role may read answers with id, owner and level alone', () =>
    inFolder(async (folder) => {
      const { out } = await cli([
        'add',
        'secret',
        ...agent('alice'),
        '--level',
        'sensitive',
        '--data',
        join(folder, 'd'),
        '--json',
      ]);
      expect(Object.keys(json(out)).sort()).toEqual(['id', 'level', 'userId']);
    }));
});

describe('explain and users', () => {
  test('a record that is handed in is explained as a new memory would be, its date texts taken for dates', () =>
    inFolder(async (folder) => {
      await storeIn(join(folder, 'd'));
      const ask = async (record: object, ...flags: string[]) =>
        json(
          (
            await cli([
              'explain',
              ...agent('alice'),
              '--data',
              join(folder, 'd'),
              '--record',
              JSON.stringify(record),
              ...flags,
              '--json',
            ])
          ).out,
        );
      expect(await ask({ sensitivity: 'public' })).toMatchObject({ allowed: true, rule: { id: 'agent-own-memories' } });
      expect(await ask({ sensitivity: 'sensitive' })).toMatchObject({ allowed: false });
      expect(await ask({ sensitivity: 'sensitive' }, '--action', 'create')).toMatchObject({ allowed: true });
      expect(await ask({ user_id: 'bob' })).toMatchObject({ allowed: false, refusedBy: 'partition' });
      expect(await ask({ expires_at: '2020-01-01T00:00:00Z' })).toMatchObject({ allowed: false, refusedBy: 'expired' });
      expect(await ask({ sensitivity: 'Public' })).toMatchObject({ allowed: false, refusedBy: 'well_formed' });
    }));

  test('users are listed by page to roles that may, and to no other', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd')];
      for (const user of ['carol', 'alice', 'bob']) await cli(['add', 'x', ...agent(user), ...data]);
      const first = lines((await cli(['users', '--as', 'admin', '--limit', '2', ...data, '--json'])).out);
      expect(first.map((row) => row['userId'])).toEqual(['alice', 'bob', undefined]);
      const cursor = String(first[2]?.['cursor']);
      expect(
        lines((await cli(['users', '--as', 'admin', '--limit', '2', '--cursor', cursor, ...data, '--json'])).out),
      ).toMatchObject([{ userId: 'carol' }]);
      expect((await cli(['users', '--as', 'agent', '--on-behalf-of', 'alice', ...data])).exit).toBe(3);
      expect((await cli(['users', '--as', 'admin', ...data])).out).toContain('carol');
    }));

  test('text from stdin is content', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd'), '--json'];
      expect(json((await cli(['add', '-', ...agent('alice'), ...data], { stdin: 'from stdin\n' })).out)).toMatchObject({
        content: 'from stdin',
      });
    }));

  test('what is cleared is gone, and a field is not cleared and set at once', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd'), '--json'];
      const id = String(
        json((await cli(['add', 'x', ...agent('alice'), ...data, '--speaker', 'Al', '--agent-id', 'bot'])).out)['id'],
      );
      const cleared = json((await cli(['update', id, ...agent('alice'), ...data, '--clear', 'speaker'])).out);
      expect([cleared['speaker'], cleared['agentId']]).toEqual([undefined, 'bot']);
      expect(
        (await cli(['update', id, ...agent('alice'), ...data, '--clear', 'agent-id', '--agent-id', 'x'])).exit,
      ).toBe(2);
    }));
});
