import { expect, jest, test } from '@jest/globals';
import { HIDEABLE } from '../../src/model/fields.js';
import { insideOf } from '../../src/warden.js';
import { exportHeld } from '../support/exporting.js';
import { ADMIN, describeOnEachStore } from '../support/warden.js';

describeOnEachStore('exports', (open) => {
  test('let other work run between two memories, when they are read and when they are decided on anew', async () => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    const ids = (await memory.addMany(Array.from({ length: 6 }, (_, at) => ({ content: String(at) })))).map(
      ({ id }) => id,
    );
    const { guard } = insideOf(warden);
    const held = { ids, shown: HIDEABLE.join(' '), by: [] };
    // A slice of work ends by the clock, so the clock is the test's: one stands still, one is past a slice at each look.
    const turns = async (step: number, work: () => Promise<unknown>) => {
      let clock = 0;
      const time = jest.spyOn(performance, 'now').mockImplementation(() => (clock += step));
      const turn = jest.spyOn(globalThis, 'setImmediate');
      const done = await work();
      const count = turn.mock.calls.length;
      time.mockRestore();
      turn.mockRestore();
      expect(done).toBeTruthy();
      return count;
    };
    for (const work of [() => exportHeld(warden), () => guard.exportHolds(guard.access(ADMIN, 'alice'), held)])
      expect((await turns(10, work)) - (await turns(0, work))).toBeGreaterThanOrEqual(6);
  });
});
