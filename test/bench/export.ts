import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { createWarden, type WardenOptions } from '../../src/index.js';
import type { StorePlace } from './composition.js';
import { ADMIN, newMemories, rows, userName, type Row } from './data.js';
import { progress, type Figures } from './figures.js';
import { ownBytes } from './memory.js';
import { openServer, withFolder } from './places.js';
import { POLICIES } from './project.js';
import { summary } from './rounds.js';
import type { Suite } from './suite.js';

const EACH = 100;
const BATCH = 1_000;
const CALLERS = 8;

interface Size {
  readonly users: number;
  readonly rounds: number;
}

/** Reads every row past the product. */
type Plain = () => AsyncIterable<Row>;

/**
 * Memories a second of an export of all users, sealed and audited as the product is, beside the same number of plain rows
 * read by the driver and written as JSON lines in the same run; and how far the process grows.
 */
export const exporting: Suite = async (figures, { quick }) => {
  const size = quick ? { users: 200, rounds: 2 } : { users: 10_000, rounds: 1 };
  const server = await openServer(2);
  try {
    if (server) {
      progress(`export on MongoDB ${server.version}, ${server.kind}`);
      await withFolder((folder) => onMongo(server.database(), folder, figures, size));
    }
  } finally {
    await server?.stop();
  }
  progress('export on the embedded store');
  await withFolder((folder) => onEmbedded(folder, figures, size));
};

async function onMongo(uri: string, folder: string, figures: Figures, size: Size): Promise<void> {
  const client = await new MongoClient(uri).connect();
  try {
    const plain = client.db('plain_rows').collection<Row>('rows');
    await plain.drop();
    let batch: Row[] = [];
    for (const row of rows({ users: size.users, each: EACH })) {
      batch.push(row);
      if (batch.length === 10_000) await plain.insertMany(batch.splice(0));
    }
    if (batch.length) await plain.insertMany(batch);
    batch = [];
    await race(figures, 'export.mongodb', size, { kind: 'mongodb', uri }, folder, () => plain.find());
    await plain.drop();
  } finally {
    await client.close();
  }
}

async function onEmbedded(folder: string, figures: Figures, size: Size): Promise<void> {
  const root = open({ path: join(folder, 'raw'), overlappingSync: false });
  const plain = root.openDB<Row, string[]>({ name: 'rows' });
  try {
    await root.transaction(() => {
      for (const row of rows({ users: size.users, each: EACH })) void plain.put([String(row['user_id']), row._id], row);
    });
    const read = async function* () {
      for (const { value } of plain.getRange()) yield await Promise.resolve(value);
    };
    await race(figures, 'export.embedded', size, { kind: 'embedded', path: join(folder, 'data') }, folder, read);
  } finally {
    await root.close();
  }
}

async function race(
  figures: Figures,
  at: string,
  { users, rounds }: Size,
  place: StorePlace,
  folder: string,
  plain: Plain,
): Promise<void> {
  const keys = {
    store: { kind: 'embedded', path: join(folder, 'keys') },
    kms: `local:${join(folder, 'kek', 'file')}`,
  } as const;
  const ledger = join(folder, 'ledger', 'erasures.ndjson');
  const audit = { checkpoints: join(folder, 'checkpoints') };
  const options: WardenOptions = {
    policies: POLICIES,
    store: place,
    keys: { ...keys, ledger },
    audit,
    classify: false,
    migrate: true,
    timeoutMs: 60_000,
  } as const;
  await mkdir(join(folder, 'out'), { recursive: true });
  const warden = await createWarden(options);
  try {
    progress(`filling ${users * EACH} memories`);
    let next = 0;
    const caller = async () => {
      for (let user = next++; user < users; user = next++)
        for (let from = 0; from < EACH; from += BATCH)
          await warden
            .scope(ADMIN, userName(user))
            .addMany(newMemories(Math.min(BATCH, EACH - from), user * EACH + from));
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const rates = { export: [] as number[], plain: [] as number[] };
    const growth = { own: [] as number[], all: [] as number[] };
    const work: number[] = [];
    const memories = users * EACH;
    // The first round warms up and does not count.
    for (let round = -1; round < rounds; round += 1) {
      for (const way of round % 2 ? (['export', 'plain'] as const) : (['plain', 'export'] as const)) {
        const out = join(folder, 'out', `${way}-${round + 1}`);
        globalThis.gc?.();
        const before = { own: ownBytes(), all: process.memoryUsage.rss() };
        const highest = { ...before };
        const watch = setInterval(() => {
          highest.own = Math.max(highest.own, ownBytes());
          highest.all = Math.max(highest.all, process.memoryUsage.rss());
        }, 50);
        const cpu = process.cpuUsage();
        const begun = performance.now();
        if (way === 'export') {
          const done = await warden.export(ADMIN, { users: 'all', out });
          if (done.memories !== memories) throw new Error(`${done.memories} of ${memories} memories were exported`);
        } else await pipeline(linesOf(plain()), createWriteStream(out));
        const seconds = (performance.now() - begun) / 1_000;
        const { user, system } = process.cpuUsage(cpu);
        clearInterval(watch);
        if (round >= 0 && way === 'export') work.push((user + system) / memories);
        if (round >= 0) rates[way].push(memories / seconds);
        if (round >= 0 && way === 'export') {
          growth.own.push((highest.own - before.own) / (1 << 20));
          growth.all.push((highest.all - before.all) / (1 << 20));
        }
        for (const ending of ['', '.users.ndjson', '.manifest.json']) await rm(`${out}${ending}`, { force: true });
      }
    }
    const note = `${memories} memories of ${users} users, sealed and audited`;
    figures.add({ name: `${at}.per_second`, ...summary(rates.export), unit: '1/s', target: { min: 30_000 }, note });
    figures.add({
      name: `${at}.plain.per_second`,
      ...summary(rates.plain),
      unit: '1/s',
      note: 'clear rows by the driver',
    });
    figures.add({
      name: `${at}.cpu_us`,
      ...summary(work),
      unit: 'us',
      note: 'of processor time of this process a memory',
    });
    const ratio = rates.export.map((rate, i) => (rates.plain[i] ?? NaN) / rate);
    figures.add({ name: `${at}.time_ratio`, ...summary(ratio), unit: 'x', note: 'of the time of the clear rows' });
    figures.add({
      name: `${at}.growth_mib`,
      ...summary(growth.own),
      unit: 'MiB',
      target: { max: 100 },
      note: 'resident without the mapped files',
    });
    figures.add({
      name: `${at}.growth_with_files_mib`,
      ...summary(growth.all),
      unit: 'MiB',
      note: 'with the pages of the data file, which the system takes back',
    });
  } finally {
    await warden.close();
  }
}

async function* linesOf(found: AsyncIterable<Row>): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const row of found) {
    if (lines.push(`${JSON.stringify(row)}\n`) < 1_000) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}
