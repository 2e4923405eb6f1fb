import { isDeepStrictEqual } from 'node:util';
import { MongoClient, type Collection } from 'mongodb';
import mongoose from 'mongoose';
import { createWarden, type ScopedMemory, type Warden } from '../../src/index.js';
import { openMongo } from '../../src/store/mongodb/driver.js';
import { compose } from './composition.js';
import { ADMIN, agentOf, memoryId, scatter, seedMongo, userName, type Population, type Row } from './data.js';
import { progress, type Figures } from './figures.js';
import type { BenchServer } from './places.js';
import { POLICIES } from './project.js';
import { compete, microseconds, ratio, type Contender, type Latencies } from './rounds.js';
import type { SuiteOptions } from './suite.js';

const MAJORITY = { readConcern: { level: 'majority' } } as const;
const NEWEST = { occurred_at: -1, _id: -1 } as const;
const LIMIT = 20;
const BASELINES = {
  driver: 'the plain driver, the same read concern (majority)',
  default: 'the plain driver with its defaults',
  lean: 'mongoose, lean()',
} as const;

/** Guarded get and list(20) beside the same queries with a filter written by hand. */
export async function guardOnMongo(server: BenchServer, figures: Figures, { quick }: SuiteOptions): Promise<void> {
  progress(`guard on MongoDB ${server.version}, ${server.kind}`);
  const population: Population = { users: quick ? 100 : 1_000, each: 10 };
  const uri = server.database();
  const guarded = await compose({ kind: 'mongodb', uri });
  const product = await sealedCopy(server, population);
  const client = await new MongoClient(uri).connect();
  const connection = await mongoose.createConnection(uri, { autoIndex: false, autoCreate: false }).asPromise();
  try {
    await seedMongo(client, population);
    const plain = client.db().collection<Row>('memories');
    const Model = connection.model('Memory', plainSchema(), 'memories');
    const kept = Array.from({ length: population.users }, (_, user) => guarded.scope(agentOf(user), userName(user)));
    const keptOf = (user: number) => kept[user] as ScopedMemory;
    const gets = pick(population, (user, id) => ({
      guarded: () => guarded.scope(agentOf(user), userName(user)).get(id),
      kept: () => keptOf(user).get(id),
      product: () => product.scope(agentOf(user), userName(user)).get(id),
      driver: () => plain.findOne({ _id: id, user_id: userName(user) }, MAJORITY),
      default: () => plain.findOne({ _id: id, user_id: userName(user) }),
      lean: () =>
        Model.findOne({ _id: id, user_id: userName(user) })
          .lean()
          .exec(),
    }));
    const lists = pick(population, (user) => ({
      guarded: () => guarded.scope(agentOf(user), userName(user)).list({ limit: LIMIT }),
      kept: () => keptOf(user).list({ limit: LIMIT }),
      product: () => product.scope(agentOf(user), userName(user)).list({ limit: LIMIT }),
      driver: () => newest(plain, user, MAJORITY),
      default: () => newest(plain, user, {}),
      lean: () =>
        Model.find({ user_id: userName(user) })
          .sort(NEWEST)
          .limit(LIMIT)
          .lean()
          .exec(),
    }));
    await assertSameAnswers(gets, lists);
    for (const [name, contenders] of [
      ['get', gets],
      ['list', lists],
    ] as const) {
      const alone = await compete(contenders, { rounds: quick ? 3 : 15, calls: quick ? 100 : 600 });
      report(figures, `guard.${name}`, alone, 1.15);
      const together = await compete(contenders, { rounds: quick ? 3 : 11, calls: quick ? 400 : 2_000, callers: 16 });
      report(figures, `guard.${name}.callers16`, together);
    }
    if (guarded.alarms.count('decision_disagrees') > 0) throw new Error('query and decision disagree');
  } finally {
    await connection.close();
    await client.close();
    await product.close();
    await guarded.close();
  }
}

