import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { compose, type Composition } from './composition.js';
import { ADMIN, agentOf, newMemories, scatter, seedThroughScopes, userName } from './data.js';
import { progress, type Figures } from './figures.js';
import { withFolder } from './places.js';
import { compete } from './rounds.js';
import { reportSizes, reportWalk } from './scale-report.js';
import type { SuiteOptions } from './suite.js';
import { walkApart } from './walk.js';

const EACH = 10;
const LIMIT = 20;
const BATCH = 1_000;

/** The embedded store serves one host: 100,000 users are enough there. */
export async function scaleOnEmbedded(figures: Figures, { quick }: SuiteOptions): Promise<void> {
  progress('scale on the embedded store');
  const sizes = quick ? [100, 1_000] : [1_000, 100_000];
  await withFolder(async (folder) => {
    const all: { users: number; path: string; composition: Composition; ids: string[][] }[] = [];
    try {
      for (const users of sizes) {
        const path = join(folder, String(users));
        const composition = await compose({ kind: 'embedded', path });
        const ids = await seedThroughScopes({ users, each: EACH }, (user) =>
          composition.scope(agentOf(user), userName(user)),
        );
        all.push({ users, path, composition, ids });
      }
      const contenders = (call: (one: (typeof all)[number], user: number, i: number) => Promise<unknown>) =>
        all.map((one) => ({ name: String(one.users), run: (i: number) => call(one, scatter(i) % one.users, i) }));
      const options = { rounds: quick ? 3 : 15, calls: quick ? 1_000 : 5_000 };
      const scope = (one: (typeof all)[number], user: number) => one.composition.scope(agentOf(user), userName(user));
      const gets = contenders((one, user, i) => scope(one, user).get(one.ids[user]?.[scatter(i + 1) % EACH] as string));
      reportSizes(figures, 'scale.embedded.get', await compete(gets, options), sizes);
      const lists = contenders((one, user) => scope(one, user).list({ limit: LIMIT }));
      reportSizes(figures, 'scale.embedded.list', await compete(lists, options), sizes);
      const last = all.at(-1) as (typeof all)[number];
      const walked = await walkApart({ place: { kind: 'embedded', path: last.path } });
      if (walked.count !== last.users) throw new Error('not every user was listed');
      reportWalk(figures, 'scale.embedded.list_users', walked);
    } finally {
      for (const { composition } of all) await composition.close();
    }
  });
  await withFolder((path) => deleteOne(path, figures, quick ? 5_000 : 100_000));
  await withFolder((path) => listOne(path, figures, quick ? 20_000 : 1_000_000));
}

async function fill(composition: Composition, user: number, count: number): Promise<void> {
  const scope = composition.scope(ADMIN, userName(user));
  for (let from = 0; from < count; from += BATCH) await scope.addMany(newMemories(Math.min(BATCH, count - from), from));
}

async function deleteOne(path: string, figures: Figures, each: number): Promise<void> {
  const composition = await compose({ kind: 'embedded', path });
  try {
    await fill(composition, 0, each);
    await fill(composition, 1, each);
    const start = performance.now();
    const deleted = await composition.scope(ADMIN, userName(0)).deleteAll();
    const seconds = (performance.now() - start) / 1_000;
    figures.add({ name: 'scale.embedded.delete_all.seconds', value: seconds, unit: 's', note: `of ${each} memories` });
    figures.add({ name: 'scale.embedded.delete_all.deleted', value: deleted, target: { min: each } });
    const others = each - (await composition.scope(ADMIN, userName(1)).count());
    figures.add({ name: 'scale.embedded.delete_all.others_deleted', value: others, target: { max: 0 } });
  } finally {
    await composition.close();
  }
}

async function listOne(path: string, figures: Figures, each: number): Promise<void> {
  const composition = await compose({ kind: 'embedded', path });
  try {
    await fill(composition, 0, each);
    const walked = await walkApart({ place: { kind: 'embedded', path }, userId: userName(0) });
    if (walked.count !== each) throw new Error('not every memory was listed');
    reportWalk(figures, 'scale.embedded.list_memories', walked, 150);
  } finally {
    await composition.close();
  }
}
