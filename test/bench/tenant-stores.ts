import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WardenOptions } from '../../src/config/options.js';
import { openTenants, type Tenants } from '../../src/tenants/tenants.js';
import { ADMIN } from './data.js';
import { progress, type Figures } from './figures.js';
import { ownBytes } from './memory.js';
import { openServer, withFolder } from './places.js';
import { POLICIES } from './project.js';
import type { Suite } from './suite.js';

const OWNER = 'alice';
const ROUNDS = 3;

/**
 * A guarded `get` of one user in one tenant and in many that are open, what one that is open takes, and how long opening
 * one takes that was closed; on the embedded store and on MongoDB.
 */
export const tenantStores: Suite = async (figures, { quick }) => {
  const [embedded, mongodb] = quick
    ? [
        [1, 20, 200],
        [1, 20],
      ]
    : [
        [1, 100, 5_000],
        [1, 100],
      ];
  await withFolder((folder) => measure(figures, 'embedded', embedded, quick, optionsIn(folder)));
  const server = await openServer();
  if (!server) return;
  try {
    await withFolder((folder) => {
      const store = { kind: 'mongodb', uri: server.database() } as const;
      return measure(figures, 'mongodb', mongodb, quick, { ...optionsIn(folder), store, migrate: true });
    });
  } finally {
    await server.stop();
  }
};

function optionsIn(folder: string): WardenOptions {
  return {
    policies: POLICIES,
    store: { kind: 'embedded', path: join(folder, 'data') },
    keys: { kms: `local:${join(folder, 'kek', 'file')}`, ledger: join(folder, 'ledger', 'erasures.ndjson') },
    audit: { checkpoints: join(folder, 'checkpoints') },
    classify: false,
  };
}

async function measure(
  figures: Figures,
  store: string,
  sizes: readonly number[],
  quick: boolean,
  warden: WardenOptions,
): Promise<void> {
  const most = Math.max(...sizes);
  const options = { isolation: 'database', maxOpen: most, idleMs: 86_400_000, maxPoolSize: 2, warden } as const;
  const ids: string[] = [];
  const names = Array.from({ length: most }, (_, i) => `t-${String(i)}`);
  progress(`${most} tenants on the ${store} store`);
  let tenants = await openTenants(options);
  const making = performance.now();
  for (const name of names) {
    await tenants.create(ADMIN, name);
    const add = tenants.use({ ...ADMIN, tenant: name }, (one, who) => one.scope(who, OWNER).add(`of ${name}`));
    ids.push((await add).id);
  }
  const made = (performance.now() - making) / most;
  figures.add({ name: `tenants.${store}.create_ms`, value: made, unit: 'ms', note: 'and its first memory; mean' });
  await tenants.close();

  tenants = await openTenants(options);
  const times: number[] = [];
  await settled();
  const before = { bytes: ownBytes(), files: openFiles() };
  for (const [i, name] of names.entries()) {
    const begin = performance.now();
    await get(tenants, name, ids[i] ?? '');
    times.push(performance.now() - begin);
  }
  await settled();
  const cold = middle(times);
  figures.add({
    name: `tenants.${store}.cold_open_ms`,
    value: cold,
    unit: 'ms',
    note: `with its first get; p50 of ${most}`,
  });
  const kib = (ownBytes() - before.bytes) / most / 1_024;
  figures.add({ name: `tenants.${store}.open_kib`, value: kib, unit: 'KiB', note: `resident a tenant, ${most} open` });
  const files = (openFiles() - before.files) / most;
  figures.add({ name: `tenants.${store}.open_files`, value: files, unit: '', note: 'descriptors a tenant' });
  const gets = quick ? 400 : 10_000;
  const rounds = sizes.map((): number[] => []);
  // In turn, so that what the machine does beside weighs on all sizes alike; the first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [i, size] of sizes.entries()) {
      const p50 = middle(await getsOf(tenants, names.slice(0, size), ids, gets));
      if (round > 0) rounds[i]?.push(p50);
    }
  const [one = NaN] = rounds.map(middle);
  for (const [i, size] of sizes.entries()) {
    const p50 = middle(rounds[i] ?? []);
    const target = size === 1 ? {} : { target: { max: Number((one * 1.1).toFixed(3)) } };
    const note = size === 1 ? `${gets} times` : `${(p50 / one).toFixed(2)}x of one tenant`;
    figures.add({ name: `tenants.${store}.get_${size}.p50_ms`, value: p50, unit: 'ms', note, ...target });
  }
  await tenants.close();
}

async function getsOf(tenants: Tenants, names: readonly string[], ids: readonly string[], count: number) {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const at = i % names.length;
    const begin = performance.now();
    await get(tenants, names[at] ?? '', ids[at] ?? '');
    times.push(performance.now() - begin);
  }
  return times;
}

async function get(tenants: Tenants, tenant: string, id: string): Promise<void> {
  const found = await tenants.use({ ...ADMIN, tenant }, (warden, who) => warden.scope(who, OWNER).get(id));
  if (found?.content !== `of ${tenant}`) throw new Error(`${tenant} was answered amiss`);
}

// What making them left behind is given back before it is counted.
async function settled(): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return NaN;
  }
}
