import { expect, test } from '@jest/globals';
import { ADMIN, agentOf, describeOnEachStore, handClock } from '../support/warden.js';

describeOnEachStore('the revision of a partition', (open) => {
  test('S18: every write raises it before it is acknowledged, of another process too, and no other partition\u2019s', async () => {
    const clock = handClock();
    const { warden, driver, again } = await open({ clock });
    const revision = async (userId = 'alice') => (await driver.planned.revision({ tenant: 'default', userId }))!;
    expect(await revision()).toBe(0);
    await warden.scope(ADMIN, 'bob').add('of bob');
    const bobs = await revision('bob');
    for (const one of [warden, await again({ clock })]) {
      const memory = one.scope(agentOf('alice'), 'alice');
      const ids: string[] = [];
      const writes: readonly (() => Promise<unknown>)[] = [
        async () => void ids.push((await memory.add('x')).id),
        async () =>
          void ids.push(...(await memory.addMany([{ content: 'y' }, { content: 'z' }])).map((added) => added.id)),
        () => memory.add([{ role: 'user', content: 'w' }]),
        () => memory.update(ids[0]!, { content: 'x2' }),
        () => memory.delete(ids[0]!),
        () => memory.deleteMany({ keyword: 'y' }),
        () => memory.deleteAll(),
      ];
      for (const [i, write] of writes.entries()) {
        const before = await revision();
        await write();
        expect([i, (await revision()) > before]).toEqual([i, true]);
      }
    }
    expect(await revision('bob')).toBe(bobs);
  });

  test('S18: a purge raises it; reads and refused writes of other callers need not', async () => {
    const clock = handClock();
    const { warden, driver } = await open({ clock });
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.add('x', { ttl: 1_000 });
    const revision = async () => (await driver.planned.revision({ tenant: 'default', userId: 'alice' }))!;
    const before = await revision();
    await memory.list();
    expect(await revision()).toBe(before);
    clock.forward(1_000);
    await warden.purge();
    expect(await revision()).toBeGreaterThan(before);
  });

  test('S18: the revision never leaves: no answer of the library holds it', async () => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('x');
    const answers = [
      await memory.get(id),
      await memory.list(),
      await memory.history(id),
      await memory.explain(id),
      await warden.users(ADMIN),
    ];
    expect(JSON.stringify(answers)).not.toMatch(/(?<!policy)revision/i);
  });
});
