import { setImmediate as turn } from 'node:timers/promises';
import MiniSearch from 'minisearch';
import { MongoClient } from 'mongodb';
import { toSettings } from '../../src/config/options.js';
import { createWarden, type ScopedMemory, type Warden } from '../../src/index.js';
import { loadLanguages } from '../../src/search/languages.js';
import { ViewIndex } from '../../src/search/view-index.js';
import { openKeys } from '../../src/wiring/keys.js';
import { noAuditor } from '../support/no-auditor.js';
import { compose } from './composition.js';
import { ADMIN, scatter } from './data.js';
import { progress, type Figures } from './figures.js';
import { openServer, withFolder } from './places.js';
import { POLICIES } from './project.js';
import { compete, ratio, type Contender, type Latencies } from './rounds.js';
import { memoryAt, queryAt } from './search-data.js';
import type { Suite, SuiteOptions } from './suite.js';

const BATCH = 1_000;
const COMPARED = 10_000;

/** Searching by words: warm, first and while writing; beside other engines; many partitions under one bound. */
export const search: Suite = async (figures, options) => {
  const sizes = options.quick ? [100, 1_000] : [100, 1_000, 10_000, 100_000];
  for (const size of sizes) await atSize(figures, size, options);
  await bytesPerMemory(figures, options.quick ? 1_000 : COMPARED);
  await sideBySide(figures, options.quick ? 1_000 : COMPARED, options);
  await manyPartitions(figures, options);
};

async function withWarden<T>(
  work: (warden: Warden, path: string) => Promise<T>,
  searchIndexBytes = 2 ** 30,
): Promise<T> {
  return withFolder(async (path) => {
    const warden = await createWarden({ store: { kind: 'embedded', path }, policies: POLICIES, searchIndexBytes });
    try {
      return await work(warden, path);
    } finally {
      await warden.close();
    }
  });
}

// The same store and the same keys without the audit, which waits for the disk at each search.
async function withoutAudit<T>(path: string, work: (memory: ScopedMemory) => Promise<T>): Promise<T> {
  const place = { kind: 'embedded', path } as const;
  const settings = toSettings({ store: place, policies: POLICIES });
  const keys = await openKeys(settings.keys, settings);
  const parts = { sealer: keys.rings, auditor: noAuditor, searchIndexBytes: 2 ** 30 };
  const composition = await compose(place, parts);
  try {
    return await work(composition.scope(ADMIN, 'user'));
  } finally {
    await composition.close();
    await keys.close();
  }
}

async function fill(memory: ScopedMemory, size: number, from = 0): Promise<void> {
  for (let at = from; at < from + size; at += BATCH) {
    const count = Math.min(BATCH, from + size - at);
    await memory.addMany(Array.from({ length: count }, (_, i) => memoryAt(at + i)));
  }
}

async function atSize(figures: Figures, size: number, { quick }: SuiteOptions): Promise<void> {
  progress(`search at ${size}`);
  await withWarden(async (warden, path) => {
    const memory = warden.scope(ADMIN, 'user');
    await fill(memory, size);
    const lags = watchLag();
    const start = moment();
    await memory.search(queryAt(0));
    const end = moment();
    figures.add({
      name: `search.first.${size}`,
      value: end.wall - start.wall,
      unit: 'ms',
      ...(size === COMPARED ? { target: { max: 600 } } : {}),
    });
    figures.add({
      name: `search.first_cpu.${size}`,
      value: end.cpu - start.cpu,
      unit: 'ms',
      note: 'processor time, that of watching the event loop included',
    });
    figures.add({ name: `search.first_longest_block.${size}`, value: await lags(), unit: 'ms', target: { max: 20 } });
    const latencies = await withoutAudit(path, async (unaudited) => {
      await unaudited.search(queryAt(0));
      const contenders: Contender[] = [
        { name: 'product', run: (i) => memory.search(queryAt(i)) },
        { name: 'unaudited', run: (i) => unaudited.search(queryAt(i)) },
      ];
      return compete(contenders, { rounds: quick ? 2 : 9, calls: 100 });
    });
    for (const [name, at] of [
      ['unaudited', 'search.lexical'],
      ['product', 'search.lexical.product'],
    ] as const) {
      const { p50, p99 } = quantiles(latencies, name);
      figures.add({
        name: `${at}.p50.${size}`,
        value: p50,
        unit: 'ms',
        ...(size === COMPARED && name === 'unaudited' ? { target: { max: 3 } } : {}),
      });
      figures.add({ name: `${at}.p99.${size}`, value: p99, unit: 'ms' });
    }
    figures.add({
      name: `search.lexical.product.p50_ratio.${size}`,
      ...ratio(latencies, 'product', 'unaudited', 0.5),
      unit: 'x',
      note: 'everything on, of the same without audit',
    });
    if (size === COMPARED || quick) await addsWhileIndexed(figures, warden, memory, size, quick);
  });
}

