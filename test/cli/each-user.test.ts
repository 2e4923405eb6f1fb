import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { admin, cli, inFolder, json, lines } from './in-process.js';

const inStore = (work: (flags: string[]) => Promise<void>) =>
  inFolder(async (folder) => {
    const flags = ['--data', join(folder, 'data'), '--json'];
    for (const user of ['alice', 'bob', 'carol'])
      for (const [content, level] of [
        ['my password is hunter2secret', 'public'],
        ['likes tea', 'public'],
      ] as const)
        await cli(['add', content, ...admin(user), '--level', level, ...flags]);
    await work(flags);
  });

describe('each-user', () => {
  test('counts, by a filter too, once under a job', () =>
    inStore(async (flags) => {
      const counted = await cli(['each-user', 'count', '--as', 'admin', '--job', 'nightly', ...flags]);
      expect([counted.exit, json(counted.out)]).toMatchObject([
        0,
        { act: 'count', memories: 6, users: 3, failed: 0, complete: true, finishedBefore: false },
      ]);
      const again = ['each-user', 'count', '--as', 'admin', '--job', 'nightly'];
      expect(json((await cli([...again, ...flags])).out)).toMatchObject({ memories: 0, finishedBefore: true });
      expect(json((await cli([...again, '--restart', ...flags])).out)).toMatchObject({ memories: 6 });
      expect(json((await cli([...again, '--keyword', 'tea', ...flags])).out)).toMatchObject({ memories: 3 });
      const plain = await cli([...again, '--per-second', '1000', '--concurrency', '2', ...flags.slice(0, 2)]);
      expect(plain.out).toBe('the job had finished: 3 users, 0 set aside; --restart begins it anew\n');
    }));

  test('deletes what a filter selects, or with --all everything, of everybody', () =>
    inStore(async (flags) => {
      const some = await cli(['each-user', 'delete', '--as', 'admin', '--keyword', 'tea', ...flags]);
      expect(json(some.out)).toMatchObject({ memories: 3, users: 3 });
      expect(lines((await cli(['list', ...admin('bob'), ...flags])).out)).toHaveLength(1);
      expect(json((await cli(['each-user', 'delete', '--as', 'admin', '--all', ...flags])).out)['memories']).toBe(3);
    }));

  test('classifies what is stored, and tells users whom it fails on with exit code 8', () =>
    inStore(async (flags) => {
      const done = await cli(['each-user', 'classify', '--as', 'admin', ...flags]);
      expect([done.exit, json(done.out)['users']]).toEqual([0, 3]);
      // It may list users and read, and delete nothing.
      const refused = await cli(['each-user', 'delete', '--as', 'export', '--all', ...flags]);
      expect([refused.exit, json(refused.out)]).toMatchObject([8, { users: 0, failed: 3 }]);
      expect(json(refused.out)['failures']).toContainEqual(
        expect.objectContaining({ userId: 'alice', code: 'forbidden' }),
      );
    }));

  test('G3: refuses what makes no sense, before the store is opened', async () => {
    const wrong: [string[], string][] = [
      [['erase'], 'act'],
      [['delete'], '--all'],
      [['delete', '--all', '--keyword', 'x'], '--all'],
      [['count', '--all'], '--all'],
      [['classify', '--keyword', 'x'], 'act'],
      [['count', '--restart'], '--restart'],
    ];
    for (const [given, argument] of wrong) {
      const { exit, err } = await cli(['each-user', ...given, '--as', 'admin', '--json', '--data', '/nowhere/at/all']);
      expect([exit, json(err)]).toMatchObject([2, { code: 'invalid_argument', detail: { argument } }]);
    }
  });

  test('migrate --roles is for MongoDB, and its flags for --roles', async () => {
    for (const given of [['--roles'], ['--passwords', 'x'], ['--passwords-out', 'x']]) {
      const { exit, err } = await cli(['migrate', ...given, '--json', '--data', '/nowhere/at/all']);
      expect([exit, json(err)]).toMatchObject([2, { code: 'invalid_argument', detail: { argument: given[0] } }]);
    }
  });
});
