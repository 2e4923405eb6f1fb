import { performance } from 'node:perf_hooks';

/** One way to do the same thing. `run` gets the same numbers as every other contender of the round. */
export interface Contender {
  readonly name: string;
  run(i: number): unknown;
}

export interface RoundOptions {
  readonly rounds: number;
  /** Calls of each contender in a round. */
  readonly calls: number;
  /** How many callers call at the same time; 1 where none is given. */
  readonly callers?: number;
}

/** Sorted latencies in milliseconds, by contender and round. */
export type Latencies = ReadonlyMap<string, readonly Float64Array[]>;

const CHUNK = 25;

/**
 * Lets contenders take turns, a few calls each, in an order that turns too: whatever slows the machine slows all of
 * them alike, so that their ratio within a round holds where their times do not.
 */
export async function compete(contenders: readonly Contender[], options: RoundOptions): Promise<Latencies> {
  const callers = options.callers ?? 1;
  const chunk = CHUNK * callers;
  const chunks = Math.max(1, Math.ceil(options.calls / chunk));
  const latencies = new Map(contenders.map(({ name }) => [name, [] as Float64Array[]]));
  let base = 0;
  // The first round warms up and does not count.
  for (let round = -1; round < options.rounds; round += 1) {
    const taken = new Map(contenders.map(({ name }) => [name, new Float64Array(chunk * chunks)]));
    for (let part = 0; part < chunks; part += 1, base += chunk) {
      for (let turn = 0; turn < contenders.length; turn += 1) {
        const contender = contenders[(turn + part + round + 1) % contenders.length] as Contender;
        const into = (taken.get(contender.name) as Float64Array).subarray(part * chunk, (part + 1) * chunk);
        await (callers === 1 ? alone(contender, base, into) : together(contender, base, into, callers));
      }
    }
    if (round < 0) continue;
    for (const { name } of contenders) latencies.get(name)?.push((taken.get(name) as Float64Array).sort());
  }
  return latencies;
}

async function alone(contender: Contender, base: number, into: Float64Array): Promise<void> {
  for (let i = 0; i < into.length; i += 1) {
    const start = performance.now();
    const result = contender.run(base + i);
    if (result instanceof Promise) await result;
    into[i] = performance.now() - start;
  }
}

async function together(contender: Contender, base: number, into: Float64Array, callers: number): Promise<void> {
  let next = 0;
  const caller = async () => {
    for (let i = next++; i < into.length; i = next++) {
      const start = performance.now();
      await contender.run(base + i);
      into[i] = performance.now() - start;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** The value below which a share of sorted values lies. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** The median of some values and their interquartile range. */
export function summary(values: readonly number[]): { readonly value: number; readonly spread: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { value: quantile(sorted, 0.5), spread: quantile(sorted, 0.75) - quantile(sorted, 0.25) };
}

/** A quantile of one contender, in microseconds: the median over the rounds. */
export function microseconds(latencies: Latencies, name: string, share: number): { value: number; spread: number } {
  return summary(rounds(latencies, name).map((round) => quantile(round, share) * 1_000));
}

/** How many times the quantile of one contender is that of another: the median of the rounds' ratios. */
export function ratio(
  latencies: Latencies,
  name: string,
  to: string,
  share: number,
): { value: number; spread: number } {
  const others = rounds(latencies, to);
  return summary(rounds(latencies, name).map((round, i) => quantile(round, share) / quantile(others[i] ?? [], share)));
}

function rounds(latencies: Latencies, name: string): readonly Float64Array[] {
  const found = latencies.get(name);
  if (!found) throw new Error(`no contender ${name}`);
  return found;
}