// An add beside the same add to a user of the same size who has no index; the search after it takes it in.
async function addsWhileIndexed(figures: Figures, warden: Warden, memory: ScopedMemory, size: number, quick: boolean) {
  const other = warden.scope(ADMIN, 'unindexed');
  await fill(other, size);
  const latencies = await compete(
    [
      { name: 'indexed', run: (i) => memory.add(memoryAt(10_000_000 + i)) },
      { name: 'plain', run: (i) => other.add(memoryAt(10_000_000 + i)) },
    ],
    { rounds: quick ? 2 : 9, calls: 25 },
  );
  const [indexed, plain] = [quantiles(latencies, 'indexed').p50, quantiles(latencies, 'plain').p50];
  figures.add({ name: 'search.add_while_indexed', value: indexed - plain, unit: 'ms', target: { max: 0.2 } });
  let after = 0;
  const rounds = quick ? 5 : 50;
  for (let i = 0; i < rounds; i += 1) {
    await memory.add(memoryAt(20_000_000 + i));
    const start = performance.now();
    await memory.search(queryAt(i));
    after += performance.now() - start;
  }
  figures.add({ name: 'search.after_an_add', value: after / rounds, unit: 'ms', note: 'mean; takes the add in' });
}

// The longest time that the event loop did not run, of the time that this process had: not while others had the cores.
function watchLag(): () => Promise<number> {
  let longest = 0;
  let running = true;
  const watching = (async () => {
    let last = moment();
    while (running) {
      await turn();
      const now = moment();
      longest = Math.max(longest, Math.min(now.wall - last.wall, now.cpu - last.cpu));
      last = now;
    }
  })();
  return async () => {
    running = false;
    await watching;
    return longest;
  };
}

function moment(): { wall: number; cpu: number } {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1_000 };
}

