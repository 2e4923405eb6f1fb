import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { verifyLog } from '../../src/audit/verify.js';
import type { PublicKeyOf } from '../../src/model/signing-keys.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { keysOf, recordNo, writerOn } from '../audit/support/logs.js';
import { composePair } from './audit-parts.js';
import { compose, type Composition, type StorePlace } from './composition.js';
import { agentOf, newMemories, scatter, userName } from './data.js';
import { progress, type Figures } from './figures.js';
import { openServer, withFolder } from './places.js';
import { compete, quantile, summary, type Contender, type Latencies } from './rounds.js';
import type { Suite, SuiteOptions } from './suite.js';

const USERS = 100;
const EACH = 10;
const CALLERS = 64;
/** About what one record and its head take as they are stored. */
const ROW_BYTES = 1_000;

/** One synced write of a row such as the log's, past the product. */
interface Bare {
  write(n: number, row: Buffer): Promise<unknown>;
  close(): Promise<void>;
}

interface Side {
  readonly name: 'mongodb' | 'embedded';
  /** A place that nothing else is in. */
  place(name: string): StorePlace;
  bare(name: string): Promise<Bare>;
}

/** What the audit log costs, and how fast it is written and verified. */
export const audit: Suite = async (figures, options) => {
  const server = await openServer();
  try {
    if (server)
      await measure(
        mongoSide(() => server.database()),
        figures,
        options,
      );
  } finally {
    await server?.stop();
  }
  await withFolder((path) => measure(embeddedSide(path), figures, options));
};

async function measure(side: Side, figures: Figures, options: SuiteOptions): Promise<void> {
  progress(`audit on ${side.name}`);
  const pair = await composePair(side.place('off'), side.place('on'));
  const bare = await side.bare('bare');
  try {
    const plain = await scopes(pair.off);
    const audited = await scopes(pair.on);
    await oneCaller(side, figures, options, plain, audited, bare);
    await manyCallers(side, figures, options, plain, audited);
  } finally {
    await bare.close();
    await pair.close();
  }
  await recordsPerSecond(side, figures, options);
}

interface Filled {
  readonly memory: readonly ScopedMemory[];
  readonly ids: readonly (readonly string[])[];
}

async function scopes(composition: Composition): Promise<Filled> {
  const memory = Array.from({ length: USERS }, (_, user) => composition.scope(agentOf(user), userName(user)));
  const ids: string[][] = [];
  for (const [user, scope] of memory.entries()) {
    ids.push((await scope.addMany(newMemories(EACH, user * EACH))).map(({ id }) => id));
  }
  return { memory, ids };
}

const readOf =
  ({ memory, ids }: Filled) =>
  (i: number) => {
    const user = scatter(i) % USERS;
    return memory[user]?.get(ids[user]?.[scatter(i + 1) % EACH] as string);
  };
const changeOf =
  ({ memory }: Filled) =>
  (i: number) =>
    memory[scatter(i) % USERS]?.add(`memory ${i}`);

async function oneCaller(
  side: Side,
  figures: Figures,
  { quick }: SuiteOptions,
  off: Filled,
  on: Filled,
  bare: Bare,
): Promise<void> {
  const row = randomBytes(ROW_BYTES);
  let n = 0;
  const contenders: Contender[] = [
    { name: 'bare', run: () => bare.write((n += 1), row) },
    { name: 'read off', run: readOf(off) },
    { name: 'read on', run: readOf(on) },
    { name: 'change off', run: changeOf(off) },
    { name: 'change on', run: changeOf(on) },
  ];
  const latencies = await compete(contenders, { rounds: quick ? 3 : 9, calls: quick ? 50 : 250 });
  const at = `audit.${side.name}`;
  const p50 = (name: string) => (latencies.get(name) ?? []).map((round) => quantile(round, 0.5));
  for (const [act, max] of [
    ['read', 1.2],
    ['change', 2.4],
  ] as const) {
    figures.add({
      name: `${at}.${act}.added_p50_ratio`,
      ...summary(added(latencies, act)),
      unit: 'x',
      target: { max },
      note: side.name === 'mongodb' ? 'of one bare journaled insert' : 'of one synced commit',
    });
  }
  for (const { name } of contenders) {
    const us = summary(p50(name).map((ms) => ms * 1_000));
    figures.add({ name: `${at}.${name.replace(' ', '_')}.p50_us`, ...us, unit: 'us' });
  }
}

function added(latencies: Latencies, act: string): number[] {
  const rounds = (name: string) => (latencies.get(name) ?? []).map((round) => quantile(round, 0.5));
  const [bare, off, on] = [rounds('bare'), rounds(`${act} off`), rounds(`${act} on`)];
  return on.map((ms, i) => (ms - (off[i] ?? NaN)) / (bare[i] ?? NaN));
}

