import type { MongoClient } from 'mongodb';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import type { NewMemory } from '../../src/memory/input.js';
import type { Level } from '../../src/model/levels.js';
import type { Principal } from '../../src/model/principal.js';
import { progress } from './figures.js';

/** A stored memory as the plain driver writes it. */
export interface Row {
  readonly _id: string;
  readonly [field: string]: unknown;
}

/** Users with the same number of memories each, computed from their number alone. */
export interface Population {
  readonly users: number;
  readonly each: number;
}

const START = Date.UTC(2025, 0, 1);
// The agent may read both, so that guard and plain query return the same rows.
const READABLE: readonly Level[] = ['public', 'private'];

export const userName = (user: number): string => `user-${user}`;
export const agentOf = (user: number): Principal => ({ id: 'bench-agent', role: 'agent', userId: userName(user) });
export const ADMIN: Principal = { id: 'bench-admin', role: 'admin' };

/** A number that looks random, the same for the same input. */
export function scatter(i: number): number {
  let x = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * The id of a user's memory. A UUIDv7 is made when its memory is, and users come by turns, so that the memories of one
 * user lie apart in the collection, as they do in use.
 */
export function memoryId({ users }: Population, user: number, memory: number): string {
  const n = memory * users + user;
  const time = (START + n).toString(16).padStart(12, '0');
  const low = scatter(n).toString(16).padStart(8, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${low.slice(0, 3)}-8${low.slice(3, 6)}-${low}${low.slice(0, 4)}`;
}

const content = (n: number): string =>
  `On day ${n % 365} the user said that item ${scatter(n)} should be kept beside item ${scatter(n + 1)} until order ${n} is done.`;

/** The documents of a population, about 300 bytes each, in the order in which they were made. */
export function* rows(population: Population): Generator<Row> {
  for (let memory = 0; memory < population.each; memory += 1) {
    for (let user = 0; user < population.users; user += 1) yield row(population, user, memory);
  }
}

/** One document. */
export function row(population: Population, user: number, memory: number): Row {
  const n = memory * population.users + user;
  const at = new Date(START + n * 1_000);
  return {
    _id: memoryId(population, user, memory),
    tenant: 'default',
    user_id: userName(user),
    sensitivity: READABLE[n % READABLE.length] as Level,
    category: 'general',
    occurred_at: at,
    created_at: at,
    updated_at: at,
    version: 1,
    content: content(n),
  };
}

/** New memories as a caller of the library writes them, about 300 bytes as stored. */
export function newMemories(count: number, from = 0): NewMemory[] {
  return Array.from({ length: count }, (_, i) => ({
    content: content(from + i),
    level: READABLE[i % READABLE.length] as Level,
    occurredAt: new Date(START + (from + i) * 1_000),
  }));
}

/** Puts a population into a migrated database by the plain driver, past the guard. */
export async function seedMongo(client: MongoClient, population: Population): Promise<void> {
  const options = { ordered: false, writeConcern: { w: 1 }, bypassDocumentValidation: true } as const;
  const memories = client.db().collection<Row>('memories');
  const partitions = client.db().collection<Row>('partitions');
  const created_at = new Date(START);
  const owners = function* (): Generator<Row> {
    for (let user = 0; user < population.users; user += 1) {
      const user_id = userName(user);
      yield { _id: `default/${user_id}`, tenant: 'default', user_id, revision: 1, created_at };
    }
  };
  const put = (collection: typeof memories) => (batch: Row[]) => collection.insertMany(batch, options);
  await inBatches(owners(), 20_000, put(partitions));
  await inBatches(rows(population), 20_000, put(memories), population.users * population.each);
  // What was written last is seen by reads of what most members have only once they have it.
  await client
    .db()
    .collection('seeded')
    .insertOne({}, { writeConcern: { w: 'majority', j: true } });
}

async function inBatches(
  all: Iterable<Row>,
  size: number,
  put: (batch: Row[]) => Promise<unknown>,
  total = 0,
): Promise<void> {
  let batch: Row[] = [];
  let waiting: Promise<unknown> = Promise.resolve();
  let done = 0;
  const flush = async () => {
    await waiting;
    done += batch.length;
    if (total >= 500_000 && Math.floor(done / 500_000) > Math.floor((done - batch.length) / 500_000))
      progress(`  seeded ${done} of ${total}`);
    waiting = put(batch);
    waiting.catch(() => undefined);
    batch = [];
  };
  for (const one of all) if (batch.push(one) === size) await flush();
  if (batch.length) await flush();
  await waiting;
}

/** Puts a population in through a scope of each user; for the embedded store, which has no other way in. */
export async function seedThroughScopes(
  population: Population,
  scopeOf: (user: number) => ScopedMemory,
): Promise<string[][]> {
  const ids: string[][] = [];
  let next = 0;
  const worker = async () => {
    for (let user = next++; user < population.users; user = next++) {
      const added = await scopeOf(user).addMany(newMemories(population.each, user * population.each));
      ids[user] = added.map((memory) => memory.id);
      if (user > 0 && user % 50_000 === 0) progress(`  seeded ${user} users of ${population.users}`);
    }
  };
  await Promise.all(Array.from({ length: 256 }, worker));
  return ids;
}
