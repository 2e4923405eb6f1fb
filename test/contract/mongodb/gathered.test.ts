import { expect, test } from '@jest/globals';
import { MongoNetworkTimeoutError, MongoInvalidArgumentError } from 'mongodb';
import { Gathered, MOST_WAITING, type Asked } from '../../../src/store/mongodb/gathered.js';

type Run = readonly Asked<string, string>[];

function held(runs: number, patience = 60_000) {
  const begun: { readonly items: string[]; answer(): void; fail(error?: Error): void }[] = [];
  const gathered = new Gathered<string, string>(
    { runs, most: 3, mostBytes: 100 },
    { patience: () => patience, sizeOf },
    (asked: Run) => {
      const items = asked.map(({ item }) => item);
      return new Promise((resolve, reject) => {
        begun.push({
          items,
          answer() {
            for (const one of asked) one.resolve(`${one.item} of ${items.join()}`);
            resolve();
          },
          fail: (error = new MongoNetworkTimeoutError('failed')) => reject(error),
        });
      });
    },
  );
  return { begun, gathered };
}
// Of `big:60` it is 60, of `odd` there is none.
function sizeOf(item: string): number {
  if (item === 'odd') throw new Error('has no size');
  return Number(item.split(':')[1] ?? 1);
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
    ...Array.from({ length: 3 }, () => 'MongoNetworkTimeoutError: failed'),
    ...['d', 'e', 'f'].map((item) => `${item} of d,e,f`),
    'g of g',
  ]);
});

test('who waits for longer than an operation may take is told so, and who came later is answered', async () => {
  const { begun, gathered } = held(1, 50);
  const first = told(gathered.ask('a'));
  await turn();
  const waiting = [told(gathered.ask('b')), told(gathered.ask('c'))];
  // The run of the first stands still meanwhile.
  expect(await Promise.all(waiting)).toEqual(Array(2).fill(expect.stringContaining('did not answer in time')));
  const later = told(gathered.ask('d'));
  begun[0]?.fail();
  expect(await first).toBe('MongoNetworkTimeoutError: failed');
  await turn();
  expect(begun.map(({ items }) => items)).toEqual([['a'], ['d']]);
  begun[1]?.answer();
  expect(await later).toBe('d of d');
});

test('who comes when as many wait as may is turned away at once', async () => {
  const { begun, gathered } = held(1);
  void told(gathered.ask('a'));
  await turn();
  const waiting = Array.from({ length: MOST_WAITING }, (_, n) => told(gathered.ask(`${n}`)));
  expect(await told(gathered.ask('one more'))).toContain('cannot be reached');
  for (let run = 0; run * 3 <= MOST_WAITING; run += 1) {
    begun[run]?.answer();
    await turn();
  }
  begun.at(-1)?.answer();
  expect(await Promise.all(waiting)).toHaveLength(MOST_WAITING);
});

test('a run takes no more bytes than it may, and one that is larger goes alone', async () => {
  const { begun, gathered } = held(9);
  for (const item of ['a:60', 'b:40', 'c:1', 'd:500', 'e:99', 'odd', 'f:1']) void told(gathered.ask(item));
  for (let run = 0; run < 5; run += 1) await turn();
  expect(begun.map(({ items }) => items)).toEqual([['a:60', 'b:40'], ['c:1'], ['d:500'], ['e:99', 'odd', 'f:1']]);
});

test('where what one holds fails a run, each is run alone, and that one fails', async () => {
  const { begun, gathered } = held(1);
  const asked = ['a', 'odd', 'c'].map((item) => told(gathered.ask(item)));
  await turn();
  begun[0]?.fail(new MongoInvalidArgumentError('too large'));
  await turn();
  expect(begun.map(({ items }) => items)).toEqual([['a', 'odd', 'c'], ['a'], ['odd'], ['c']]);
  begun[1]?.answer();
  begun[2]?.fail(new MongoInvalidArgumentError('too large'));
  begun[3]?.answer();
  expect(await Promise.all(asked)).toEqual(['a of a', 'MongoInvalidArgumentError: too large', 'c of c']);
});
