import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WardenOptions } from '../../../src/config/options.js';
import type { Isolation } from '../../../src/tenants/isolation.js';
import { openTenants, type Tenants } from '../../../src/tenants/tenants.js';
import { ADMIN } from '../data.js';
import { POLICIES } from '../project.js';

/** A store with so many tenants, of which so many are open at most. */
export interface Place {
  readonly isolation: Isolation;
  /** Where its files lie; with a connection string the memories lie there. */
  readonly folder: string;
  readonly uri?: string;
  readonly tenants: number;
  readonly maxOpen: number;
}

/** What making the tenants of a place took, in milliseconds. */
export interface Made {
  /** The middle one of the first few, one at a time. */
  readonly each: number;
  /** A tenant where many are made at once. */
  readonly atOnce: number;
}

/** How long some reads took. */
export interface Gets {
  /** Each, in milliseconds. */
  readonly times: readonly number[];
  /** Of the processor, for all of them. */
  readonly processorMs: number;
}

const OWNER = 'alice';
const FIRST = 20;
const LANES = 16;

/** The tenants of a place as one process has them. Each has one user with one memory. */
export class Kept {
  readonly #place: Place;
  readonly #tenants: Tenants;
  #ids: readonly string[] = [];

  private constructor(place: Place, tenants: Tenants) {
    this.#place = place;
    this.#tenants = tenants;
  }

  static async open(place: Place): Promise<Kept> {
    const { isolation, maxOpen } = place;
    const limits = { maxOpen: Math.max(maxOpen, 2 * LANES), idleMs: 86_400_000, maxPoolSize: 2 };
    return new Kept(place, await openTenants({ isolation, ...limits, warden: optionsOf(place) }));
  }

  /** Makes the tenants. */
  async make(): Promise<Made> {
    const { tenants: count, folder } = this.#place;
    const ids: string[] = [];
    const times: number[] = [];
    for (let i = 0; i < Math.min(FIRST, count); i += 1) times.push(await timed(() => this.#make(i, ids)));
    const left = count - times.length;
    let next = times.length;
    const lane = async () => {
      for (let i = next++; i < count; i = next++) await this.#make(i, ids);
    };
    const all = await timed(() => Promise.all(Array.from({ length: LANES }, lane)));
    writeFileSync(idsIn(folder), JSON.stringify(ids));
    return { each: middle(times), atOnce: left > 0 ? all / left : NaN };
  }

  async #make(i: number, ids: string[]): Promise<void> {
    const tenant = nameOf(i);
    await this.#tenants.create(ADMIN, tenant);
    const principal = { ...ADMIN, tenant };
    const add = this.#tenants.use(principal, (one, who) => one.scope(who, OWNER).add(textOf(i)));
    ids[i] = (await add).id;
  }

  /** A guarded `get` of each of some tenants in turn. */
  async gets(first: number, tenants: number, count: number): Promise<Gets> {
    if (this.#ids.length === 0) this.#ids = JSON.parse(readFileSync(idsIn(this.#place.folder), 'utf8')) as string[];
    const times: number[] = [];
    const before = process.cpuUsage();
    for (let i = 0; i < count; i += 1) times.push(await timed(() => this.#get(first + (i % tenants))));
    const { user, system } = process.cpuUsage(before);
    return { times, processorMs: (user + system) / 1_000 };
  }

  async #get(i: number): Promise<void> {
    const read = this.#tenants.use({ ...ADMIN, tenant: nameOf(i) }, (warden, who) =>
      warden.scope(who, OWNER).get(this.#ids[i] ?? ''),
    );
    if ((await read)?.content !== textOf(i)) throw new Error(`${nameOf(i)} was answered amiss`);
  }

  close(): Promise<void> {
    return this.#tenants.close();
  }
}

/** The middle one. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

const nameOf = (i: number) => `t-${i}`;
const textOf = (i: number) => `of ${nameOf(i)}`;
const idsIn = (folder: string) => join(folder, 'ids.json');

function optionsOf({ folder, uri }: Place): WardenOptions {
  return {
    policies: POLICIES,
    store: uri === undefined ? { kind: 'embedded', path: join(folder, 'data') } : { kind: 'mongodb', uri },
    keys: { kms: `local:${join(folder, 'kek', 'file')}`, ledger: join(folder, 'ledger', 'erasures.ndjson') },
    audit: { checkpoints: join(folder, 'checkpoints') },
    classify: false,
    migrate: true,
  };
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await act();
  return performance.now() - begin;
}
