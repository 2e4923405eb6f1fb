import { performance } from 'node:perf_hooks';
import { MongoClient } from 'mongodb';
import { compose, type Composition } from './composition.js';
import { ADMIN, agentOf, memoryId, scatter, seedMongo, userName, type Population } from './data.js';
import { examined } from './examined.js';
import { progress, type Figures } from './figures.js';
import type { BenchServer } from './places.js';
import { compete } from './rounds.js';
import { reportSizes, reportWalk } from './scale-report.js';
import type { SuiteOptions } from './suite.js';
import { walkApart } from './walk.js';

const EACH = 10;
const LIMIT = 20;
const PROFILED = 100;

interface Sized {
  readonly population: Population;
  readonly uri: string;
  readonly composition: Composition;
}

export async function scaleOnMongo(server: BenchServer, figures: Figures, { quick }: SuiteOptions): Promise<void> {
  progress(`scale on MongoDB ${server.version}, ${server.kind}`);
  const sizes = quick ? [100, 1_000, 10_000] : [1_000, 100_000, 1_000_000];
  const all: Sized[] = [];
  try {
    for (const users of sizes) all.push(await filled(server.database(), { users, each: EACH }));
    await measureSizes(all, figures, quick);
    await walkUsers(all, figures);
  } finally {
    for (const { composition } of all) await composition.close();
  }
  for (const { uri } of all) await drop(uri);
  await deleteOne(server.database(), figures, quick ? 5_000 : 100_000);
  await listOne(server.database(), figures, quick ? 20_000 : 1_000_000);
}

async function filled(uri: string, population: Population): Promise<Sized> {
  const composition = await compose({ kind: 'mongodb', uri });
  const client = await new MongoClient(uri).connect();
  const start = performance.now();
  await seedMongo(client, population);
  // Into the cache with all of it; the indexes are there since they were made.
  await client
    .db()
    .collection('memories')
    .countDocuments({ content: '' }, { hint: { $natural: 1 } });
  await client.close();
  progress(
    `  ${population.users} users with ${population.each} memories: ${((performance.now() - start) / 1_000).toFixed(0)} s`,
  );
  return { population, uri, composition };
}

async function measureSizes(all: readonly Sized[], figures: Figures, quick: boolean): Promise<void> {
  const sizes = all.map(({ population }) => population.users);
  const contenders = (call: (sized: Sized, i: number) => Promise<unknown>) =>
    all.map((sized) => ({ name: String(sized.population.users), run: (i: number) => call(sized, i) }));
  const options = { rounds: quick ? 3 : 15, calls: quick ? 200 : 1_000 };
  reportSizes(figures, 'scale.get', await compete(contenders(get), options), sizes);
  reportSizes(figures, 'scale.list', await compete(contenders(list), options), sizes);
  for (const sized of all) {
    await reportExamined(sized, 'get', get, figures);
    await reportExamined(sized, 'list', list, figures);
  }
}

async function get({ population, composition }: Sized, i: number): Promise<void> {
  const user = scatter(i) % population.users;
  const memory = await composition
    .scope(agentOf(user), userName(user))
    .get(memoryId(population, user, scatter(i + 1) % EACH));
  if (!memory) throw new Error('a memory is missing');
}

async function list({ population, composition }: Sized, i: number): Promise<void> {
  const user = scatter(i) % population.users;
  const { memories } = await composition.scope(agentOf(user), userName(user)).list({ limit: LIMIT });
  if (memories.length !== EACH) throw new Error('a memory is missing');
}

async function reportExamined(sized: Sized, name: string, call: typeof get, figures: Figures): Promise<void> {
  const client = await new MongoClient(sized.uri).connect();
  const found = await examined(client.db(), 'memories', async () => {
    for (let i = 0; i < PROFILED; i += 1) await call(sized, i);
  });
  await client.close();
  if (!found) return progress('  no profiler here: keys and documents examined are not reported');
  const at = `scale.${name}.users${sized.population.users}`;
  const own = name === 'get' ? 1 : EACH;
  figures.add({
    name: `${at}.keys_examined`,
    value: found.keys,
    target: { max: own },
    note: `the most of ${found.calls} calls; ${found.stages.join(' < ')}`,
  });
  figures.add({ name: `${at}.docs_examined`, value: found.docs, target: { max: own } });
}

async function walkUsers(all: readonly Sized[], figures: Figures): Promise<void> {
  const last = all.at(-1);
  if (!last) return;
  const walked = await walkApart({ place: { kind: 'mongodb', uri: last.uri } });
  if (walked.count !== last.population.users) throw new Error('not every user was listed');
  reportWalk(figures, 'scale.list_users', walked);
}

async function deleteOne(uri: string, figures: Figures, each: number): Promise<void> {
  const { composition } = await filled(uri, { users: 2, each });
  const client = await new MongoClient(uri).connect();
  try {
    const start = performance.now();
    const deleted = await composition.scope(ADMIN, userName(0)).deleteAll();
    figures.add({
      name: 'scale.delete_all.seconds',
      value: (performance.now() - start) / 1_000,
      unit: 's',
      note: `of ${each} memories`,
    });
    const memories = client.db().collection('memories');
    figures.add({ name: 'scale.delete_all.deleted', value: deleted, target: { min: each } });
    figures.add({
      name: 'scale.delete_all.left',
      value: await memories.countDocuments({ user_id: userName(0) }),
      target: { max: 0 },
    });
    const others = each - (await memories.countDocuments({ user_id: userName(1) }));
    figures.add({ name: 'scale.delete_all.others_deleted', value: others, target: { max: 0 } });
  } finally {
    await client.close();
    await composition.close();
    await drop(uri);
  }
}

async function listOne(uri: string, figures: Figures, each: number): Promise<void> {
  const { composition } = await filled(uri, { users: 1, each });
  try {
    const walked = await walkApart({ place: { kind: 'mongodb', uri }, userId: userName(0) });
    if (walked.count !== each) throw new Error('not every memory was listed');
    reportWalk(figures, 'scale.list_memories', walked, 150);
  } finally {
    await composition.close();
    await drop(uri);
  }
}

async function drop(uri: string): Promise<void> {
  const client = new MongoClient(uri);
  await client.db().dropDatabase();
  await client.close();
}
