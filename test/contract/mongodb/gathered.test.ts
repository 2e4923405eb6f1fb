import { expect, test } from '@jest/globals';
import { Gathered, type Asked } from '../../../src/store/mongodb/gathered.js';

type Run = readonly Asked<string, string>[];

function held(runs: number) {
  const begun: { readonly items: string[]; answer(): void; fail(): void }[] = [];
  const gathered = new Gathered<string, string>({ runs, most: 3 }, (asked: Run) => {
    const items = asked.map(({ item }) => item);
    return new Promise((resolve, reject) => {
      begun.push({
        items,
        answer() {
          for (const one of asked) one.resolve(`${one.item} of ${items.join()}`);
          resolve();
        },
        fail: () => reject(new Error('failed')),
      });
    });
  });
  return { begun, gathered };
}
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const told = (asked: Promise<string>) => asked.catch((error: unknown) => String(error));

test('S18: what is asked for while a run is under way goes into the next one, though it be the same', async () => {
  const { begun, gathered } = held(1);
  const first = [gathered.ask('a'), gathered.ask('b')];
  await turn();
  const late = gathered.ask('a');
  await turn();
  expect(begun.map(({ items }) => items)).toEqual([['a', 'b']]);
  begun[0]?.answer();
  expect(await Promise.all(first)).toEqual(['a of a,b', 'b of a,b']);
  await turn();
  expect(begun.map(({ items }) => items)).toEqual([['a', 'b'], ['a']]);
  begun[1]?.answer();
  expect(await late).toBe('a of a');
});

test('a run takes no more than it may, the rest goes beside it, and one that fails whole fails its own alone', async () => {
  const { begun, gathered } = held(2);
  const asked = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((item) => told(gathered.ask(item)));
  await turn();
  expect(begun.map(({ items }) => items)).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]);
  begun[0]?.fail();
  await turn();
  expect(begun[2]?.items).toEqual(['g']);
  begun[1]?.answer();
  begun[2]?.answer();
  expect(await Promise.all(asked)).toEqual([
    ...Array.from({ length: 3 }, () => 'Error: failed'),
    ...['d', 'e', 'f'].map((item) => `${item} of d,e,f`),
    'g of g',
  ]);
});
