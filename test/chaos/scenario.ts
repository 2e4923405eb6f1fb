import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Partition } from '../../src/store/partition.js';
import type { Place } from '../contract/support/place.js';
import { randomOf } from '../contract/support/workload.js';
import type { Deployment } from '../support/mongo/deployment.js';
import { rawEmbedded, rawMongo, type Raw } from '../support/raw.js';
import type { Tally } from './verify.js';

export type MongoPlace = Extract<Place, { readonly kind: 'mongodb' }>;

/** How a scenario is run; the same seed makes the same choices (the machine's timing stays its own). */
export interface Setting {
  readonly seed: number;
  readonly rounds: number;
  readonly log: (text: string) => void;
}

/** What a scenario counted. It throws where something was lost, doubled or left behind. */
export type Figures = Readonly<Record<string, number>>;

export type Scenario = (setting: Setting) => Promise<Figures>;

/** Numbers of a scenario's own, from 0 to 1. */
export const chance = ({ seed }: Setting, salt: number): (() => number) => randomOf(seed * 1_000 + salt);

export const somebody = (): Partition => ({ tenant: 'default', userId: `user-${randomUUID()}` });

/** Adds up tallies under their names. */
export function sum(tallies: readonly Tally[]): Figures {
  const total: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [name, count] of Object.entries(tally)) total[name] = (total[name] ?? 0) + (count as number);
  }
  return total;
}

/** Runs on an embedded store in a folder of its own. */
export async function onEmbedded<T>(work: (place: Place, raw: () => Promise<Raw>) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'memwarden-chaos-'));
  try {
    return await work({ kind: 'embedded', path }, () => rawEmbedded(path));
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/** Runs on a database of a deployment of the scenario's own, which it may kill. */
export async function onMongo<T>(
  deployment: Deployment,
  timeoutMs: number,
  work: (place: MongoPlace, raw: () => Promise<Raw>) => Promise<T>,
): Promise<T> {
  try {
    const uri = deployment.uri.replace(/\/(?=\?|$)/, `/memwarden_chaos_${randomUUID().slice(0, 8)}`);
    return await work({ kind: 'mongodb', uri, timeoutMs }, () => rawMongo(uri));
  } finally {
    await deployment.stop();
  }
}

/** Tries until it works, which it must within a time. */
export async function eventually<T>(work: () => Promise<T>, withinMs: number): Promise<T> {
  for (const deadline = Date.now() + withinMs; ; await sleep(100)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
