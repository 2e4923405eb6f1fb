import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { mem0 } from '../../../src/mem0/index.js';
import { PAGE_BYTES } from '../../../src/guard/read.js';
import { MAX_CONTENT_BYTES, MAX_METADATA_BYTES } from '../../../src/memory/limits.js';
import { sender } from '../../support/http.js';
import { describeServedMostly } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { ADMIN, policyFolder } from '../../support/warden.js';

const COUNT = 250;
const CONTENT = 'é'.repeat(30_000);
const METADATA = { note: 'n'.repeat(1_000) };
const EACH = Buffer.byteLength(CONTENT) + Buffer.byteLength(JSON.stringify(METADATA));
const STATS = `role: stats
rules:
  - { id: read, action: read, subject: Memory, fields: [sensitivity, category, occurred_at], reason: They are counted. }
`;

interface Listed {
  readonly memories: readonly { readonly id: string }[];
  readonly cursor?: string;
}

describeServedMostly('pages of long memories', (serve) => {
  let served: Served;
  afterEach(() => served.close());
  const filled = async (options = {}) => {
    served = await serve([v1, mem0], options);
    const one = { content: CONTENT, metadata: METADATA };
    await served.warden.scope(ADMIN, 'alice').addMany(Array.from({ length: COUNT }, () => one));
  };

  test('S24: one ends early, with its cursor, where it holds as much as a page may; together they are all', async () => {
    await filled();
    const agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    const most = Math.floor(PAGE_BYTES / EACH);
    expect([most > 100, most < COUNT]).toEqual([true, true]);
    for (const ask of [
      (cursor: string) => agent('GET', `/v1/users/alice/memories?limit=1000${cursor && `&cursor=${cursor}`}`),
      (cursor: string) =>
        agent('POST', '/v1/users/alice/memories/query', { body: { limit: 1_000, ...(cursor && { cursor }) } }),
    ]) {
      const pages: Listed[] = [(await ask('')).body];
      for (let { cursor } = pages[0]!; cursor !== undefined; { cursor } = pages.at(-1)!)
        pages.push((await ask(cursor)).body as Listed);
      expect(pages.map(({ memories }) => memories.length)).toEqual([most, COUNT - most]);
      expect(new Set(pages.flatMap(({ memories }) => memories.map(({ id }) => id))).size).toBe(COUNT);
    }
    // What fits whatever it holds is never cut.
    expect(100 * (MAX_CONTENT_BYTES + MAX_METADATA_BYTES)).toBeLessThanOrEqual(PAGE_BYTES);
    const some = (await agent('GET', '/v1/users/alice/memories?limit=100')).body as Listed;
    expect(some.memories).toHaveLength(100);
  });

  test("S24: mem0's pages do so too, and tell of the next", async () => {
    await filled();
    const agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    const ids: string[] = [];
    let path: string | null = '/v3/memories/?page=1&page_size=1000';
    const sizes: number[] = [];
    while (path !== null) {
      const { body } = await agent('POST', path, { body: { filters: { user_id: 'alice' } } });
      const page = body as { count: number; next: string | null; results: { id: string }[] };
      expect(page.count).toBe(COUNT);
      sizes.push(page.results.length);
      ids.push(...page.results.map(({ id }) => id));
      path = page.next && new URL(page.next).pathname + new URL(page.next).search;
    }
    expect(sizes).toHaveLength(2);
    expect(new Set(ids).size).toBe(COUNT);
  });

  test('S7: the length of what is withheld does not show in where a page ends', async () => {
    const policies = await policyFolder();
    await writeFile(join(policies, 'stats.yaml'), STATS);
    await filled({ policies });
    const stats = sender(served.url, await served.key({ role: 'stats', users: ['alice'] }));
    const { body } = await stats('GET', '/v1/users/alice/memories?limit=1000');
    const { memories, cursor } = body as Listed;
    expect([memories.length, cursor]).toEqual([COUNT, undefined]);
  });
});
