import { describe, expect, test } from '@jest/globals';
import type { ViewSource } from '../../src/guard/view.js';
import { Views } from '../../src/guard/views.js';
import type { Entry } from '../../src/search/view-index.js';
import type { PlannedStore } from '../../src/store/planned.js';

const ALICE = { tenant: 'default', userId: 'alice' };
const BOB = { tenant: 'default', userId: 'bob' };

/** A store of which only the revision is asked, and a source of its entries; faults are put in between. */
function setting(options: { searchIndexBytes?: number; raises?: number } = {}) {
  const state = {
    revision: 7 as number | undefined,
    entries: [{ id: 'a', content: 'lamp' }] as Entry[],
    walks: 0,
    reads: 0,
    now: new Date(1_000),
    isKept: true,
    epoch: 5 as number | undefined,
    asked: 0,
  };
  const hooks: { during?: (() => void | Promise<void>) | undefined } = {};
  const store = { revision: () => Promise.resolve(state.revision) } as unknown as PlannedStore;
  const keyEpoch = () => ((state.asked += 1), Promise.resolve(state.epoch));
  const views = new Views({ clock: () => state.now, raises: 1, keyEpoch, ...options });
  const source = (partition = ALICE, key = partition.userId): ViewSource => ({
    partition,
    key,
    isKept: state.isKept,
    async *all() {
      state.walks += 1;
      await Promise.resolve();
      yield state.entries;
      await hooks.during?.();
    },
    async some(ids) {
      state.reads += 1;
      await Promise.resolve();
      return state.entries.filter(({ id }) => ids.includes(id));
    },
  });
  const use = (partition = ALICE, key?: string) => views.use(source(partition, key), store);
  return { state, hooks, views, use };
}

describe('the kept views', () => {
  test('S18: a view is built once, and again where the revision is another one, or a write is under way', async () => {
    const { state, views, use } = setting();
    const first = await use();
    expect(await use()).toBe(first);
    expect(state.walks).toBe(1);
    state.revision = 8;
    expect(await use()).not.toBe(first);
    expect(state.walks).toBe(2);
    // Undefined: a write is under way. What is built meanwhile serves one search.
    state.revision = undefined;
    await use();
    await use();
    expect(state.walks).toBe(4);
    state.revision = 8;
    await use();
    expect(state.walks).toBe(4);
    expect(views.statistics.views).toBe(1);
  });

  test('S18: an own write is taken in by its ids; one of another process that hides behind it is not', async () => {
    const { state, views, use } = setting();
    const index = await use();
    state.entries = [...state.entries, { id: 'b', content: 'chair' }];
    state.revision = 8;
    views.landed(ALICE, ['b']);
    expect(await use()).toBe(index);
    expect(index.size).toBe(2);
    expect([state.walks, state.reads]).toEqual([1, 1]);
    // Own one, other one: the revision went up by two, one is known.
    views.landed(ALICE, ['b']);
    state.revision = 10;
    expect(await use()).not.toBe(index);
    expect(state.walks).toBe(2);
  });

  test('an own write that lands while a view is built is in it', async () => {
    const { state, hooks, views, use } = setting();
    hooks.during = () => {
      state.entries = [...state.entries, { id: 'b', content: 'chair' }];
      state.revision = 8;
      views.landed(ALICE, ['b']);
    };
    const index = await use();
    hooks.during = undefined;
    expect(index.size).toBe(2);
    expect(await use()).toBe(index);
    expect(state.walks).toBe(1);
  });

  test('two searches at once build one view', async () => {
    const { state, use } = setting();
    const [one, other] = await Promise.all([use(), use()]);
    expect(one).toBe(other);
    expect(state.walks).toBe(1);
  });

  test('G31: what is dropped is used by no later search, also if it was being built', async () => {
    const { state, hooks, views, use } = setting();
    const [alice, bob] = [await use(), await use(BOB)];
    views.drop(ALICE);
    state.entries = [];
    expect((await use()).size).toBe(0);
    expect(await use()).not.toBe(alice);
    expect(await use(BOB)).toBe(bob);
    views.drop(BOB);
    hooks.during = () => views.drop(BOB);
    await use(BOB);
    hooks.during = undefined;
    const walks = state.walks;
    await use(BOB);
    expect(state.walks).toBe(walks + 1);
    views.clear();
    expect(views.statistics).toMatchObject({ views: 0, bytes: 0 });
  });

  test('a source that fails fails the search, and the next one begins anew', async () => {
    const { hooks, state, use } = setting();
    hooks.during = () => Promise.reject(new Error('store'));
    await expect(use()).rejects.toThrow('store');
    hooks.during = undefined;
    expect((await use()).size).toBe(1);
    expect(state.walks).toBe(2);
  });

  test('the bytes of all views stay below the bound; a view that is larger than it is not kept', async () => {
    const { state, views, use } = setting({ searchIndexBytes: 200_000 });
    state.entries = Array.from({ length: 40 }, (_, i) => ({ id: `m${i}`, content: `lamp ${i} ${'abc'.repeat(i)}` }));
    for (let user = 0; user < 30; user += 1) {
      await use({ tenant: 'default', userId: `u${user}` });
      expect(views.statistics.bytes).toBeLessThanOrEqual(200_000);
    }
    expect(views.statistics.views).toBeGreaterThan(3);
    expect(views.statistics.views).toBeLessThan(30);
    const before = views.statistics.views;
    state.entries = Array.from({ length: 3_000 }, (_, i) => ({ id: `m${i}`, content: `word${i} other${i}` }));
    expect((await use(BOB)).size).toBe(3_000);
    expect(views.statistics.views).toBeLessThanOrEqual(before);
    const walks = state.walks;
    await use(BOB);
    expect(state.walks).toBe(walks + 1);
  });

  test('S12: a clock that is set back is never answered by a view from which more had expired', async () => {
    const { state, use } = setting();
    const index = await use();
    state.now = new Date(500);
    expect(await use()).not.toBe(index);
  });

  test('a write that hangs holds no search for ever', async () => {
    const { views, use } = setting();
    await use();
    views.began(ALICE, new Promise(() => undefined));
    expect((await use()).size).toBe(1);
    expect((await use(ALICE, 'another view')).size).toBe(1);
  });

  test('S18: a view is dropped when its key record is gone or another one, at the latest after 60 s; confirming builds nothing anew', async () => {
    const { state, views, use } = setting();
    const index = await use();
    for (let minute = 0; minute < 5; minute += 1) {
      state.now = new Date(state.now.getTime() + 60_000);
      expect(await use()).toBe(index);
    }
    expect(state.walks).toBe(1);
    const asked = state.asked;
    await use();
    expect(state.asked).toBe(asked);
    state.epoch = 6;
    state.now = new Date(state.now.getTime() + 60_000);
    expect(await use()).not.toBe(index);
    // An idle one goes without a search.
    state.epoch = undefined;
    await views.sweep();
    expect(views.statistics.views).toBe(1);
    state.now = new Date(state.now.getTime() + 45_000);
    await views.sweep();
    expect(views.statistics).toMatchObject({ views: 0, bytes: 0 });
    views.clear();
  });

  test('memories whose key their owner holds are indexed for one search', async () => {
    const { state, views, use } = setting();
    state.isKept = false;
    await use();
    await use();
    expect(state.walks).toBe(2);
    expect(views.statistics.views).toBe(0);
  });
});
