import { join } from 'node:path';
import { createWarden, type ScopedMemory, type WardenOptions } from '../../src/index.js';
import { agentOf, scatter, seedThroughScopes, userName, type Population } from './data.js';
import { progress, type Figures } from './figures.js';
import { openServer, withFolder } from './places.js';
import { POLICIES } from './project.js';
import { compete, microseconds, ratio } from './rounds.js';
import type { Suite, SuiteOptions } from './suite.js';

const LIMIT = 20;

/** What a candidate set beside the live one costs a guarded read: one warden with, one without, on one store. */
export const shadow: Suite = async (figures, options) => {
  const server = await openServer();
  try {
    if (server) {
      const store = { kind: 'mongodb', uri: server.database() } as const;
      await withFolder((path) => measure(figures, options, path, store, 1.1));
    }
  } finally {
    await server?.stop();
  }
  await withFolder((path) => measure(figures, options, path, { kind: 'embedded', path: join(path, 'data') }));
};

async function measure(
  figures: Figures,
  { quick }: SuiteOptions,
  path: string,
  store: NonNullable<WardenOptions['store']>,
  max?: number,
): Promise<void> {
  const name = store.kind;
  progress(`shadow on ${name}`);
  const population: Population = { users: quick ? 50 : 300, each: 10 };
  const kms = `local:${join(path, 'keys', 'kek')}`;
  const keys = { store: { kind: 'embedded', path: join(path, 'keystore') }, kms } as const;
  const common = { store, keys, policies: POLICIES, classify: false, migrate: true } as const;
  const alone = await createWarden(common);
  const shadowed = await createWarden({ ...common, shadow: { policies: POLICIES } });
  try {
    const ids = await seedThroughScopes(population, (user) => alone.scope(agentOf(user), userName(user)));
    const at = (i: number) => scatter(i) % population.users;
    const scoped = (warden: typeof alone, i: number): ScopedMemory => warden.scope(agentOf(at(i)), userName(at(i)));
    const id = (i: number) => ids[at(i)]?.[scatter(i + 1) % population.each] as string;
    const wardens = { alone, shadowed };
    for (const [act, run] of [
      ['get', (memory: ScopedMemory, i: number) => memory.get(id(i))],
      ['list', (memory: ScopedMemory) => memory.list({ limit: LIMIT })],
    ] as const) {
      const contenders = Object.entries(wardens).map(([contender, warden]) => ({
        name: contender,
        run: (i: number) => run(scoped(warden, i), i),
      }));
      const latencies = await compete(contenders, { rounds: quick ? 3 : 15, calls: quick ? 100 : 600 });
      figures.add({
        name: `shadow.${name}.${act}.p50_ratio`,
        ...ratio(latencies, 'shadowed', 'alone', 0.5),
        unit: 'x',
        ...(max === undefined || act !== 'get' ? {} : { target: { max } }),
        note: 'of the same without a shadow',
      });
      figures.add({ name: `shadow.${name}.${act}.p50_us`, ...microseconds(latencies, 'shadowed', 0.5), unit: 'us' });
    }
    const report = shadowed.shadowReport();
    if (!report || report.compared === 0 || report.differing > 0 || report.failed > 0) throw new Error('no comparison');
  } finally {
    await shadowed.close();
    await alone.close();
  }
}
