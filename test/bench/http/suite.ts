import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import autocannon, { type Request } from 'autocannon';
import { MongoClient } from 'mongodb';
import { openMongo } from '../../../src/store/mongodb/driver.js';
import { memoryId, scatter, seedMongo, userName, type Population } from '../data.js';
import { progress, type Figures } from '../figures.js';
import { openServer, type BenchServer } from '../places.js';
import type { Suite } from '../suite.js';
import { misses } from './misses.js';
import { startUp } from './start-up.js';
import type { Ready } from './server.js';

const KINDS = ['bare', 'light', 'product'] as const;
type Kind = (typeof KINDS)[number];
const TARGET: Readonly<Record<Kind, number | undefined>> = { bare: undefined, light: 0.85, product: 0.6 };
const NOTE: Readonly<Record<Kind, string>> = {
  bare: 'fastify and the driver, a filter written by hand',
  light: 'without encryption and audit',
  product: 'everything on',
};
const VARIANTS = 500;

interface Running extends Ready {
  readonly kind: Kind;
  readonly child: ChildProcess;
  readonly folder: string;
  readonly startMs: number;
}

/** The HTTP interface beside a server without policy, audit or encryption that answers the same addresses. */
export const http: Suite = async (figures, { quick }) => {
  await startUp(figures, quick ? 3 : 9);
  const server = await openServer(2);
  if (!server) return;
  const population: Population = { users: quick ? 50 : 1_000, each: 10 };
  const running: Running[] = [];
  try {
    for (const kind of KINDS) running.push(await start(kind, server, population));
    for (const one of running) {
      if (one.kind === 'bare') continue;
      const name = `http.${one.kind}`;
      const rss = await residentBytes(one.child);
      figures.add({ name: `${name}.idle_rss_mb`, value: rss / 1_048_576, unit: 'MiB', note: NOTE[one.kind] });
    }
    const product = running.find(({ kind }) => kind === 'product');
    if (product) await misses(figures, product, quick ? 500 : 2_000);
    for (const [name, requests] of Object.entries(requestsOf(population)))
      for (const connections of [1, 64]) await measure(figures, running, name, requests, connections, quick);
  } finally {
    for (const { child, folder } of running) {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
    await server.stop();
  }
};

// By turns, round by round, so that whatever slows the machine slows all of them.
async function measure(
  figures: Figures,
  running: readonly Running[],
  name: string,
  requests: readonly Request[],
  connections: number,
  quick: boolean,
): Promise<void> {
  const rounds = quick ? 1 : 5;
  const seconds = quick ? 1 : 3;
  const results = new Map(running.map(({ kind }) => [kind, [] as { rps: number; p50: number; p99: number }[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < running.length; turn += 1) {
      const { kind, port, key } = running[(turn + round + 1) % running.length] as Running;
      const result = await autocannon({
        url: `http://127.0.0.1:${port}`,
        connections,
        duration: seconds,
        headers: key === '' ? {} : { authorization: `Bearer ${key}` },
        requests: requests.map((request) => ({ ...request })),
      });
      if (result.non2xx > 0 || result.errors > 0)
        throw new Error(`${kind} ${name}: ${result.non2xx} answers were no 2xx, ${result.errors} errors`);
      const { latency, requests: counted, duration } = result;
      if (round >= 0) results.get(kind)?.push({ rps: counted.total / duration, p50: latency.p50, p99: latency.p99 });
    }
    progress(`  ${name}, ${connections} connections, round ${round + 1} of ${rounds}`);
  }
  const at = `http.${name}.c${connections}`;
  for (const kind of KINDS) {
    const own = results.get(kind) ?? [];
    figures.add({ name: `${at}.${kind}.rps`, value: median(own.map(({ rps }) => rps)), unit: '1/s', note: NOTE[kind] });
    figures.add({ name: `${at}.${kind}.p50_ms`, value: median(own.map(({ p50 }) => p50)), unit: 'ms' });
    figures.add({ name: `${at}.${kind}.p99_ms`, value: median(own.map(({ p99 }) => p99)), unit: 'ms' });
    const min = TARGET[kind];
    if (kind === 'bare') continue;
    const ratios = own.map(({ rps }, round) => rps / (results.get('bare')?.[round]?.rps ?? NaN));
    figures.add({
      name: `${at}.${kind}.throughput_ratio`,
      value: median(ratios),
      unit: 'x',
      ...(min !== undefined && connections === 64 ? { target: { min } } : {}),
      note: `of ${NOTE.bare}`,
    });
  }
}

async function start(kind: Kind, server: BenchServer, population: Population): Promise<Running> {
  progress(`starting ${kind}`);
  const uri = server.database();
  const driver = await openMongo({ uri, timeoutMs: 60_000 });
  await driver.migrate();
  await driver.close();
  const client = await new MongoClient(uri).connect();
  await seedMongo(client, population);
  await client.close();
  const folder = await mkdtemp(join(tmpdir(), 'memwarden-bench-http-'));
  const began = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server.js'), kind, uri], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const ready = JSON.parse(line) as Ready;
  return { ...ready, kind, child, folder, startMs: performance.now() - began };
}

function requestsOf(population: Population): Record<string, Request[]> {
  const one = (make: (user: string, id: string, i: number) => Request): Request[] =>
    Array.from({ length: VARIANTS }, (_, i) => {
      const user = scatter(i) % population.users;
      return make(userName(user), memoryId(population, user, scatter(i + 1) % population.each), i);
    });
  const json = { 'content-type': 'application/json' };
  return {
    get: one((user, id) => ({ method: 'GET', path: `/v1/users/${user}/memories/${id}` })),
    list: one((user) => ({ method: 'GET', path: `/v1/users/${user}/memories?limit=20` })),
    search: one((user, _id, i) => ({
      method: 'POST',
      path: `/v1/users/${user}/memories/search`,
      headers: json,
      body: JSON.stringify({ query: `which item ${scatter(i)} should be kept`, limit: 10 }),
    })),
    add: one((user, _id, i) => ({
      method: 'POST',
      path: `/v1/users/${user}/memories`,
      headers: json,
      body: JSON.stringify({ content: `Item ${i} should be kept until the order is done.`, level: 'private' }),
    })),
  };
}

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1_024;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
