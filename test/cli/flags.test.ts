import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { admin, agent, cli, inFolder, json, lines, storeIn } from './in-process.js';

const error = (text: string) => json(text)['code'];

async function withAlice(work: (data: string[]) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const data = ['--data', join(folder, 'data'), '--json'];
    for (const user of ['alice', 'bob'])
      expect((await cli(['add', `of ${user}`, ...agent(user), ...data])).exit).toBe(0);
    await work(data);
  });
}

describe('who asks for whose memories', () => {
  test('an agent without --on-behalf-of is forbidden: --user does not stand in for it', () =>
    withAlice(async (data) => {
      for (const command of [
        ['list'],
        ['count'],
        ['get', 'x'],
        ['add', 'text'],
        ['delete', '--all'],
        ['history', 'x'],
      ]) {
        const { exit, out, err } = await cli([...command, '--user', 'alice', '--as', 'agent', ...data]);
        expect([command[0], exit, out, error(err)]).toEqual([command[0], 3, '', 'forbidden']);
      }
    }));

  test('--principal does not stand in for --on-behalf-of either', () =>
    withAlice(async (data) => {
      const { exit } = await cli(['list', '--user', 'alice', '--as', 'agent', '--principal', 'alice', ...data]);
      expect(exit).toBe(3);
    }));

  test('--on-behalf-of does not stand in for --user', () =>
    withAlice(async (data) => {
      const { exit, err } = await cli(['list', '--as', 'agent', '--on-behalf-of', 'alice', ...data]);
      expect([exit, json(err)['detail']]).toEqual([2, { argument: '--user', reason: 'missing option' }]);
    }));

  test('a missing role is an error, not a default', () =>
    withAlice(async (data) => {
      for (const command of [['list', '--user', 'alice'], ['users'], ['import', 'x', '--user', 'alice']]) {
        const { exit, err } = await cli([...command, ...data]);
        expect([exit, json(err)['detail']]).toEqual([2, { argument: '--as', reason: 'missing option' }]);
      }
    }));

  test("an agent for bob reaches nothing of alice's", () =>
    withAlice(async (data) => {
      expect((await cli(['list', '--user', 'alice', '--as', 'agent', '--on-behalf-of', 'bob', ...data])).exit).toBe(3);
      expect(lines((await cli(['list', ...agent('bob'), ...data])).out)).toMatchObject([{ content: 'of bob' }]);
    }));

  test.each(['--user', '--as', '--on-behalf-of', '--principal', '--purpose', '--data', '--keyword', '--limit'])(
    '%s given twice is an error, so that nobody has to guess which one counts',
    (flag) =>
      withAlice(async (data) => {
        const { exit, err } = await cli(['list', ...agent('alice'), ...data, flag, '1', flag, '2']);
        expect([exit, json(err)['detail']]).toEqual([2, { argument: flag, reason: 'given twice' }]);
      }),
  );

  test('an attribute is text unless := says otherwise, and none is given twice', () =>
    withAlice(async (data) => {
      const list = (...flags: string[]) => cli(['list', ...agent('alice'), ...data, ...flags]);
      expect((await list('--attribute', 'team=red', '--attribute', 'grade:=3')).exit).toBe(0);
      for (const bad of ['team', '=red', 'team:={}', 'team:=null', 'team:=[1]', 'team:=red', 'team=']) {
        expect([bad, (await list('--attribute', bad)).exit]).toEqual([bad, 2]);
      }
      expect((await list('--attribute', 'a=1', '--attribute', 'a=2')).exit).toBe(2);
    }));
});

describe('where memories lie', () => {
  test('the folder is that of --data, else of MEMWARDEN_DATA', () =>
    inFolder(async (folder) => {
      const [one, two] = [join(folder, 'one'), join(folder, 'two')];
      await cli(['add', 'x', ...agent('alice'), '--data', one], { env: { MEMWARDEN_DATA: two } });
      expect([existsSync(one), existsSync(two)]).toEqual([true, false]);
      await cli(['add', 'x', ...agent('alice')], { env: { MEMWARDEN_DATA: two } });
      expect(existsSync(two)).toBe(true);
    }));

  test('MONGODB_URI comes before MEMWARDEN_DATA, and --data before both', () =>
    inFolder(async (folder) => {
      const env = { MONGODB_URI: 'no address', MEMWARDEN_DATA: join(folder, 'env') };
      expect(error((await cli(['count', ...admin('alice'), '--json'], { env })).err)).toBe('config_invalid');
      await storeIn(join(folder, 'flag'));
      expect((await cli(['count', ...admin('alice'), '--data', join(folder, 'flag')], { env })).exit).toBe(0);
    }));

  test('--data and --mongodb-uri together are an error', async () => {
    const { exit, err } = await cli([
      'count',
      ...admin('alice'),
      '--data',
      'x',
      '--mongodb-uri',
      'mongodb://h',
      '--json',
    ]);
    expect([exit, error(err)]).toEqual([2, 'invalid_argument']);
  });
});

describe('what is no command', () => {
  const secret = 'secret-of-alice';
  test.each([
    ['an unknown command', [secret]],
    ['an unknown option', ['list', ...admin('alice'), `--${secret}`]],
    ['too many arguments', ['get', secret, secret, ...admin('alice')]],
    ['metadata that is not JSON', ['add', 'x', ...admin('alice'), '--metadata', secret]],
    ['a record that is not JSON', ['explain', ...admin('alice'), '--record', secret]],
    ['a duration', ['add', 'x', ...admin('alice'), '--ttl', secret]],
    ['a number', ['list', ...admin('alice'), '--limit', secret]],
    ['a level', ['add', 'x', ...admin('alice'), '--level', secret]],
    ['a time', ['list', ...admin('alice'), '--from', secret]],
    ['a field to clear', ['update', 'x', ...admin('alice'), '--clear', secret]],
    ['an action', ['explain', 'x', ...admin('alice'), '--action', secret]],
  ])('%s ends with 2 and an error that quotes nothing', async (_name, argv) => {
    await inFolder(async (folder) => {
      await storeIn(join(folder, 'd'));
      for (const flags of [[], ['--json']]) {
        const { exit, out, err } = await cli([...argv, ...flags], { env: { MEMWARDEN_DATA: join(folder, 'd') } });
        expect([exit, out]).toEqual([2, '']);
        expect(err).not.toContain(secret);
        expect(err).toContain('invalid_argument');
      }
    });
  });

  test('no command at all ends with 2 and the help, on stderr', async () => {
    expect(await cli([])).toEqual({ exit: 2, out: '', err: (await cli(['--help'])).out });
  });

  test('an address that is none, and a checkpoint that is not there, are told by their flags', () =>
    inFolder(async (folder) => {
      const uri = await cli(['migrate', '--mongodb-uri', '127.0.0.1:27994']);
      expect([uri.exit, uri.err]).toEqual([2, expect.stringMatching(/--mongodb-uri, reason: it begins with mongodb:/)]);
      expect(uri.err).not.toContain('27994');
      await storeIn(join(folder, 'd'));
      const data = ['--as', 'admin', '--data', join(folder, 'd')];
      const verified = await cli(['audit', 'verify', '--checkpoint', join(folder, 'none'), ...data]);
      expect([verified.exit, verified.err]).toEqual([2, expect.stringMatching(/--checkpoint, reason: no such file/)]);
    }));

  test('--help and --version end with 0', async () => {
    expect(await cli(['--version'])).toMatchObject({ exit: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(await cli(['list', '--help'])).toMatchObject({ exit: 0, out: expect.stringContaining('--on-behalf-of') });
  });
});
