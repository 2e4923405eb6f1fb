import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { agentOf, describeOnEachStore } from '../support/warden.js';

// A user's own text, within every limit; what is measured is how long nobody else of the process is served.
describeOnEachStore('A view of words that share a beginning', (open) => {
  test('S13: taking in one own write keeps the process from other work for seconds', async () => {
    const { warden } = await open({ classify: false });
    const mallory = warden.scope(agentOf('mallory'), 'mallory');
    const text = (n: number) =>
      Array.from({ length: 6_500 }, (_, i) => `zzzzz${(n * 6_500 + i).toString(36).padStart(4, '0')}`).join(' ');
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) ids.push((await mallory.add(text(n))).id);
    await mallory.search('zzzzz0000');
    await mallory.delete(ids[0]!);
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    await mallory.search('zzzzz0000');
    clearInterval(beat);
    longest = Math.max(longest, performance.now() - last);
    expect(longest).toBeLessThan(4_000);
  });
});
