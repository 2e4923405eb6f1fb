import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { importFrom } from '../../src/cli/import/import-file.js';
import { freshState, openSource, openText } from '../../src/cli/import/open-input.js';
import { Rejected } from '../../src/cli/import/rejected.js';
import { statePath } from '../../src/cli/import/state.js';
import { Importer } from '../../src/memory/import.js';
import { compose, type Composition } from './composition.js';
import { ADMIN, newMemories, row, userName, type Row } from './data.js';
import { progress, type Figures } from './figures.js';
import { openServer, withFolder } from './places.js';
import { summary } from './rounds.js';
import type { Suite } from './suite.js';

const USERS = 100;
const CALLERS = 4;
const BATCH = 1_000;

interface Size {
  readonly rounds: number;
  readonly batches: number;
}

/**
 * Memories a second of 100 users: a file by the command line's import, batches of 1,000 by `addMany`, 4 at a time, and
 * the same rows written without a guard.
 */
export const importing: Suite = async (figures, { quick }) => {
  const size = quick ? { rounds: 2, batches: 8 } : { rounds: 9, batches: 60 };
  const server = await openServer(2);
  try {
    if (server) {
      progress(`import on MongoDB ${server.version}, ${server.kind}`);
      await withFolder((folder) => onMongo(server.database(), folder, figures, size));
    }
  } finally {
    await server?.stop();
  }
  progress('import on the embedded store');
  await withFolder((folder) => onEmbedded(folder, figures, size));
};

async function onMongo(uri: string, folder: string, figures: Figures, size: Size): Promise<void> {
  const composition = await compose({ kind: 'mongodb', uri });
  const client = await new MongoClient(uri).connect();
  try {
    const plain = client.db().collection<Row>('plain');
    // The same indexes, so that the plain rows cost the server what the guarded ones do.
    for (const { key, name } of await client.db().collection('memories').indexes()) {
      if (name !== '_id_') await plain.createIndex(key, { name: String(name) });
    }
    const writeConcern = { w: 'majority', j: true } as const;
    const write = (batch: number) => plain.insertMany(plainRows(batch), { ordered: false, writeConcern });
    await race(figures, 'import.mongodb', size, { composition, folder, write, target: 20_000 });
  } finally {
    await client.close();
    await composition.close();
  }
}

async function onEmbedded(folder: string, figures: Figures, size: Size): Promise<void> {
  const composition = await compose({ kind: 'embedded', path: join(folder, 'guarded') });
  const root = open({ path: join(folder, 'raw'), overlappingSync: false });
  const memories = root.openDB<Row, string[]>({ name: 'memories' });
  const recent = root.openDB<true, (string | number)[]>({ name: 'recent' });
  const write = (batch: number) =>
    root.childTransaction(() => {
      for (const one of plainRows(batch)) {
        void memories.put([String(one['user_id']), one._id], one);
        void recent.put([String(one['user_id']), (one['occurred_at'] as Date).getTime(), one._id], true);
      }
    });
  try {
    await race(figures, 'import.embedded', size, { composition, folder, write, target: 50_000 });
  } finally {
    await root.close();
    await composition.close();
  }
}

interface Race {
  readonly composition: Composition;
  readonly folder: string;
  readonly write: (batch: number) => Promise<unknown>;
  readonly target: number;
}

async function race(figures: Figures, at: string, { rounds, batches }: Size, race: Race): Promise<void> {
  const { composition, folder, write, target } = race;
  const file = join(folder, 'memories.ndjson');
  await writeFile(file, fileText(batches * BATCH));
  const scopes = Array.from({ length: USERS }, (_, user) => composition.scope(ADMIN, userName(user)));
  const addMany = (batch: number) =>
    scopes[batch % USERS]?.addMany(newMemories(BATCH, batch * BATCH)) ?? Promise.reject(new Error('no scope'));
  const ways = {
    file: () => importFile(composition, file, batches * BATCH),
    addMany: (from: number) => inTurns(from, batches, addMany),
    plain: (from: number) => inTurns(from, batches, write),
  };
  const rates: Record<keyof typeof ways, number[]> = { file: [], addMany: [], plain: [] };
  const work: number[] = [];
  const names = Object.keys(ways) as (keyof typeof ways)[];
  // The first round warms up and does not count.
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round + 1) % names.length] as keyof typeof ways;
      const start = performance.now();
      const before = process.cpuUsage();
      await ways[name]((round + 1) * batches);
      const { user, system } = process.cpuUsage(before);
      if (round >= 0 && name === 'file') work.push((user + system) / (batches * BATCH));
      if (round >= 0) rates[name].push((batches * BATCH) / ((performance.now() - start) / 1_000));
    }
  }
  const over = (name: keyof typeof ways) => summary(rates[name].map((rate, i) => (rates.plain[i] ?? NaN) / rate));
  const goal = { target: { min: target } };
  figures.add({
    name: `${at}.per_second`,
    ...summary(rates.file),
    unit: '1/s',
    ...goal,
    note: 'a file, by the import',
  });
  figures.add({ name: `${at}.time_ratio`, ...over('file'), unit: 'x', note: 'of the time of the rows alone' });
  figures.add({
    name: `${at}.cpu_us`,
    ...summary(work),
    unit: 'us',
    note: 'of processor time of this process a memory',
  });
  figures.add({ name: `${at}.add_many.per_second`, ...summary(rates.addMany), unit: '1/s', note: 'all or nothing' });
  figures.add({ name: `${at}.add_many.time_ratio`, ...over('addMany'), unit: 'x' });
  figures.add({
    name: `${at}.plain.per_second`,
    ...summary(rates.plain),
    unit: '1/s',
    note: 'the rows alone, no guard',
  });
}

async function inTurns(from: number, batches: number, put: (batch: number) => Promise<unknown>): Promise<void> {
  let next = from;
  const caller = async () => {
    for (let batch = next++; batch < from + batches; batch = next++) await put(batch);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** What the command `import` does once the store is open. */
async function importFile({ guard }: Composition, file: string, lines: number): Promise<void> {
  const state = freshState('bench');
  const source = await openSource(file, 'ndjson', state);
  const rejected = new Rejected(file, () => openText(file, 'ndjson'), 0);
  try {
    const { imported } = await importFrom(
      {
        input: file,
        importer: new Importer(guard, ADMIN),
        into: undefined,
        source,
        rejected,
        isInterrupted: () => false,
        onRejection: () => Promise.resolve(),
        onWindow: () => undefined,
      },
      state,
    );
    if (imported !== lines) throw new Error(`${imported} of ${lines} lines were imported`);
  } finally {
    await rejected.close();
    await source.close();
    await rm(statePath(file), { force: true });
  }
}

function fileText(lines: number): string {
  const memories = newMemories(lines);
  return memories
    .map(({ content, level, occurredAt }, i) =>
      JSON.stringify({ user_id: userName(i % USERS), content, sensitivity: level, occurred_at: occurredAt }),
    )
    .join('\n');
}

// One user's rows a batch, as `addMany` writes them.
function plainRows(batch: number): Row[] {
  const population = { users: 1_000_000, each: 1 };
  const user_id = userName(batch % USERS);
  return Array.from({ length: BATCH }, (_, i) => ({ ...row(population, batch * BATCH + i, 0), user_id }));
}
