import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyCache, type KeyCacheOptions } from '../../src/crypto/key-cache.js';
import { handClock, outcome } from '../support/warden.js';

const SEED = 2_331;

interface Loaded {
  readonly id: string;
  readonly bytes: Buffer;
}

/** A cache with a record of its loads and wipes. A load waits for `release` where `holding` is set. */
function made(options: Partial<KeyCacheOptions<Buffer>> = {}) {
  const clock = handClock();
  const loads: Loaded[] = [];
  const wiped: Buffer[] = [];
  const held: (() => void)[] = [];
  const state = { holding: false, failing: false };
  const cache = new KeyCache<Buffer>({
    async load(id) {
      const bytes = Buffer.alloc(32, 1 + loads.length);
      loads.push({ id, bytes });
      const { failing } = state;
      if (state.holding) await new Promise<void>((done) => held.push(done));
      if (failing) throw new Error('no key');
      return bytes;
    },
    wipe(key) {
      wiped.push(key);
      key.fill(0);
    },
    clock,
    ...options,
  });
  const release = (count = held.length) => held.splice(0, count).forEach((done) => done());
  return { cache, clock, loads, wiped, state, release };
}

const seen = (key: Buffer) => key[0];

describe('a key is loaded once', () => {
  test('G16: 100 requests at once load it once, and all get it', async () => {
    const { cache, loads, state, release } = made();
    state.holding = true;
    const uses = Array.from({ length: 100 }, () => cache.use('a', seen));
    await turn();
    release();
    expect(await Promise.all(uses)).toEqual(Array(100).fill(1));
    expect(await cache.use('a', seen)).toBe(1);
    expect(loads).toHaveLength(1);
  });

  test('keys of two users are two keys', async () => {
    const { cache, loads } = made();
    expect(await Promise.all(['a', 'b', 'a', 'b'].map((id) => cache.use(id, seen)))).toEqual([1, 2, 1, 2]);
    expect(loads.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('G16: a failure goes to all who wait for it, and is not kept', async () => {
    const { cache, loads, state, release, wiped } = made();
    Object.assign(state, { holding: true, failing: true });
    const uses = Array.from({ length: 10 }, () => outcome(() => cache.use('a', seen)));
    await turn();
    release();
    for (const failed of await Promise.all(uses)) expect(failed).toEqual(new Error('no key'));
    Object.assign(state, { holding: false, failing: false });
    expect(await cache.use('a', seen)).toBe(2);
    expect([loads.length, wiped.length, cache.size]).toEqual([2, 0, 1]);
  });

  test('a load that throws before it waits is a failure like any other', async () => {
    const load = () => {
      throw new Error('at once');
    };
    const { cache } = made({ load });
    expect(await outcome(() => cache.use('a', seen))).toEqual(new Error('at once'));
  });

  test('a work that fails takes nothing from the others, and its failure is its own', async () => {
    const { cache, wiped } = made();
    const failing = cache.use('a', () => {
      throw new Error('work');
    });
    expect(await outcome(() => failing)).toEqual(new Error('work'));
    expect(await cache.use('a', seen)).toBe(1);
    cache.drop('a');
    expect(wiped).toHaveLength(1);
  });
});

describe('a key is kept for a short time', () => {
  test('G21: 60 seconds from when its load began, and not a millisecond longer', async () => {
    const { cache, clock, loads, wiped, state, release } = made();
    state.holding = true;
    const first = cache.use('a', seen);
    await turn();
    clock.forward(10_000);
    release();
    await first;
    state.holding = false;
    clock.forward(49_999);
    await cache.use('a', seen);
    expect(loads).toHaveLength(1);
    clock.forward(1);
    expect(await cache.use('a', seen)).toBe(2);
    expect(wiped).toEqual([loads[0]?.bytes]);
  });

  test('G21: using it does not make it last', async () => {
    const { cache, clock, loads } = made();
    for (let i = 0; i < 7; i += 1) {
      await cache.use('a', seen);
      clock.forward(10_000);
    }
    expect(loads).toHaveLength(2);
  });

  test('G21: a clock that is set back ends it too', async () => {
    const { cache, clock, loads } = made();
    await cache.use('a', seen);
    clock.forward(-1);
    await cache.use('a', seen);
    expect(loads).toHaveLength(2);
  });

  test('G21: a clock that stands still does not keep it', async () => {
    const { cache, loads } = made({ ttlMs: 20 });
    await cache.use('a', seen);
    await new Promise((done) => setTimeout(done, 40));
    await cache.use('a', seen);
    expect(loads).toHaveLength(2);
  });

  test('G21: nor does a process that was too busy to notice', async () => {
    const { cache, loads } = made({ ttlMs: 20 });
    await cache.use('a', seen);
    for (const end = performance.now() + 30; performance.now() < end;);
    await cache.use('a', seen);
    expect(loads).toHaveLength(2);
  });

  test('G21: what nobody asks for again is wiped as well', async () => {
    jest.useFakeTimers();
    try {
      const { cache, loads, wiped } = made();
      await cache.use('a', seen);
      jest.advanceTimersByTime(59_999);
      expect([cache.size, wiped.length]).toEqual([1, 0]);
      jest.advanceTimersByTime(1);
      expect([cache.size, wiped]).toEqual([0, [loads[0]?.bytes]]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('a load that takes longer than that serves who waited for it, and is not kept', async () => {
    const { cache, clock, state, release, wiped } = made();
    state.holding = true;
    const use = cache.use('a', seen);
    await turn();
    clock.forward(60_000);
    release();
    expect(await use).toBe(1);
    expect([cache.size, wiped.length]).toEqual([0, 1]);
  });

  test('at most so many are kept, the least recently used one goes, and it is wiped', async () => {
    const { cache, loads, wiped } = made({ max: 2 });
    for (const id of ['a', 'b', 'a', 'c']) await cache.use(id, seen);
    expect([cache.size, wiped]).toEqual([2, [loads[1]?.bytes]]);
    await cache.use('a', seen);
    expect(loads).toHaveLength(3);
  });

  test('10,000 where nothing is said', async () => {
    const { cache, wiped } = made();
    for (let i = 0; i < 10_001; i += 1) await cache.use(`u${i}`, seen);
    expect([cache.size, wiped.length]).toEqual([10_000, 1]);
  });
});

describe('a key in use stays whole', () => {
  const ways: Readonly<Record<string, (made_: ReturnType<typeof made>) => unknown>> = {
    'it is dropped': ({ cache }) => cache.drop('a'),
    'all are dropped': ({ cache }) => cache.dropAll(),
    'the cache is closed': ({ cache }) => cache.close(),
    'others take its place': ({ cache }) => cache.use('b', seen),
    'its time ends and it is loaded anew': ({ cache, clock }) => (clock.forward(60_000), cache.use('a', seen)),
  };

  test.each(Object.keys(ways))('G21: until its last use has ended, and is wiped then: %s', async (name) => {
    const all = made({ max: 1 });
    const { cache, loads, wiped } = all;
    const ends: (() => void)[] = [];
    const work = async (key: Buffer) => {
      await new Promise<void>((done) => ends.push(done));
      return Buffer.from(key);
    };
    const uses = [cache.use('a', work), cache.use('a', work)];
    await turn();
    await ways[name]?.(all);
    await turn();
    expect(wiped).toEqual([]);
    ends[0]?.();
    expect(await uses[0]).toEqual(Buffer.alloc(32, 1));
    expect(wiped).toEqual([]);
    ends[1]?.();
    expect(await uses[1]).toEqual(Buffer.alloc(32, 1));
    expect(wiped).toEqual([loads[0]?.bytes]);
    expect(loads[0]?.bytes).toEqual(Buffer.alloc(32));
  });

  test('between the end of its load and the turn of who waits for it nothing takes it away', async () => {
    const { cache, wiped } = made({ max: 1 });
    const many = Array.from({ length: 50 }, (_, i) => cache.use(`u${i % 10}`, (key) => Buffer.from(key)));
    for (const copy of await Promise.all(many)) expect(copy.every((byte) => byte !== 0)).toBe(true);
    expect([cache.size, wiped.length]).toEqual([1, 9]);
  });
});

describe('a drop', () => {
  test('S22: after it no use begins with what was loaded before, nor with what was being loaded', async () => {
    const { cache, loads, state, release, wiped } = made();
    state.holding = true;
    const waiting = cache.use('a', seen);
    await turn();
    cache.drop('a');
    const after = cache.use('a', seen);
    await turn();
    expect(loads).toHaveLength(2);
    release();
    // The one that waited takes what was loaded after the drop.
    expect(await Promise.all([waiting, after])).toEqual([2, 2]);
    expect(wiped).toEqual([loads[0]?.bytes]);
    expect(cache.size).toBe(1);
  });

  test('S22: the end of a load that was dropped does not hide the one that follows it', async () => {
    const { cache, loads, state, release } = made();
    state.holding = true;
    const uses = [cache.use('a', seen)];
    await turn();
    cache.drop('a');
    uses.push(cache.use('a', seen));
    await turn();
    release(1);
    await turn();
    uses.push(cache.use('a', seen));
    await turn();
    release();
    expect(await Promise.all(uses)).toEqual([2, 2, 2]);
    expect(loads).toHaveLength(2);
  });

  test('S22: of all keys, kept and being loaded', async () => {
    const { cache, loads, state, release, wiped } = made();
    await cache.use('a', seen);
    state.holding = true;
    const waiting = cache.use('b', seen);
    await turn();
    cache.dropAll();
    expect([cache.size, wiped.length]).toEqual([0, 1]);
    state.holding = false;
    release();
    expect(await waiting).toBe(3);
    expect(loads.map(({ id }) => id)).toEqual(['a', 'b', 'b']);
  });

  test('closed, it lends nothing, not even to who waits', async () => {
    const { cache, state, release, wiped, loads } = made();
    state.holding = true;
    const waiting = outcome(() => cache.use('a', seen));
    await turn();
    cache.close();
    release();
    expect(await waiting).toBe('closed');
    expect(await outcome(() => cache.use('a', seen))).toBe('closed');
    expect(wiped).toEqual([loads[0]?.bytes]);
  });
});

test('whatever is asked, dropped and let pass: no use sees a wiped key, every key is wiped once, and none is left', async () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('use' as const), id: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(4) }),
    fc.record({ kind: fc.constant('drop' as const), id: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('dropAll' as const) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 30_000, 60_000) }),
    fc.record({ kind: fc.constant('turn' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (acts, max) => {
      const { cache, clock, loads, wiped } = made({ max });
      const uses: Promise<boolean>[] = [];
      const whole = (key: Buffer) => key.length === 32 && key.every((byte) => byte === key[0] && byte !== 0);
      for (const one of acts) {
        if (one.kind === 'use')
          uses.push(
            cache.use(one.id, async (key) => {
              for (let i = 0; i < one.turns; i += 1) await turn();
              return whole(key);
            }),
          );
        if (one.kind === 'drop') cache.drop(one.id);
        if (one.kind === 'dropAll') cache.dropAll();
        if (one.kind === 'pass') clock.forward(one.ms);
        if (one.kind === 'turn') await turn();
      }
      expect((await Promise.all(uses)).every(Boolean)).toBe(true);
      expect(cache.size).toBeLessThanOrEqual(max);
      cache.close();
      expect(wiped).toHaveLength(loads.length);
      expect(new Set(wiped).size).toBe(loads.length);
    }),
    { seed: SEED, numRuns: 500 },
  );
});
