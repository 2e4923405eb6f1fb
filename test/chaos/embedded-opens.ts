import assert from 'node:assert/strict';
import { openPlace } from '../contract/support/place.js';
import { start } from '../contract/support/spawn.js';
import { onEmbedded, somebody, type Scenario } from './scenario.js';
import { verify } from './verify.js';

const ROUND_MS = 4_000;

/** G28: processes open and close an embedded store without end while another one writes to it. */
export const embeddedOpens: Scenario = (setting) =>
  onEmbedded(async (place, openRaw) => {
    const driver = await openPlace(place);
    await driver.migrate();
    const partition = somebody();
    const writer = start({ place, task: 'workload', args: { partition, name: 'a', seed: setting.seed } });
    await writer.line((line) => line.includes('acknowledged'));
    const args = { place, ms: ROUND_MS * setting.rounds };
    const openers = [1, 2].map(() => start({ place, task: 'reopen', args }));
    const raw = await openRaw();
    try {
      for (const opener of openers) assert.deepEqual(await opener.ended, { code: 0, signal: null });
      writer.process.kill('SIGKILL');
      assert.equal((await writer.ended).signal, 'SIGKILL');
      const opens = openers.map(({ lines }) => Number(/^opened (\d+)$/.exec(lines[0] ?? '')?.[1]));
      const tally = await verify(driver, raw, partition, [writer.lines]);
      return { opens: opens.reduce((sum, count) => sum + count), ...tally };
    } finally {
      for (const child of [writer, ...openers]) child.process.kill('SIGKILL');
      await raw.close();
      await driver.close();
    }
  });
