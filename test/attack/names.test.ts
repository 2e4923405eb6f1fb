import { expect, test } from '@jest/globals';
import { ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';
import { idsTo } from './corpus.js';

const NAMES = idsTo('distinct').map(({ value }) => value as string);

describeOnEachStore('names', (open) => {
  test('G8: of every pair of names each partition holds its own and nothing of the other', async () => {
    const { warden } = await open();
    expect(new Set(NAMES).size).toBe(NAMES.length);
    expect(NAMES.length).toBeGreaterThanOrEqual(100);
    const ids: string[] = [];
    for (const [i, name] of NAMES.entries()) {
      const { id } = await warden.scope(agentOf(name), name).add(`text ${i}`, { category: name });
      ids.push(id);
    }
    for (const [i, name] of NAMES.entries()) {
      const memory = warden.scope(agentOf(name), name);
      const { memories } = await memory.list();
      expect(memories.map((one) => [one.userId, one.content])).toEqual([[name, `text ${i}`]]);
      expect(await memory.count({ category: name })).toBe(1);
      // The neighbours in the corpus are those that look alike.
      for (const j of [i - 2, i - 1, i + 1, i + 2]) {
        if (!NAMES[j]) continue;
        expect(await memory.get(ids[j]!)).toBeNull();
        expect(await memory.count({ category: NAMES[j] })).toBe(0);
        expect(await outcome(() => warden.scope(agentOf(name), NAMES[j]!).count())).toBe('forbidden');
      }
    }
  }, 120_000);

  test('G8: deleting all of one name leaves every other one, and the list of users tells them apart', async () => {
    const { warden } = await open();
    for (const name of NAMES) await warden.scope(ADMIN, name).add('text');
    const bytes = [...NAMES].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect((await warden.users(ADMIN, { limit: 1_000 })).users.map((user) => user.userId)).toEqual(bytes);
    let left = NAMES.length;
    for (const name of NAMES) {
      expect([name, await warden.scope(ADMIN, name).deleteAll()]).toEqual([name, 1]);
      left -= 1;
      if (left % 20 !== 0) continue;
      let count = 0;
      for (const other of NAMES) count += await warden.scope(ADMIN, other).count();
      expect(count).toBe(left);
    }
  }, 120_000);
});
