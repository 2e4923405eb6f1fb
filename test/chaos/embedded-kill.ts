import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPlace } from '../contract/support/place.js';
import { start, type Child } from '../contract/support/spawn.js';
import { chance, onEmbedded, somebody, sum, type Scenario } from './scenario.js';
import { verify, type Tally } from './verify.js';

/** G28: writing processes of an embedded store die at random moments, one alone or one of two. */
export const embeddedKill: Scenario = (setting) =>
  onEmbedded(async (place, openRaw) => {
    const random = chance(setting, 1);
    const driver = await openPlace(place);
    await driver.migrate();
    const raw = await openRaw();
    const tallies: Tally[] = [];
    const living: Child[] = [];
    try {
      for (let round = 0; round < setting.rounds; round += 1) {
        const partition = somebody();
        const names = round % 2 ? ['a', 'b'] : ['a'];
        const children = names.map((name) =>
          start({ place, task: 'workload', args: { partition, name, seed: setting.seed + round } }),
        );
        living.push(...children);
        for (const child of children) await child.line((line) => line.includes('acknowledged'));
        for (const child of children) {
          await sleep(random() * 150);
          child.process.kill('SIGKILL');
          assert.equal((await child.ended).signal, 'SIGKILL');
        }
        tallies.push(
          await verify(
            driver,
            raw,
            partition,
            children.map(({ lines }) => lines),
          ),
        );
        setting.log(`round ${round + 1}: ${JSON.stringify(tallies.at(-1))}`);
      }
    } finally {
      for (const child of living) child.process.kill('SIGKILL');
      await raw.close();
      await driver.close();
    }
    return { kills: tallies.length, ...sum(tallies) };
  });
