import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { admin, agent, cli, inFolder, json, lines } from './in-process.js';

interface Hostile {
  readonly name: string;
  readonly value: unknown;
  readonly repeat?: number;
  readonly expect?: 'refuse' | 'distinct';
}

const corpus = JSON.parse(readFileSync(new URL('../attack/corpus.json', import.meta.url), 'utf8')) as Record<
  'operators' | 'strings' | 'ids',
  readonly Hostile[]
>;
// A process argument holds no null byte and no lone surrogate; those are the library's suite.
const asFlag = ({ value, repeat = 1 }: Hostile): string =>
  typeof value === 'string' ? value.repeat(repeat) : JSON.stringify(value);
// Each call opens everything anew: a sample here, all of it with MEMWARDEN_TEST_EVERY=1.
const STRIDE = process.env['MEMWARDEN_TEST_EVERY'] === '1' ? 1 : 3;
const every = <T>(all: readonly T[], n: number): T[] => all.filter((_, i) => i % n === 0);

async function withTwoUsers(work: (data: string[]) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const data = ['--data', join(folder, 'd'), '--json'];
    for (const user of ['alice', 'bob']) {
      for (const level of ['public', 'private', 'sensitive']) {
        await cli(['add', `${level} of ${user}`, ...admin(user), '--level', level, ...data]);
      }
    }
    await work(data);
  });
}

describe('hostile flag values', () => {
  test('G2: no id that is no id names a user, a principal, a role or somebody to act for', () =>
    withTwoUsers(async (data) => {
      const refused = corpus.ids.filter((one) => one.expect === 'refuse' && typeof one.value === 'string');
      expect(refused.length).toBeGreaterThan(40);
      for (const one of every(refused, STRIDE)) {
        const id = asFlag(one);
        const command = [
          ['list', '--user', id, '--as', 'admin'],
          ['list', '--user', 'alice', '--as', id],
          ['list', '--user', 'alice', '--as', 'admin', '--principal', id],
          ['list', '--user', 'alice', '--as', 'agent', '--on-behalf-of', id],
        ];
        for (const argv of command) {
          const { exit, out } = await cli([...argv, ...data]);
          expect([one.name, argv.join(' ').slice(0, 40), exit, out]).toEqual([
            one.name,
            argv.join(' ').slice(0, 40),
            2,
            '',
          ]);
        }
      }
    }));

  test(
    'G3: an operator in the place of an id or a word selects nothing that it would in a query',
    () =>
      withTwoUsers(async (data) => {
        const hostile = [...every(corpus.operators, 5 * STRIDE), ...every(corpus.strings, 4 * STRIDE)].filter(
          (one) => asFlag(one).length < 100_000,
        );
        expect(hostile.length).toBeGreaterThan(80 / STRIDE);
        const general = await cli(['list', ...agent('alice'), '--category', 'general', ...data]);
        expect(lines(general.out)).toHaveLength(2);
        for (const one of hostile) {
          const value = asFlag(one);
          for (const flag of ['--category', '--agent-id', '--session-id']) {
            const { exit, out } = await cli(['list', ...agent('alice'), flag, value, ...data]);
            expect([one.name, flag, exit === 0 || exit === 2, lines(out)]).toEqual([one.name, flag, true, []]);
          }
          const level = await cli(['count', ...agent('alice'), '--level', value, ...data]);
          expect([one.name, level.exit, level.out]).toEqual([one.name, 2, '']);
          const user = await cli(['count', '--user', value, '--as', 'agent', '--on-behalf-of', 'alice', ...data]);
          expect([one.name, user.exit === 2 || user.exit === 3, user.out]).toEqual([one.name, true, '']);
          const gone = await cli(['delete', value === '' ? 'x' : value, ...agent('alice'), ...data]);
          expect([one.name, gone.exit === 2 || gone.exit === 4]).toEqual([one.name, true]);
        }
        expect(json((await cli(['count', ...admin('alice'), ...data])).out)).toEqual({ count: 3 });
        expect(json((await cli(['count', ...admin('bob'), ...data])).out)).toEqual({ count: 3 });
      }),
    300_000,
  );

  test(
    'G8: ids that look alike name different users, whatever they hold',
    () =>
      inFolder(async (folder) => {
        const data = ['--data', join(folder, 'd'), '--json'];
        const all = [...new Set(corpus.ids.filter((one) => one.expect === 'distinct').map(asFlag))];
        expect(all.length).toBeGreaterThan(90);
        const names = every(all, STRIDE);
        for (const [i, name] of names.entries()) {
          expect([name, (await cli(['add', `memory ${i}`, ...agent(name), ...data])).exit]).toEqual([name, 0]);
        }
        for (const [i, name] of names.entries()) {
          expect(lines((await cli(['list', ...agent(name), ...data])).out)).toMatchObject([
            { userId: name, content: `memory ${i}` },
          ]);
          const other = names[(i + 1) % names.length] ?? '';
          expect((await cli(['list', '--user', name, '--as', 'agent', '--on-behalf-of', other, ...data])).exit).toBe(3);
        }
      }),
    300_000,
  );

  test('G6: what is denied and what is absent print the same bytes and end the same', () =>
    withTwoUsers(async (data) => {
      const all = lines((await cli(['list', ...admin('alice'), ...data])).out);
      const secret = String(all.find((one) => one['level'] === 'sensitive')?.['id']);
      const ofBob = String(lines((await cli(['list', ...admin('bob'), ...data])).out)[0]?.['id']);
      const absent = '0190b6a0-1234-7000-8000-000000000000';
      const commands = [
        (id: string) => ['get', id],
        (id: string) => ['update', id, '--content', 'x'],
        (id: string) => ['update', id, '--content', 'x', '--if-version', '9'],
        (id: string) => ['delete', id],
        (id: string) => ['history', id],
        (id: string) => ['explain', id],
        (id: string) => ['explain', id, '--action', 'delete'],
      ];
      for (const command of commands) {
        for (const flags of [data, data.filter((flag) => flag !== '--json')]) {
          const missing = await cli([...command(absent), ...agent('alice'), ...flags]);
          expect(missing.exit).toBe(4);
          expect(await cli([...command(secret), ...agent('alice'), ...flags])).toEqual(missing);
          expect(await cli([...command(ofBob), ...agent('alice'), ...flags])).toEqual(missing);
        }
      }
      const forbidden = await cli(['list', '--user', 'bob', '--as', 'agent', '--on-behalf-of', 'alice', ...data]);
      expect(await cli(['list', '--user', 'nobody', '--as', 'agent', '--on-behalf-of', 'alice', ...data])).toEqual(
        forbidden,
      );
      expect(json((await cli(['count', ...admin('alice'), ...data])).out)).toEqual({ count: 3 });
    }));
});