// The same memories, encrypted and audited, as the product keeps them.
async function sealedCopy(server: BenchServer, population: Population): Promise<Warden> {
  const uri = server.database();
  const driver = await openMongo({ uri, timeoutMs: 60_000 });
  await driver.migrate();
  await driver.close();
  const client = await new MongoClient(uri).connect();
  await seedMongo(client, population);
  await client.close();
  const product = await createWarden({ store: { kind: 'mongodb', uri }, policies: POLICIES });
  await product.encryptExisting(ADMIN);
  return product;
}

function newest(plain: Collection<Row>, user: number, options: object): Promise<Row[]> {
  return plain
    .find({ user_id: userName(user) }, options)
    .sort(NEWEST)
    .limit(LIMIT)
    .toArray();
}

// As an application would write it.
function plainSchema(): mongoose.Schema {
  const { Schema } = mongoose;
  const text = { type: String };
  const fields = {
    _id: text,
    tenant: text,
    user_id: text,
    sensitivity: text,
    category: text,
    content: text,
    version: Number,
  };
  return new Schema({ ...fields, occurred_at: Date, created_at: Date, updated_at: Date }, { versionKey: false });
}

/** Contenders that all ask for the same memory at the same turn. */
function pick(population: Population, calls: (user: number, id: string) => Record<string, () => unknown>): Contender[] {
  const at = (i: number) => {
    const user = scatter(i) % population.users;
    return calls(user, memoryId(population, user, scatter(i + 1) % population.each));
  };
  return Object.keys(at(0)).map((name) => ({ name, run: (i) => at(i)[name]?.() }));
}

async function assertSameAnswers(gets: readonly Contender[], lists: readonly Contender[]): Promise<void> {
  for (const contenders of [gets, lists]) {
    const answers = await Promise.all(contenders.map(({ run }) => run(42)));
    const ids = answers.map((answer) => idsOf(answer));
    if (ids[0]?.length === 0 || ids.some((one) => !isDeepStrictEqual(one, ids[0])))
      throw new Error('the contenders do not answer alike');
  }
}

function idsOf(answer: unknown): unknown[] {
  const all = Array.isArray(answer) ? answer : ((answer as { memories?: unknown[] }).memories ?? [answer]);
  return all.map((one) => (one as { id?: unknown; _id?: unknown })._id ?? (one as { id?: unknown }).id);
}

function report(figures: Figures, at: string, latencies: Latencies, max?: number): void {
  const target = max === undefined ? {} : { target: { max } };
  const against = BASELINES.driver;
  figures.add({
    name: `${at}.p50_ratio`,
    ...ratio(latencies, 'guarded', 'driver', 0.5),
    unit: 'x',
    ...target,
    note: `of ${against}`,
  });
  figures.add({
    name: `${at}.kept_scope.p50_ratio`,
    ...ratio(latencies, 'kept', 'driver', 0.5),
    unit: 'x',
    note: 'the scope made beforehand',
  });
  figures.add({
    name: `${at}.product.p50_ratio`,
    ...ratio(latencies, 'product', 'driver', 0.5),
    unit: 'x',
    note: 'createWarden, everything on',
  });
  figures.add({
    name: `${at}.default.p50_ratio`,
    ...ratio(latencies, 'guarded', 'default', 0.5),
    unit: 'x',
    note: `of ${BASELINES.default}`,
  });
  figures.add({
    name: `${at}.lean.p50_ratio`,
    ...ratio(latencies, 'guarded', 'lean', 0.5),
    unit: 'x',
    note: `of ${BASELINES.lean}`,
  });
  figures.add({ name: `${at}.p99_ratio`, ...ratio(latencies, 'guarded', 'driver', 0.99), unit: 'x' });
  for (const name of ['guarded', 'driver', 'default', 'lean', 'product']) {
    const to = name === 'guarded' ? at : `${at}.${name}`;
    figures.add({ name: `${to}.p50_us`, ...microseconds(latencies, name, 0.5), unit: 'us' });
    figures.add({ name: `${to}.p99_us`, ...microseconds(latencies, name, 0.99), unit: 'us' });
  }
}
