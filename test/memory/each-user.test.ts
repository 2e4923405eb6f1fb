import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { Pacer } from '../../src/memory/each-user/pacer.js';
import { Pages } from '../../src/memory/each-user/pages.js';
import { ADMIN, agentOf, describeOnEachStore, EXPORT, handClock, outcome, policyFolder } from '../support/warden.js';
import type { Warden } from '../../src/warden.js';

const names = (count: number) => Array.from({ length: count }, (_, n) => `user-${String(n).padStart(3, '0')}`);
const fill = async (warden: Warden, users: readonly string[]) => {
  await Promise.all(users.map((user) => warden.scope(ADMIN, user).add(`of ${user}`, { level: 'public' })));
};
const DAY = 86_400_000;

describeOnEachStore('An act over all users', (open) => {
  test('is done once to each user that the principal may list, through a scope of that user', async () => {
    const { warden } = await open();
    await fill(warden, names(30));
    const seen: string[] = [];
    const progress: number[] = [];
    const result = await warden.forEachUser(
      EXPORT,
      { concurrency: 7, onProgress: ({ users }) => progress.push(users) },
      async (scope, userId) => {
        expect(await scope.count()).toBe(1);
        seen.push(userId);
      },
    );
    expect(seen.sort()).toEqual(names(30));
    expect(progress).toEqual(names(30).map((_, n) => n + 1));
    expect(result).toEqual({ complete: true, finishedBefore: false, users: 30, failed: 0, failures: [] });
  });

  test('S16: reaches nobody for a principal that may list nobody, and those alone that a rule lets it list', async () => {
    const rules = `rules:
  - id: some
    action: list
    subject: User
    conditions: { user_id: { $in: [user-001, user-003] } }
    reason: Some.
`;
    const { warden } = await open({ policies: await policyFolder({ some: rules }) });
    await fill(warden, names(5));
    const seen: string[] = [];
    const act = (_: unknown, userId: string) => Promise.resolve(void seen.push(userId));
    expect(await outcome(() => warden.forEachUser(agentOf('user-001'), {}, act))).toBe('forbidden');
    expect(seen).toEqual([]);
    await warden.forEachUser({ id: 'one', role: 'some' }, {}, act);
    expect(seen.sort()).toEqual(['user-001', 'user-003']);
  });

  test('S24: is one act of the audit log, with an intent and a result that counts the users', async () => {
    const { warden } = await open();
    await fill(warden, names(4));
    await warden.forEachUser(ADMIN, {}, () => Promise.resolve());
    await warden.forEachUser(ADMIN, {}, () => Promise.reject(new MemwardenError('closed'))).catch(() => 0);
    const log = (await warden.audit(ADMIN).query()).filter(({ act }) => act === 'users.each');
    expect(log.map(({ phase, outcome: end, count }) => [phase, end, count])).toEqual([
      ['intent', 'allowed', 0],
      ['result', 'allowed', 4],
      ['intent', 'allowed', 0],
      ['result', 'failed', 0],
    ]);
    expect(log[1]).toMatchObject({ intent: log[0]?.id });
  });

  test('S26, G21: sets aside whom it fails on, and keeps no id of a user: not of one that was erased either', async () => {
    const { warden, driver } = await open({ acts: { wait: () => Promise.resolve() } });
    await fill(warden, names(40));
    const stop = new AbortController();
    let done = 0;
    const act = (_: unknown, userId: string) => {
      if ((done += 1) === 20) stop.abort();
      if (userId === 'user-001') return Promise.reject(new MemwardenError('conflict'));
      return userId === 'user-002' ? Promise.reject(new Error('of somebody else')) : Promise.resolve();
    };
    const first = await warden.forEachUser(ADMIN, { job: 'all', concurrency: 2, signal: stop.signal }, act);
    expect(first).toMatchObject({ complete: false, failed: 2 });
    expect(first.failures).toEqual([
      { userId: 'user-001', pseudonym: expect.any(String), code: 'conflict' },
      { userId: 'user-002', pseudonym: expect.any(String), code: 'failed' },
    ]);
    const kept = async () => JSON.stringify(await driver.values.list('user_jobs', 10));
    expect(await kept()).toContain(first.failures[0]?.pseudonym);
    expect(await kept()).not.toMatch(/user-0/);
    await warden.keys.erase(ADMIN, 'user-001');
    const rest = await warden.forEachUser(ADMIN, { job: 'all' }, () => Promise.resolve());
    expect(rest).toMatchObject({ complete: true, failed: 2 });
    expect(rest.failures.map(({ userId, code }) => [userId, code])).toEqual([
      [undefined, 'conflict'],
      [undefined, 'failed'],
    ]);
    expect(await kept()).not.toMatch(/user-0/);
  });

  test('ends at once with an error that says nothing of the user, and the same call goes on', async () => {
    const { warden } = await open();
    await fill(warden, names(30));
    const done = new Set<string>();
    let calls = 0;
    const act = (_: unknown, userId: string) => {
      if ((calls += 1) === 25) return Promise.reject(new MemwardenError('store_unavailable'));
      return Promise.resolve(void done.add(userId));
    };
    expect(await outcome(() => warden.forEachUser(ADMIN, { job: 'a', concurrency: 1 }, act))).toBe('store_unavailable');
    expect(calls).toBe(25);
    const result = await warden.forEachUser(ADMIN, { job: 'a', concurrency: 1 }, act);
    expect(result).toMatchObject({ complete: true, users: 30, failed: 0 });
    expect([...done].sort()).toEqual(names(30));
    // Pages of 4, 8 and 16 were done or under way: of the last, 13 were done again.
    expect(calls).toBeLessThan(25 + 30);
  });

  test('S12: goes on after three days, in another process too, for the same principal alone', async () => {
    const clock = handClock();
    const { warden, again } = await open({ clock });
    await fill(warden, names(30));
    const stop = new AbortController();
    let first = 0;
    const half = () => Promise.resolve(void ((first += 1) === 20 && stop.abort()));
    await warden.forEachUser(ADMIN, { job: 'slow', concurrency: 1, signal: stop.signal }, half);
    clock.forward(3 * DAY);
    const other = await again({ clock });
    const seen: string[] = [];
    const act = (_: unknown, userId: string) => Promise.resolve(void seen.push(userId));
    const result = await other.forEachUser(ADMIN, { job: 'slow' }, act);
    expect(result).toMatchObject({ complete: true, finishedBefore: false, users: 30 });
    expect(seen.length).toBeLessThan(30);
    expect(await other.forEachUser(ADMIN, { job: 'slow' }, act)).toMatchObject({ finishedBefore: true, users: 30 });
    const count = seen.length;
    await other.forEachUser({ ...ADMIN, id: 'another' }, { job: 'slow' }, act);
    expect(seen).toHaveLength(count + 30);
    await other.forEachUser(ADMIN, { job: 'slow', restart: true }, act);
    expect(seen).toHaveLength(count + 60);
  });

  test('a run that another takes the job from ends with job_taken, and no user is skipped', async () => {
    const { warden, again } = await open();
    await fill(warden, names(60));
    const other = await again();
    const seen = new Set<string>();
    let taking: Promise<unknown> | undefined;
    const slow = async (_: unknown, userId: string) => {
      if (seen.add(userId).size === 5) {
        taking = other.forEachUser(ADMIN, { job: 'one' }, (__, id) => Promise.resolve(void seen.add(id)));
        await taking;
      }
    };
    expect(await outcome(() => warden.forEachUser(ADMIN, { job: 'one', concurrency: 1 }, slow))).toBe('job_taken');
    expect(await taking).toMatchObject({ complete: true });
    expect([...seen].sort()).toEqual(names(60));
  });

  test('G3: options that are not what they should be are refused, and nothing runs after close', async () => {
    const { warden } = await open();
    const act = () => Promise.resolve();
    const wrong = [{ concurrency: 0 }, { concurrency: 1.5 }, { perSecond: 0 }, { job: '' }, { restart: true }];
    for (const options of [...wrong, { other: 1 }, { signal: {} }, { onProgress: 1 }])
      expect(await outcome(() => warden.forEachUser(ADMIN, options as object, act))).toBe('invalid_argument');
    expect(await outcome(() => warden.forEachUser({ id: '', role: 'x' }, {}, act))).toBe('invalid_principal');
    await warden.close();
    expect(await outcome(() => warden.forEachUser(ADMIN, {}, act))).toBe('closed');
  });
});

