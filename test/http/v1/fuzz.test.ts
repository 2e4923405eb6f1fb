import { expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { fuzz } from '../../fuzz/run.js';
import { targetOf } from '../../fuzz/target.js';
import { checkedDoor } from '../../support/http.js';
import { serve } from '../../support/server.js';

test('300 requests that are made up from the description: none answers 5xx, or anything that is not described', async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`FUZZ_SEED=${seed}`);
  const { door, faults } = checkedDoor(v1);
  const served = await serve([door], {}, { wait: () => Promise.resolve() });
  try {
    const report = await fuzz(await targetOf(served), 300, seed);
    expect([seed, report.faults]).toEqual([seed, []]);
    expect([seed, faults]).toEqual([seed, []]);
    // Neither all refused nor all let through.
    expect(report.reached.length).toBeGreaterThan(8);
    expect(report.statuses['400']).toBeGreaterThan(20);
  } finally {
    await served.close();
  }
});
