import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createWarden } from '../../src/index.js';
import { agentOf, seedThroughScopes, userName } from './data.js';
import { withFolder } from './places.js';
import { POLICIES } from './project.js';
import { summary } from './rounds.js';
import type { Suite } from './suite.js';

const RULES = 1_000;
const ROLES = 10;
const READERS = 16;

/**
 * A set of 1,000 rules whose files are replaced while others read without pause: how long it takes until it is in
 * force, and whether a read fails. The suite `policy` has the reload alone.
 */
export const reload: Suite = async (figures, { quick }) => {
  await withFolder(async (path) => {
    const policies = join(path, 'policies');
    await cp(POLICIES, policies, { recursive: true });
    await put(policies, 0);
    const warden = await createWarden({
      store: { kind: 'embedded', path: join(path, 'data') },
      keys: { store: { kind: 'embedded', path: join(path, 'keystore') }, kms: `local:${join(path, 'keys', 'kek')}` },
      policies,
      classify: false,
      watchPolicies: true,
    });
    try {
      const population = { users: 20, each: 10 };
      const ids = await seedThroughScopes(population, (user) => warden.scope(agentOf(user), userName(user)));
      const load = { isOver: false, reads: 0, failed: 0 };
      const read = async (reader: number): Promise<void> => {
        for (let i = reader; !load.isOver; i += READERS) {
          const user = i % population.users;
          const id = ids[user]?.[i % population.each] as string;
          load.reads += 1;
          const memory = await warden
            .scope(agentOf(user), userName(user))
            .get(id)
            .catch(() => null);
          if (!memory) load.failed += 1;
          await new Promise(setImmediate);
        }
      };
      const readers = Array.from({ length: READERS }, (_, reader) => read(reader));
      const taken: number[] = [];
      for (let i = 1; i <= (quick ? 3 : 20); i += 1) {
        const { policyRevision } = warden;
        await put(policies, i);
        const start = performance.now();
        while (warden.policyRevision === policyRevision) await new Promise((done) => setTimeout(done, 1));
        taken.push(performance.now() - start);
      }
      load.isOver = true;
      await Promise.all(readers);
      const note = `beside ${READERS} readers; 100 ms of quiet are waited for`;
      figures.add({ name: 'reload.watched.rules1000.ms', ...summary(taken), unit: 'ms', note });
      figures.add({ name: 'reload.failed_reads', value: load.failed, target: { max: 0 }, note: `of ${load.reads}` });
    } finally {
      await warden.close();
    }
  });
};

// Roles of their own, a file each, so that reading goes on being allowed; `n` makes each set another one.
async function put(folder: string, n: number): Promise<void> {
  for (let role = 0; role < ROLES; role += 1) {
    const rules = Array.from({ length: RULES / ROLES }, (_, i) => ({
      id: `big-${role}-${i}`,
      action: 'read',
      subject: 'Memory',
      conditions: {
        user_id: '${principal.user_id}',
        category: `c-${n}-${i}`,
        sensitivity: { $in: ['public', 'private'] },
      },
      reason: `Rule ${i}.`,
    }));
    const next = join(folder, 'next');
    await writeFile(next, JSON.stringify({ role: `big-${role}`, rules }));
    await rename(next, join(folder, `big-${role}.yaml`));
  }
}
