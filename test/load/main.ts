import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startReplicaSet } from '../support/mongo/deployment.js';
import { progress } from '../bench/figures.js';
import { Requests } from './requests.js';
import { residentBytes, startServer, type LoadedServer } from './server.js';
import { Traffic, type Tally } from './traffic.js';

// G30: mixed load on `memwarden serve`; `kill -9` in the middle; SIGTERM under load at the end. Exits 1 where an answer
// was wrong or missing, an acknowledged memory is gone, or memory grew.
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    connections: { type: 'string', default: '200' },
    mongodb: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const connections = Number(values.connections);
/** Of what it held after the first minute. */
const MOST_GROWTH = 1.25;
const SAMPLE_MS = 2_000;

const folder = await mkdtemp(join(tmpdir(), 'memwarden-load-'));
const deployment = values.mongodb ? await startReplicaSet({ members: 1 }) : undefined;
const environment = {
  // All of it comes from one credential, in bursts.
  MEMWARDEN_RATE_LIMITS_PER_CREDENTIAL: 'false',
  ...(deployment ? { MONGODB_URI: deployment.uri.replace(/\/(\?|$)/, '/memwarden_load$1') } : {}),
};
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
  await deployment?.stop();
}

async function run(): Promise<boolean> {
  let server: LoadedServer | undefined = await startServer(folder, environment);
  progress(`ready after ${Math.round(server.startMs)} ms`);
  const key = await agentKey(server.url);
  const requests = new Requests(connections, key);
  const tally: Tally = { requests: 0, failed: new Map(), lost: new Map(), interrupted: 0, missing: 0 };
  const traffic = Array.from({ length: connections }, (_, worker) => new Traffic(requests, worker, tally));
  let ended = false;
  const url = () => server?.url;
  const running = Promise.all(traffic.map((one) => one.run(url, () => ended)));
  const half = (minutes * 60_000) / 2;

  const before = await watched(server, half, tally);
  const killed = server;
  server = undefined;
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  const afterKill = await startServer(folder, environment);
  progress(`killed; ready again after ${Math.round(afterKill.startMs)} ms`);
  server = afterKill;
  const after = await watched(afterKill, half, tally);

  // Under load: what it has taken it answers.
  const exit = once(afterKill.child, 'exit');
  const taken = new Map(tally.lost);
  afterKill.child.kill('SIGTERM');
  const stopped = performance.now();
  const [code] = (await exit) as [number | null];
  ended = true;
  server = undefined;
  await running;
  const unanswered = [...tally.lost].filter(
    ([why, count]) => why.includes('after it was sent') && count > (taken.get(why) ?? 0),
  );
  for (const why of [...tally.lost.keys()]) if (!taken.has(why)) tally.lost.delete(why);
  progress(`stopped in ${Math.round(performance.now() - stopped)} ms with ${String(code)}`);

  const last = await startServer(folder, environment);
  for (const one of traffic) await one.check(last.url);
  last.child.kill('SIGTERM');
  await once(last.child, 'exit');
  requests.close();
  const result = {
    minutes,
    connections,
    store: deployment ? 'mongodb' : 'embedded',
    requests: tally.requests,
    per_second: Math.round(tally.requests / (minutes * 60)),
    failed: Object.fromEntries(tally.failed),
    lost: Object.fromEntries(tally.lost),
    interrupted_by_kill: tally.interrupted,
    acknowledged_and_missing: tally.missing,
    unanswered_at_sigterm: Object.fromEntries(unanswered),
    exit_code: code,
    resident_mib: { before, after },
  };
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  return (
    tally.failed.size === 0 &&
    tally.lost.size === 0 &&
    tally.missing === 0 &&
    unanswered.length === 0 &&
    code === 0 &&
    [before, after].every(({ first, last: end }) => end <= first * MOST_GROWTH)
  );
}

// Of half an hour the means of its second minute and of its last; of less, of the parts in proportion.
async function watched(
  { child }: LoadedServer,
  ms: number,
  tally: Tally,
): Promise<{ first: number; last: number; most: number }> {
  const samples: number[] = [];
  const end = performance.now() + ms;
  let told = performance.now();
  while (performance.now() < end) {
    await new Promise((done) => setTimeout(done, Math.min(SAMPLE_MS, Math.max(1, end - performance.now()))));
    samples.push((await residentBytes(child)) / 1_048_576);
    if (performance.now() - told < 60_000) continue;
    told = performance.now();
    progress(`${tally.requests} requests, ${Math.round(samples.at(-1) ?? 0)} MiB`);
  }
  const part = Math.max(1, Math.min(30, Math.floor(samples.length / 4)));
  const skipped = Math.min(30, Math.floor(samples.length / 3));
  return {
    first: mean(samples.slice(skipped, skipped + part)),
    last: mean(samples.slice(-part)),
    most: Math.round(Math.max(...samples)),
  };
}

async function agentKey(url: string): Promise<string> {
  const admin = (await readFile(join(folder, '.memwarden', 'admin-key'), 'utf8')).trim();
  const requests = new Requests(1, admin);
  const answer = await requests.send(url, 'POST', '/v1/credentials', { name: 'load', role: 'agent', users: 'any' });
  requests.close();
  if (answer.status !== 201) throw new Error(`no credential: ${answer.status}`);
  return (JSON.parse(answer.body) as { key: string }).key;
}

function mean(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
}
