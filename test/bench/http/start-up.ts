import { once } from 'node:events';
import { startServer } from '../../load/server.js';
import type { Figures } from '../figures.js';
import { withFolder } from '../places.js';
import { summary } from '../rounds.js';

/** How long `memwarden serve` on the embedded store takes from the start of its process until it is ready. */
export async function startUp(figures: Figures, rounds: number): Promise<void> {
  await withFolder(async (folder) => {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const { child, startMs } = await startServer(folder);
      times.push(startMs);
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    const [first = NaN, ...others] = times;
    figures.add({ name: 'http.first_start_ms', value: first, unit: 'ms', note: 'makes keys and the credential' });
    figures.add({ name: 'http.start_ms', ...summary(others), unit: 'ms', target: { max: 1_500 } });
  });
}
