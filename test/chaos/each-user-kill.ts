import assert from 'node:assert/strict';
import type { Warden } from '../../src/warden.js';
import { start } from '../contract/support/spawn.js';
import { onWarden, type Places } from './key-acts.js';
import { chance, type Scenario } from './scenario.js';

const ADMIN = { id: 'officer', role: 'admin' } as const;
const USERS = 300;
const WRITERS = 50;
const KILLS = 2;
// So that how far a job is has been kept on a busy machine too by when it is killed.
const PER_SECOND = 400;
const ATTEMPTS = 4;

/**
 * A process that does a job to each user is killed at random moments, and the same job goes on in another: every user is
 * done, none is skipped, and what was done long before the kill is not done again.
 */
export const eachUserKill =
  (places: Places): Scenario =>
  async (setting) => {
    const random = chance(setting, 9);
    return onWarden(places, async (place, folder, open) => {
      const warden = await open();
      const all = await fill(warden);
      const tally = { jobs: 0, kills: 0, skipped: 0, spared: 0 };
      for (let round = 0, attempt = 0; round < setting.rounds;) {
        const job = `job ${round}.${attempt}`;
        const done = new Set<string>();
        for (let kill = 0; kill < KILLS; kill += 1) {
          const child = start({ place, task: 'eachUser', args: { place, folder, job, perSecond: PER_SECOND } });
          let seen = 0;
          const enough = Math.ceil((0.3 + random() * 0.3) * USERS);
          await child.line((line) => line === 'ends' || (line.startsWith('did ') && (seen += 1) > enough));
          child.process.kill('SIGKILL');
          const { signal } = await child.ended;
          for (const line of child.lines) if (line.startsWith('did ')) done.add(line.slice(4));
          if (signal === 'SIGKILL' && !child.lines.includes('ends')) tally.kills += 1;
        }
        const last: string[] = [];
        const options = { job, concurrency: 4 };
        const result = await warden.forEachUser(ADMIN, options, (_, userId) => Promise.resolve(void last.push(userId)));
        for (const userId of last) done.add(userId);
        assert.deepEqual([...done].sort(), all, `round ${round}: a user was skipped`);
        assert.deepEqual([result.complete, result.users, result.failed], [true, USERS, 0]);
        const again = await warden.forEachUser(ADMIN, options, () => Promise.reject(new Error('done again')));
        assert.deepEqual([again.finishedBefore, again.users], [true, USERS]);
        // Killed before anything was kept it has to begin anew, and shows nothing; not every time.
        attempt += 1;
        if (last.length === USERS && attempt < ATTEMPTS) continue;
        assert.ok(last.length < USERS, 'it began anew');
        tally.jobs += 1;
        tally.spared += USERS - last.length;
        round += 1;
        attempt = 0;
        setting.log(`${tally.jobs} jobs after ${tally.kills} kills; ${tally.spared} users were not done again`);
      }
      return tally;
    });
  };

async function fill(warden: Warden): Promise<string[]> {
  const users = Array.from({ length: USERS }, (_, n) => `user-${String(n).padStart(4, '0')}`);
  for (let first = 0; first < USERS; first += WRITERS)
    await Promise.all(users.slice(first, first + WRITERS).map((user) => warden.scope(ADMIN, user).add(`of ${user}`)));
  return users;
}
