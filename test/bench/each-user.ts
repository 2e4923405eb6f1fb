import { join } from 'node:path';
import { createWarden, type ForEachUserOptions, type Warden } from '../../src/index.js';
import { openTables } from '../../src/store/embedded/environment.js';
import { ADMIN } from './data.js';
import { progress, type Figures } from './figures.js';
import { ownBytes } from './memory.js';
import { withFolder } from './places.js';
import { POLICIES } from './project.js';
import type { Suite } from './suite.js';

const TENANT = 'default';
const BATCH = 50_000;
const SIGHT_MS = 50;
// What the runtime, LMDB's map and caches of 10,000 entries take at first is not what a user costs.
const WARM = 0.1;
const CACHED = 12_000;

/**
 * Users a second of `forEachUser` on the embedded store, with an act that does nothing and with a guarded, audited count;
 * and by how much the process grows from when its caches are full to the last user.
 */
export const eachUser: Suite = async (figures, { quick }) => {
  const users = quick ? 20_000 : 1_000_000;
  await withFolder(async (folder) => {
    const path = join(folder, 'data');
    const keys = {
      store: { kind: 'embedded', path: join(folder, 'keys') },
      kms: `local:${join(folder, 'kek', 'file')}`,
      ledger: join(folder, 'ledger', 'erasures.ndjson'),
    } as const;
    const options = {
      policies: POLICIES,
      store: { kind: 'embedded', path },
      keys,
      audit: { checkpoints: join(folder, 'checkpoints') },
      classify: false,
      migrate: true,
    } as const;
    await (await createWarden(options)).close();
    progress(`${users} users on the embedded store`);
    await fill(path, users);
    const warden = await createWarden(options);
    try {
      await measure(figures, warden, 'nothing', users, () => Promise.resolve(), users);
      await measure(figures, warden, 'count', users, (scope) => scope.count(), Math.min(users, 50_000));
    } finally {
      await warden.close();
    }
  });
};

type Act = Parameters<Warden['forEachUser']>[2];

async function measure(figures: Figures, warden: Warden, name: string, all: number, act: Act, users: number) {
  const stop = new AbortController();
  const warm = Math.max(Math.ceil(users * WARM), Math.min(CACHED, users / 2));
  const half = (warm + users) / 2;
  let done = 0;
  let begin = 0;
  let highest = 0;
  let early = 0;
  const onProgress: ForEachUserOptions['onProgress'] = () => {
    if ((done += 1) === users) stop.abort();
    if (done === warm) {
      globalThis.gc?.();
      begin = highest = ownBytes();
    }
    if (done === Math.ceil(half)) early = highest;
  };
  const watch = setInterval(() => (highest = Math.max(highest, ownBytes())), SIGHT_MS);
  const started = performance.now();
  try {
    await warden.forEachUser(ADMIN, { concurrency: 16, job: `bench ${name}`, signal: stop.signal, onProgress }, act);
  } finally {
    clearInterval(watch);
  }
  const seconds = (performance.now() - started) / 1_000;
  if (done < users) throw new Error(`${done} of ${users} users were done`);
  const at = `tenants.each_user.${name}`;
  const note = `${done} of ${all} users, 16 at once, as a job`;
  figures.add({ name: `${at}.per_second`, value: done / seconds, unit: '1/s', note });
  const growth = (Math.max(highest, begin) - begin) / (1 << 20);
  figures.add({
    name: `${at}.growth_mib`,
    value: growth,
    unit: 'MiB',
    note: `resident without the mapped files, after the first ${warm}`,
  });
  // What a user costs would show here again; what the collector leaves lying for a while does not.
  const late = Math.max(0, highest - early) / (1 << 20);
  figures.add({ name: `${at}.late_growth_mib`, value: late, unit: 'MiB', note: 'of that, in the second half of them' });
}

// The list of users is all that the act asks for: a row a user, written past the product.
async function fill(path: string, users: number): Promise<void> {
  const tables = await openTables(path);
  const createdAt = new Date();
  for (let first = 0; first < users; first += BATCH) {
    await tables.root.transaction(() => {
      for (let n = first; n < Math.min(users, first + BATCH); n += 1)
        void tables.partitions.put([TENANT, `user-${String(n).padStart(8, '0')}`], { revision: 1, createdAt });
    });
  }
  await tables.root.close();
}
