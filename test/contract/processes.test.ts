import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { everythingIn, idsOf, namedIn, recordOf, store } from './support/records.js';
import { start } from './support/spawn.js';
import { describeStores, freshPartition } from './support/stores.js';

const TIMES = 40;

describeStores('Two processes on one store', (fixture) => {
  test('writers of one record lose no update, no state and no revision', async () => {
    const { driver, place } = fixture();
    const partition = freshPartition();
    const first = recordOf(partition, namedIn(partition)(1), { content: '' });
    await store(driver, [first]);
    const before = (await driver.planned.revision(partition)) ?? 0;
    const args = { partition, id: first.id, times: TIMES };
    const children = ['a', 'b'].map((letter) => start({ place, task: 'climb', args: { ...args, letter } }));
    for (const child of children) expect(await child.ended).toEqual({ code: 0, signal: null });
    const tried = children.map(({ lines }) => (JSON.parse(lines[0]!) as { tried: number }).tried);
    const now = await driver.planned.findOne(everythingIn(partition), first.id);
    expect(now?.version).toBe(1 + 2 * TIMES);
    const letters = now?.content ?? '';
    expect([...letters].filter((letter) => letter === 'a')).toHaveLength(TIMES);
    expect(letters).toHaveLength(2 * TIMES);
    const states = await driver.planned.findStates(everythingIn(partition), first.id);
    expect(states.map(({ record }) => record.content)).toEqual(
      Array.from({ length: 2 * TIMES }, (_, n) => letters.slice(0, n)),
    );
    // MongoDB raises it when a write begins and when it ends, LMDB in the write; a write that came to nothing counts there.
    const attempts = tried.reduce((sum, count) => sum + count);
    const raised = driver.kind === 'embedded' ? 2 * TIMES : 2 * attempts;
    expect(await driver.planned.revision(partition)).toBe(before + raised);
  }, 180_000);

  test('S18: each sees at once what the other was told is written, and the revision that says so', async () => {
    const { driver, place } = fixture();
    const partition = freshPartition();
    const child = start({ place, task: 'serve', args: { partition } });
    await child.line((line) => line === 'ready');
    const id = namedIn(partition);
    const expected: string[] = [];
    let revision = 0;
    for (let n = 0; n < 20; n += 1) {
      expected.push(id(n));
      if (n % 2) await store(driver, [recordOf(partition, id(n))]);
      const command = n % 2 ? `list ${n}` : `insert ${id(n)}`;
      child.tell(command);
      const answer = await child.line((line) => line.startsWith(`${command} -> `));
      const own = idsOf(await driver.planned.find(everythingIn(partition), 1_000)).sort();
      const now = (await driver.planned.revision(partition)) ?? 0;
      expect(now).toBeGreaterThan(revision);
      revision = now;
      expect(own).toEqual([...expected].sort());
      expect(answer).toBe(`${command} -> ${own.join(',')} at ${now}`);
    }
    child.process.stdin?.end();
    expect(await child.ended).toEqual({ code: 0, signal: null });
  }, 180_000);

  test('S12: two first askers in two processes agree on one key', async () => {
    const { place, driver } = fixture();
    const purpose = `purpose-${randomUUID()}`;
    const children = [1, 2].map(() => start({ place, task: 'key', args: { purpose } }));
    for (const child of children) expect(await child.ended).toEqual({ code: 0, signal: null });
    const key = await driver.service.currentKey(purpose);
    for (const { lines } of children) expect(lines).toEqual([key.secret.toString('hex')]);
  }, 180_000);
});
