import '../support/fresh-lmdb.js';
import { afterEach, expect, test } from '@jest/globals';
import type { Hit } from '../../src/guard/search.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { startEmbeddingServer, type EmbeddingServer } from '../support/embedding-server.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, policyFolder } from '../support/warden.js';

let server: EmbeddingServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const START = Date.UTC(2026, 0, 1);
const QUERIES = ['boat anchor', 'Where is the harbour?', 'Anna January zebra'];
const CLERK = { id: 'c', role: 'clerk' } as const;
const CLERK_RULES = `rules:
  - { id: c-reads, action: [read, explain], subject: Memory, conditions: { sensitivity: { $in: [public, private] } }, reason: r }
  - { id: c-no-text, action: read, subject: Memory, inverted: true, fields: [content], conditions: { category: shut }, reason: r }
  - { id: c-no-speaker, action: read, subject: Memory, inverted: true, fields: [speaker, session_id, occurred_at], conditions: { category: odd }, reason: r }
`;

// Without the ids and times that two wardens give to the same memories.
function shownOf(hits: unknown): unknown {
  if (!Array.isArray(hits)) return hits;
  return (hits as readonly Hit[]).map(({ memory: { content, occurredAt }, ...rest }) => ({
    ...rest,
    content,
    occurredAt,
  }));
}

async function told(memory: ScopedMemory): Promise<unknown> {
  const all: unknown[] = [];
  for (const query of QUERIES) {
    for (const mode of ['lexical', 'semantic', 'hybrid'] as const) {
      for (const options of [
        { limit: 3, explain: true },
        { limit: 50, explain: true, minScore: 0.2, fill: 'recent' },
        { limit: 5, explain: true, filter: { keyword: 'a' } },
      ] as const)
        all.push(shownOf(await outcome(() => memory.search(query, { mode, ...options }))));
      all.push(
        JSON.stringify(await outcome(() => memory.context(query, { mode, budgetTokens: 200 }))).replaceAll(
          /MEMORIES [0-9a-f]{24}|two marks [0-9a-f]{24}/g,
          'MARK',
        ),
      );
    }
  }
  all.push(await memory.count());
  return all;
}

function firstDifference(found: unknown, wanted: unknown): unknown {
  const [one, other] = [found as unknown[], wanted as unknown[]];
  const at = one.findIndex((item, i) => JSON.stringify(item) !== JSON.stringify(other[i]));
  return at < 0 ? undefined : { at, found: one[at], wanted: other[at] };
}

describeOnEachStore('What may not be read', (open) => {
  test('G7, S13, S18: moves nothing in results, explanations, contexts and counts, in a view that is cached', async () => {
    server = await startEmbeddingServer(16);
    const clock = handClock();
    const policies = await policyFolder({ clerk: CLERK_RULES });
    const options = {
      clock,
      policies,
      classify: false as const,
      embedder: {
        kind: 'http' as const,
        url: server.url,
        model: 'm',
        disclose: { maxLevel: 'sensitive' as const },
        searchWaitMs: 20_000,
        writeWaitMs: 20_000,
      },
    };
    const fill = async (memory: ScopedMemory) => {
      for (let i = 0; i < 30; i += 1)
        await memory.add({
          content:
            ['Anna keeps a boat', 'Where is the anchor?', 'behind the harbour', 'adopting a zebra'][i % 4]! + ` ${i}`,
          speaker: i % 2 ? 'Anna' : 'Ben',
          sessionId: `s${i % 3}`,
          occurredAt: new Date(START + i * 60_000),
          level: i % 3 ? 'private' : 'public',
          category: i % 7 === 0 ? 'odd' : 'sea',
        });
    };
    const { warden, again } = await open(options);
    const admin = warden.scope(ADMIN, 'alice');
    await fill(admin);
    const other = await again(options);
    const names = [agentOf('alice'), CLERK] as const;
    const expected = await Promise.all(names.map((who) => told(warden.scope(who, 'alice'))));
    const check = async () => {
      for (const at of [warden, other])
        for (const [i, who] of names.entries())
          expect(firstDifference(await told(at.scope(who, 'alice')), expected[i])).toBeUndefined();
    };
    await check();
    const hide = (i: number) => ({
      content: [
        'boat anchor harbour',
        'der Hafen ist nicht weit und die Anna',
        'Where is the zebra?',
        'adoption papers',
      ][i % 4]!,
      speaker: ['Anna', 'Zoe'][i % 2]!,
      sessionId: `s${i % 3}`,
      occurredAt: new Date(START + i * 45_000 + 1),
    });
    const hidden: string[] = [];
    for (let i = 0; i < 24; i += 1) hidden.push((await admin.add({ ...hide(i), level: 'sensitive' })).id);
    await warden
      .scope(ADMIN, 'bob')
      .addMany(Array.from({ length: 20 }, (_, i) => ({ ...hide(i), level: 'public' as const })));
    await check();
    // By another process, while both have views.
    for (let i = 0; i < 8; i += 1) await other.scope(ADMIN, 'alice').update(hidden[i]!, { content: `boat zebra ${i}` });
    for (let i = 8; i < 12; i += 1) await other.scope(ADMIN, 'alice').delete(hidden[i]!);
    await check();
    // Readable, in a cached view, then raised, or expired.
    const raised = await admin.add({ ...hide(3), level: 'private' });
    const ending = await admin.add({ ...hide(5), level: 'private', expiresAt: new Date(clock().getTime() + 60_000) });
    await told(warden.scope(CLERK, 'alice'));
    await told(other.scope(CLERK, 'alice'));
    await other.scope(ADMIN, 'alice').update(raised.id, { level: 'sensitive' });
    clock.forward(60_000);
    await check();
    expect(ending.id).toBeDefined();
  });

  test('G7: memories whose text is hidden move nothing, whatever else of them may be read', async () => {
    const policies = await policyFolder({ clerk: CLERK_RULES });
    const { warden } = await open({ policies, classify: false });
    const admin = warden.scope(ADMIN, 'alice');
    for (let i = 0; i < 12; i += 1)
      await admin.add({
        content: `a boat ${i}`,
        sessionId: 's',
        speaker: 'Anna',
        occurredAt: new Date(START + i * 1_000),
        category: 'sea',
      });
    const shown = async () => {
      const clerk = warden.scope(CLERK, 'alice');
      const hits = await Promise.all(QUERIES.map((query) => clerk.search(query, { explain: true, limit: 50 })));
      return JSON.stringify(hits);
    };
    const before = await shown();
    for (let i = 0; i < 12; i += 1)
      await admin.add({
        content: `boat anchor zebra`,
        sessionId: 's',
        speaker: 'Anna',
        occurredAt: new Date(START + i * 900 + 1),
        category: 'shut',
      });
    expect(await shown()).toBe(before);
    const clerk = warden.scope(CLERK, 'alice');
    expect(
      (await clerk.search('zebra', { fill: 'recent', limit: 100 })).some(({ memory }) => memory.category === 'shut'),
    ).toBe(false);
  });
});
