import { describe, expect, test } from '@jest/globals';
import { classification, inTurn } from '../../src/guard/classified.js';
import type { GuardContext } from '../../src/guard/context.js';
import { otherWork, Slices } from '../../src/guard/slices.js';
import { View, type ViewSource } from '../../src/guard/view.js';
import { Views } from '../../src/guard/views.js';
import { loadLanguages } from '../../src/search/languages.js';
import { ViewIndex } from '../../src/search/view-index.js';
import type { PlannedStore } from '../../src/store/planned.js';

/** Works for longer than a slice. */
function longWork(): void {
  const since = performance.now();
  while (performance.now() - since < 10);
}

/** Counts the turns of the event loop until it is stopped. */
function turns(): { count: number; stop: () => void } {
  const counter = { count: 0, stop: () => clearImmediate(next) };
  const count = () => {
    counter.count += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  return counter;
}

async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  const counter = turns();
  await work();
  counter.stop();
  return counter.count;
}

const STEPS = 5;
function* steps(): Generator<void, { level: 'private'; ruleId: string }> {
  for (let i = 0; i < STEPS; i += 1) {
    longWork();
    yield;
  }
  return { level: 'private', ruleId: 'own' };
}
const stepped = { classify: { steps } } as unknown as GuardContext;

describe('work in slices', () => {
  test('S18: what waits for other work goes on one piece in each turn of the event loop', async () => {
    const counter = turns();
    const at: number[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await otherWork();
        at.push(counter.count);
      }),
    );
    counter.stop();
    expect(new Set(at).size).toBe(8);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  test('what is done for each of many things, such as sealing, is done over several turns of the event loop, in their order', async () => {
    let done: number[] = [];
    const count = await turnsOf(async () => {
      done = await Slices.each([3, 1, 2], (thing) => {
        longWork();
        return thing;
      });
    });
    expect(done).toEqual([3, 1, 2]);
    expect(count).toBeGreaterThanOrEqual(2);
  });

  test('one long text is classified over several turns of the event loop', async () => {
    const count = await turnsOf(async () => {
      expect(await classification(stepped, { content: 'x' })).toEqual({ level: 'private', ruleId: 'own' });
    });
    expect(count).toBeGreaterThanOrEqual(STEPS - 1);
  });

  test('texts of a batch are classified one after the other, and the event loop runs in between', async () => {
    const order: string[] = [];
    const count = await turnsOf(async () => {
      const done = await inTurn(stepped, ['a', 'b', 'c'], async (item, _, slices) => {
        order.push(`${item} begins`);
        const found = await classification(stepped, { content: item }, slices);
        order.push(`${item} ends`);
        return `${item} ${found?.level}`;
      });
      expect(done).toEqual(['a private', 'b private', 'c private']);
    });
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(count).toBeGreaterThanOrEqual(3 * (STEPS - 1));
  });

  test('a function of the host that works long lets the event loop run between two texts', async () => {
    const context = { classify: () => longWork() } as unknown as GuardContext;
    const count = await turnsOf(() => inTurn(context, [1, 2, 3, 4], () => classification(context, { content: 'x' })));
    expect(count).toBeGreaterThanOrEqual(3);
  });

  test('a function of the host that waits is asked for all texts before the first answers, and a failure is told', async () => {
    let asked = 0;
    let answer: (() => void) | undefined;
    const all = new Promise<void>((resolve) => (answer = resolve));
    const classify = async () => {
      asked += 1;
      if (asked === 3) answer?.();
      await all;
      return { level: 'private', ruleId: 'own' } as const;
    };
    const context = { classify } as unknown as GuardContext;
    const act = async (item: number) => {
      await classification(context, { content: 'x' });
      if (item === 2) throw new Error('second');
    };
    await expect(inTurn(context, [1, 2, 3], act)).rejects.toThrow('second');
    expect(asked).toBe(3);
  });

  test('S18: a long text is put into a view over several turns of the event loop, and is in it whole or not at all', async () => {
    const index = new ViewIndex(await loadLanguages());
    const content = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000))).join(
      '',
    );
    const sizes = new Set<number>();
    let count = 0;
    const slices = new Slices();
    const work = index.putting({ id: 'm', content });
    for (let step = work.next(); !step.done; step = work.next()) {
      count += 1;
      sizes.add(index.size);
    }
    expect(slices.turn()).toBeInstanceOf(Promise);
    expect(count).toBeGreaterThan(100);
    expect([...sizes]).toEqual([0]);
    expect(index.size).toBe(1);
  });

  test('S18: a view is filled with a long text while other work is done', async () => {
    const content = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000))).join(
      '',
    );
    const source = sourceOf('one', async function* () {
      yield [{ id: 'm', content }];
    });
    const view = new View(source, new ViewIndex(await loadLanguages()), {
      reflects: 0,
      asOf: new Date(0),
      epoch: undefined,
    });
    expect(await turnsOf(() => view.fill(source))).toBeGreaterThanOrEqual(1);
    expect(view.index.size).toBe(1);
  });

  test('S13: one view of a partition is filled at a time, also behind one that failed; another partition does not wait', async () => {
    const views = new Views({ clock: () => new Date(0), raises: 1 });
    const store = { revision: async () => 0 } as unknown as PlannedStore;
    let now = 0;
    let most = 0;
    const fill = (name: string, userId = 'u', isKept = true) =>
      views.use(
        {
          ...sourceOf(name, async function* () {
            now += 1;
            most = Math.max(most, now);
            for (let i = 0; i < 20; i += 1) await otherWork();
            now -= 1;
            if (name === 'fails') throw new Error('fails');
            yield [{ id: name, content: name }];
          }),
          partition: { tenant: 't', userId },
          isKept,
        },
        store,
      );
    const done = await Promise.allSettled([fill('a'), fill('fails'), fill('b'), fill('c', 'u', false)]);
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(most).toBe(1);
    await Promise.all([fill('d', 'v'), fill('e', 'w')]);
    expect(most).toBe(2);
    views.clear();
  });
});

function sourceOf(key: string, all: ViewSource['all']): ViewSource {
  return { key, partition: { tenant: 't', userId: 'u' }, isKept: true, all, some: () => Promise.resolve([]) };
}