describe('The pace', () => {
  test('is even, and a pause saves up no turns', async () => {
    let at = 0;
    const time = { now: () => at, wait: (ms: number) => Promise.resolve(void (at += ms)) };
    const pacer = new Pacer(100, time);
    const begun: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      await pacer.turn();
      begun.push(at);
    }
    expect(begun).toEqual([0, 10, 20, 30, 40]);
    at = 1_000;
    for (let n = 0; n < 3; n += 1) {
      await pacer.turn();
      begun.push(at);
    }
    expect(begun.slice(5)).toEqual([1_000, 1_010, 1_020]);
  });
});

describe('Pages of users', () => {
  test('whatever ends in whatever order: what is kept never passes a user who is not done, and all are done', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat(1_000)),
        async (total, concurrency, picks) => {
          const users = names(total);
          let time = 0;
          const list = (limit: number, cursor: string | undefined) => {
            const from = cursor === undefined ? 0 : Number(cursor);
            const page = users.slice(from, from + limit).map((userId) => ({ userId }));
            const end = from + page.length;
            return Promise.resolve(end < total ? { users: page, cursor: String(end) } : { users: page });
          };
          const begun = { users: 0, failed: 0, failures: [], finished: false };
          const pages = new Pages(begun, concurrency, list, () => (time += 700));
          const done = new Set<string>();
          const open: { userId: string; end: () => void }[] = [];
          let most = 0;
          let ended = false;
          const next = async () => {
            const turn = await pages.next();
            if (turn) open.push(turn);
            else ended = true;
          };
          const waiting = Array.from({ length: concurrency }, next);
          await new Promise((resolve) => setImmediate(resolve));
          while (open.length > 0) {
            const [turn] = open.splice((picks.next().value as number) % open.length, 1);
            turn?.end();
            done.add(turn?.userId ?? '');
            const kept = Number(pages.state.cursor ?? 0);
            if (!users.slice(0, kept).every((user) => done.has(user))) throw new Error('a user was passed');
            if (!ended) waiting.push(next());
            await new Promise((resolve) => setImmediate(resolve));
            most = Math.max(most, open.length);
          }
          await Promise.all(waiting);
          expect(done.size).toBe(total);
          expect(pages.state).toMatchObject({ finished: true, users: total });
          expect(most).toBeLessThanOrEqual(concurrency);
        },
      ),
      { numRuns: 40, verbose: 1 },
    );
  });
});