async function manyCallers(
  side: Side,
  figures: Figures,
  { quick }: SuiteOptions,
  off: Filled,
  on: Filled,
): Promise<void> {
  const perSecond = async (run: (i: number) => unknown, calls: number, base: number) => {
    const begun = performance.now();
    await spread(calls, (i) => run(base + i));
    return (calls / (performance.now() - begun)) * 1_000;
  };
  const calls = quick ? 1_000 : 6_000;
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let round = -1; round < (quick ? 3 : 7); round += 1) {
    const turns = [readOf(off), readOf(on)];
    const order = round % 2 ? [0, 1] : [1, 0];
    const rate: number[] = [];
    for (const turn of order) rate[turn] = await perSecond(turns[turn] as Contender['run'], calls, round * calls);
    if (round < 0) continue;
    ratios.push((rate[1] ?? NaN) / (rate[0] ?? NaN));
    rates.push(rate[1] ?? NaN);
  }
  const target = side.name === 'mongodb' ? { target: { min: 0.7 } } : {};
  const at = `audit.${side.name}.callers${CALLERS}`;
  figures.add({ name: `${at}.read_throughput_ratio`, ...summary(ratios), unit: 'x', ...target, note: 'of audit off' });
  figures.add({ name: `${at}.reads_per_s`, ...summary(rates), unit: '1/s' });
}

async function recordsPerSecond(side: Side, figures: Figures, { quick }: SuiteOptions): Promise<void> {
  const composition = await compose(side.place('records'));
  const bare = await side.bare('each');
  try {
    const { keys, keyOf } = keysOf(composition.driver.service);
    const { writer, metrics } = writerOn(composition.driver.audit, keys, { timeoutMs: 60_000 });
    const total = quick ? 10_000 : 200_000;
    const records = Array.from({ length: 1_000 }, (_, n) => recordNo(n));
    await spread(2_000, (i) => writer.write(records[i % records.length] as string));
    const rates: number[] = [];
    const rounds = 5;
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      await spread(total / rounds, (i) => writer.write(records[i % records.length] as string));
      rates.push((total / rounds / (performance.now() - begun)) * 1_000);
    }
    const at = `audit.${side.name}`;
    figures.add({
      name: `${at}.records_per_s`,
      ...summary(rates),
      unit: '1/s',
      target: { min: 10_000 },
      note: '64 callers',
    });
    const { groups } = metrics.snapshot();
    figures.add({ name: `${at}.records_per_group`, value: (total + 2_000) / groups });
    const row = randomBytes(ROW_BYTES);
    const each = quick ? 200 : 3_000;
    const begun = performance.now();
    await spread(each, (n) => bare.write(n, row));
    figures.add({
      name: `${at}.synced_each_per_s`,
      value: (each / (performance.now() - begun)) * 1_000,
      unit: '1/s',
      note: 'a synced write a record, 64 callers',
    });
    await writer.close();
    await verified(side, figures, composition, keyOf);
  } finally {
    await bare.close();
    await composition.close();
  }
}

async function verified(side: Side, figures: Figures, { driver }: Composition, keyOf: PublicKeyOf): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const begun = performance.now();
    const report = await verifyLog(driver.audit, keyOf);
    if (!report.ok) throw new Error(`the log does not verify: ${JSON.stringify(report.first)}`);
    rates.push((report.records / (performance.now() - begun)) * 1_000);
  }
  const target = { min: 200_000 };
  figures.add({
    name: `audit.${side.name}.verified_per_s`,
    ...summary(rates),
    unit: '1/s',
    target,
    note: 'every signature',
  });
}

async function spread(calls: number, run: (i: number) => unknown): Promise<void> {
  let next = 0;
  const caller = async () => {
    for (let i = next++; i < calls; i = next++) await run(i);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

function mongoSide(database: () => string): Side {
  return {
    name: 'mongodb',
    place: () => ({ kind: 'mongodb', uri: database() }),
    async bare() {
      const client = await new MongoClient(database()).connect();
      const rows = client.db().collection<{ _id: number; body: Buffer }>('bare');
      const durable = { writeConcern: { w: 'majority', j: true } } as const;
      return { write: (_id, body) => rows.insertOne({ _id, body }, durable), close: () => client.close() };
    },
  };
}

function embeddedSide(path: string): Side {
  return {
    name: 'embedded',
    place: (name) => ({ kind: 'embedded', path: join(path, name) }),
    bare(name) {
      const root = open({ path: join(path, name), overlappingSync: false });
      const rows = root.openDB<Buffer, number>({ name: 'rows', encoding: 'binary' });
      let last: Promise<unknown> = Promise.resolve();
      return Promise.resolve({
        // One after the other: lmdb would join the writes of one turn into one commit.
        write: (n, body) => (last = last.then(() => rows.put(n, body))),
        close: () => root.close(),
      });
    },
  };
}