// What was measured before goes in several turns: stores that were closed free their memory later.
async function settle(): Promise<void> {
  for (let n = 0; n < 10; n += 1) {
    global.gc?.();
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function bytesPerMemory(figures: Figures, size: number): Promise<void> {
  const languages = await loadLanguages();
  await settle();
  const before = usedBytes();
  const index = new ViewIndex(languages);
  for (let i = 0; i < size; i += 1) {
    const { content, speaker, sessionId, occurredAt } = memoryAt(i);
    index.put({
      id: idAt(i),
      content,
      speaker: speaker as string,
      sessionId: sessionId as string,
      occurredAt: occurredAt as Date,
    });
  }
  index.settle();
  await settle();
  const used = usedBytes() - before;
  figures.add({ name: 'search.bytes_per_memory', value: used / index.size, unit: 'B' });
  figures.add({ name: 'search.bytes_counted_share', value: index.bytes / used, note: 'what the bound counts of it' });
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function idAt(i: number): string {
  return `${scatter(i).toString(16).padStart(8, '0')}-0000-7000-8000-${String(i).padStart(12, '0')}`;
}

async function sideBySide(figures: Figures, size: number, { quick }: SuiteOptions): Promise<void> {
  progress(`side by side at ${size}`);
  const server = await openServer();
  const client = server ? await MongoClient.connect(server.database()) : undefined;
  try {
    await withWarden(async (warden) => {
      const memory = warden.scope(ADMIN, 'user');
      await fill(memory, size);
      const documents = Array.from({ length: size }, (_, i) => ({ id: idAt(i), content: textAtOf(i) }));
      const mini = new MiniSearch({ fields: ['content'], storeFields: ['content'] });
      mini.addAll(documents);
      const contenders: Contender[] = [
        { name: 'memwarden', run: (i) => memory.search(queryAt(i)) },
        { name: 'minisearch', run: (i) => mini.search(queryAt(i)).slice(0, 10) },
        { name: 'scan', run: (i) => scan(documents, queryAt(i)) },
      ];
      if (client) {
        const collection = client.db().collection('texts');
        await collection.insertMany(
          documents.map(({ id, content }) => ({ _id: id as never, user_id: 'user', content })),
        );
        await collection.createIndex({ user_id: 1, content: 'text' });
        const score = { $meta: 'textScore' } as const;
        contenders.push({
          name: 'mongodb_text',
          run: (i) =>
            collection
              .find({ user_id: 'user', $text: { $search: queryAt(i) } })
              .project({ content: 1, score })
              .sort({ score })
              .limit(10)
              .toArray(),
        });
      }
      const latencies = await compete(contenders, { rounds: quick ? 2 : 5, calls: 25 });
      for (const { name } of contenders) {
        figures.add({ name: `search.beside.${name}.p50`, value: quantiles(latencies, name).p50, unit: 'ms' });
        figures.add({ name: `search.beside.${name}.p99`, value: quantiles(latencies, name).p99, unit: 'ms' });
      }
    });
  } finally {
    await client?.close();
    await server?.stop();
  }
}

function textAtOf(i: number): string {
  return memoryAt(i).content;
}

// What a keyword filter does: each text folded and looked through for each word.
function scan(documents: readonly { id: string; content: string }[], query: string): string[] {
  const words = query.toLowerCase().match(/\w{4,}/g) ?? [];
  return documents
    .map(({ id, content }) => ({ id, n: words.filter((word) => content.toLowerCase().includes(word)).length }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n)
    .slice(0, 10)
    .map(({ id }) => id);
}

async function manyPartitions(figures: Figures, { quick }: SuiteOptions): Promise<void> {
  const users = quick ? 50 : 1_000;
  const each = quick ? 100 : 250;
  const searches = quick ? 500 : 10_000;
  const bound = quick ? 2 ** 20 : 256 * 2 ** 20;
  progress(`${users} partitions of ${each} memories`);
  await withWarden(async (warden) => {
    for (let user = 0; user < users; user += 1) await fill(warden.scope(ADMIN, `user-${user}`), each, user * each);
    global.gc?.();
    const before = process.memoryUsage().rss;
    const taken = new Float64Array(searches);
    let built = 0;
    for (let i = 0; i < searches; i += 1) {
      // Some users ask more often than others, as the n-th word of a language is rarer than the first.
      const user = Math.floor(users ** ((scatter(i) + 0.5) / 2 ** 32)) - 1;
      const start = performance.now();
      await warden.scope(ADMIN, `user-${user}`).search(queryAt(i));
      taken[i] = performance.now() - start;
    }
    built = warden.searchStatistics.builds;
    taken.sort();
    global.gc?.();
    figures.add({ name: 'search.partitions.hit_rate', value: 1 - built / searches });
    figures.add({ name: 'search.partitions.p50', value: taken[Math.floor(searches * 0.5)] as number, unit: 'ms' });
    figures.add({ name: 'search.partitions.p99', value: taken[Math.floor(searches * 0.99)] as number, unit: 'ms' });
    figures.add({
      name: 'search.partitions.index_mib',
      value: warden.searchStatistics.bytes / 2 ** 20,
      unit: 'MiB',
      target: { max: bound / 2 ** 20 },
    });
    figures.add({
      name: 'search.partitions.resident_grown_mib',
      value: (process.memoryUsage().rss - before) / 2 ** 20,
      unit: 'MiB',
    });
  }, bound);
}

function quantiles(latencies: Latencies, name: string): { p50: number; p99: number } {
  const all = Float64Array.from((latencies.get(name) ?? []).flatMap((round) => [...round])).sort();
  return { p50: all[Math.floor(all.length * 0.5)] ?? 0, p99: all[Math.floor(all.length * 0.99)] ?? 0 };
}
