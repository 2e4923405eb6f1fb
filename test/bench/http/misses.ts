import { randomBytes } from 'node:crypto';
import { Agent, request as send } from 'node:http';
import { scatter } from '../data.js';
import type { Figures } from '../figures.js';

/** A server to ask, and the key of an agent that may read no sensitive memory. */
export interface Asked {
  readonly port: number;
  readonly key: string;
}

const OWNER = 'user-0';
const FORBIDDEN = 100;
const WARM_UP = 50;
const RESAMPLED = 1_000;

/**
 * G6: how long the answer to an id takes that is there and may not be read, beside one that is nobody's: pairs, one
 * after the other over one connection, which of the two comes first drawn anew each time.
 */
export async function misses(figures: Figures, server: Asked, pairs: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const forbidden: string[] = [];
    for (let n = 0; n < FORBIDDEN; n += 1) forbidden.push(await addSensitive(server, agent, n));
    const there: number[] = [];
    const absent: number[] = [];
    for (let pair = -WARM_UP; pair < pairs; pair += 1) {
      const id = forbidden[scatter(pair) % FORBIDDEN] as string;
      const first = scatter(pair + 1) % 2 === 0;
      const a = await timed(server, agent, first ? id : randomId(id));
      const b = await timed(server, agent, first ? randomId(id) : id);
      if (pair < 0) continue;
      there.push(first ? a : b);
      absent.push(first ? b : a);
    }
    const differences = there.map((ms, i) => (ms - (absent[i] as number)) * 1_000);
    const [low, high] = bootstrapped(differences);
    const { share, z } = mannWhitney(there, absent);
    const note = `${pairs} pairs`;
    figures.add({ name: 'http.miss.forbidden.p50_ms', value: median(there), unit: 'ms', note });
    figures.add({ name: 'http.miss.absent.p50_ms', value: median(absent), unit: 'ms', note });
    figures.add({
      name: 'http.miss.difference_us',
      value: median(differences),
      unit: 'us',
      note: `median of the pairs; 95% of ${RESAMPLED} bootstraps from ${low.toFixed(1)} to ${high.toFixed(1)}`,
    });
    figures.add({
      name: 'http.miss.mann_whitney',
      value: share,
      note: `share of pairs in which the forbidden one is slower; 0.5 tells nothing; z ${z.toFixed(2)}`,
    });
  } finally {
    agent.destroy();
  }
}

async function addSensitive(server: Asked, agent: Agent, n: number): Promise<string> {
  const body = JSON.stringify({ content: `Something ${n} that no agent may read.`, level: 'sensitive' });
  const { status, text } = await ask(server, agent, 'POST', `/v1/users/${OWNER}/memories`, body);
  if (status !== 201) throw new Error(`adding answered ${status}`);
  return (JSON.parse(text) as { readonly id: string }).id;
}

async function timed(server: Asked, agent: Agent, id: string): Promise<number> {
  const began = performance.now();
  const { status } = await ask(server, agent, 'GET', `/v1/users/${OWNER}/memories/${id}`);
  const took = performance.now() - began;
  if (status !== 404) throw new Error(`a miss answered ${status}`);
  return took;
}

function ask(
  { port, key }: Asked,
  agent: Agent,
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const headers = { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) };
  return new Promise((resolve, reject) => {
    const sent = send({ host: '127.0.0.1', port, method, path, agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

// Of the same time, so that it would stand beside the one that is there.
function randomId(beside: string): string {
  const random = randomBytes(9).toString('hex');
  return `${beside.slice(0, 14)}7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

function bootstrapped(values: readonly number[]): readonly [low: number, high: number] {
  const medians = Array.from({ length: RESAMPLED }, (_, round) =>
    median(values.map((_one, i) => values[scatter(round * values.length + i) % values.length] as number)),
  ).sort((a, b) => a - b);
  return [medians[Math.floor(RESAMPLED * 0.025)] as number, medians[Math.floor(RESAMPLED * 0.975)] as number];
}

/** The U statistic as a share of all pairs, and its z in the normal approximation (Mann and Whitney, 1947). */
function mannWhitney(xs: readonly number[], ys: readonly number[]): { readonly share: number; readonly z: number } {
  const all = [...xs.map((at) => ({ at, isX: true })), ...ys.map((at) => ({ at, isX: false }))];
  all.sort((a, b) => a.at - b.at);
  let ranks = 0;
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to]?.at === all[from]?.at) to += 1;
    for (let i = from; i < to; i += 1) if (all[i]?.isX) ranks += (from + 1 + to) / 2;
    from = to;
  }
  const [n, m] = [xs.length, ys.length];
  const u = ranks - (n * (n + 1)) / 2;
  return { share: u / (n * m), z: (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
