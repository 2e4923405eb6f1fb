import { createWarden, type ScopedMemory, type SharedSpace } from '../../src/index.js';
import { searchAcross } from '../../src/memory/across.js';
import { ADMIN } from './data.js';
import { progress } from './figures.js';
import { withFolder } from './places.js';
import { POLICIES } from './project.js';
import { compete, microseconds, ratio } from './rounds.js';
import { memoryAt, queryAt } from './search-data.js';
import type { Suite } from './suite.js';

const SPACES = 10;
const BATCH = 1_000;
const ALICE = { id: 'bot', role: 'agent', userId: 'alice' } as const;

/**
 * One search over ten shared spaces beside one over a partition that holds as much as all of them, warm, on the embedded
 * store. Ten spaces are ten access lists that are read and opened, ten views, and ten records in the log.
 */
export const sharedSearch: Suite = async (figures, { quick }) => {
  const each = quick ? 100 : 1_000;
  await withFolder(async (path) => {
    const warden = await createWarden({ store: { kind: 'embedded', path }, policies: POLICIES, classify: false });
    try {
      progress(`${SPACES} spaces of ${each} memories, and one partition of ${SPACES * each}`);
      const members = [{ user: 'alice', access: 'write' }] as const;
      const spaces: SharedSpace[] = [];
      for (let n = 0; n < SPACES; n += 1) {
        await warden.space(ADMIN, `space ${n}`).create({ onErase: 'keep', members });
        const space = warden.space(ALICE, `space ${n}`);
        await fill(space, each, n * each);
        spaces.push(space);
      }
      const own = warden.scope(ALICE, 'alice');
      await fill(own, SPACES * each, 0);
      const latencies = await compete(
        [
          { name: 'partition', run: (i) => own.search(queryAt(i)) },
          { name: 'space', run: (i) => spaces[i % SPACES]?.search(queryAt(i)) },
          { name: 'spaces', run: (i) => searchAcross(spaces, queryAt(i)) },
        ],
        { rounds: quick ? 2 : 5, calls: quick ? 25 : 100 },
      );
      for (const name of ['partition', 'space', 'spaces'])
        figures.add({ name: `shared.${name}.p50`, ...microseconds(latencies, name, 0.5), unit: 'µs' });
      figures.add({ name: 'shared.spaces_to_partition', ...ratio(latencies, 'spaces', 'partition', 0.5), unit: 'x' });
    } finally {
      await warden.close();
    }
  });
};

async function fill(into: Pick<ScopedMemory | SharedSpace, 'addMany'>, count: number, from: number): Promise<void> {
  for (let at = 0; at < count; at += BATCH) {
    const size = Math.min(BATCH, count - at);
    await into.addMany(Array.from({ length: size }, (_, i) => memoryAt(from + at + i)));
  }
}
