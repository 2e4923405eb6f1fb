import { join } from 'node:path';
import { open } from 'lmdb';
import { compose } from './composition.js';
import { agentOf, scatter, seedThroughScopes, userName, type Population } from './data.js';
import { progress, type Figures } from './figures.js';
import { withFolder } from './places.js';
import { compete, microseconds, ratio, type Contender, type Latencies } from './rounds.js';
import type { SuiteOptions } from './suite.js';

const LIMIT = 20;

/** Guarded get and list(20) on the embedded store beside `lmdb` itself on the same keys. */
export async function guardOnEmbedded(figures: Figures, { quick }: SuiteOptions): Promise<void> {
  progress('guard on the embedded store');
  const population: Population = { users: quick ? 100 : 1_000, each: 10 };
  await withFolder(async (path) => {
    const guarded = await compose({ kind: 'embedded', path: join(path, 'guarded') });
    const raw = rawStore(join(path, 'raw'));
    try {
      const ids = await seedThroughScopes(population, (user) => guarded.scope(agentOf(user), userName(user)));
      for (let user = 0; user < population.users; user += 1) {
        const { memories } = await guarded.scope(agentOf(user), userName(user)).list({ limit: LIMIT });
        await raw.put(user, memories as unknown as RawMemory[]);
      }
      const kept = ids.map((_, user) => guarded.scope(agentOf(user), userName(user)));
      const userAt = (i: number) => scatter(i) % population.users;
      const idAt = (i: number) => ids[userAt(i)]?.[scatter(i + 1) % population.each] as string;
      const gets: Contender[] = [
        { name: 'guarded', run: (i) => guarded.scope(agentOf(userAt(i)), userName(userAt(i))).get(idAt(i)) },
        { name: 'kept', run: (i) => kept[userAt(i)]?.get(idAt(i)) },
        { name: 'raw', run: (i) => raw.get(userAt(i), idAt(i)) },
      ];
      const lists: Contender[] = [
        { name: 'guarded', run: (i) => guarded.scope(agentOf(userAt(i)), userName(userAt(i))).list({ limit: LIMIT }) },
        { name: 'kept', run: (i) => kept[userAt(i)]?.list({ limit: LIMIT }) },
        { name: 'raw', run: (i) => raw.list(userAt(i)) },
      ];
      for (const [name, contenders] of [
        ['get', gets],
        ['list', lists],
      ] as const) {
        if (!(await contenders[0]?.run(42)) || !contenders[2]?.run(42)) throw new Error('nothing to read');
        const alone = await compete(contenders, { rounds: quick ? 3 : 15, calls: quick ? 500 : 5_000 });
        report(figures, `guard.embedded.${name}`, alone);
        const together = await compete(contenders, { rounds: quick ? 3 : 11, calls: quick ? 500 : 5_000, callers: 16 });
        report(figures, `guard.embedded.${name}.callers16`, together);
      }
    } finally {
      await raw.close();
      await guarded.close();
    }
  });
}

interface RawMemory {
  readonly id: string;
  readonly occurredAt: Date;
}

// The same records under the same keys, without a guard: what an application on lmdb alone would write.
function rawStore(path: string) {
  const root = open({ path, overlappingSync: false });
  const memories = root.openDB<RawMemory, string[]>({ name: 'memories' });
  const recent = root.openDB<true, (string | number)[]>({ name: 'recent' });
  return {
    async put(user: number, all: readonly RawMemory[]): Promise<void> {
      const puts = all.flatMap((memory) => [
        memories.put([userName(user), memory.id], memory),
        recent.put([userName(user), memory.occurredAt.getTime(), memory.id], true),
      ]);
      await Promise.all(puts);
    },
    get: (user: number, id: string) => memories.get([userName(user), id]),
    list(user: number): RawMemory[] {
      const name = userName(user);
      const found: RawMemory[] = [];
      for (const key of recent.getKeys({ start: [name, Infinity], end: [name], reverse: true, limit: LIMIT })) {
        const memory = memories.get([name, key[2] as string]);
        if (memory) found.push(memory);
      }
      return found;
    },
    close: () => root.close(),
  };
}

function report(figures: Figures, at: string, latencies: Latencies): void {
  figures.add({
    name: `${at}.p50_ratio`,
    ...ratio(latencies, 'guarded', 'raw', 0.5),
    unit: 'x',
    note: 'of lmdb itself',
  });
  figures.add({
    name: `${at}.kept_scope.p50_ratio`,
    ...ratio(latencies, 'kept', 'raw', 0.5),
    unit: 'x',
    note: 'the scope made beforehand',
  });
  for (const name of ['guarded', 'kept', 'raw']) {
    const to = name === 'guarded' ? at : `${at}.${name === 'kept' ? 'kept_scope' : name}`;
    figures.add({ name: `${to}.p50_us`, ...microseconds(latencies, name, 0.5), unit: 'us' });
    figures.add({ name: `${to}.p99_us`, ...microseconds(latencies, name, 0.99), unit: 'us' });
  }
}
