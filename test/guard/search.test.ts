import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Hit } from '../../src/guard/search.js';
import type { NewMemory } from '../../src/memory/input.js';
import type { Principal } from '../../src/model/principal.js';
import type { Level } from '../../src/model/levels.js';
import type { SearchFilter } from '../../src/memory/searching.js';
import {
  ABSENT,
  ADMIN,
  agentOf,
  describeOnEachStore,
  EXPORT,
  handClock,
  outcome,
  ownerOf,
  policyFolder,
} from '../support/warden.js';

const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 13);
const CLERK: Principal = { id: 'c', role: 'clerk' };
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

/** Content is hidden of private memories, the session of others. */
const CLERK_RULES = `rules:
  - { id: clerk-reads, action: read, subject: Memory, conditions: { sensitivity: { $in: [public, private] } }, reason: r }
  - id: clerk-not-the-text
    action: read
    subject: Memory
    inverted: true
    fields: [content, speaker, metadata]
    conditions: { sensitivity: private }
    reason: r
  - { id: clerk-creates, action: create, subject: Memory, reason: r }
`;

const QUERIES = [
  'Where is the harbour office?',
  'boat anchor',
  'What did Anna say in January 2026?',
  'harbour',
  'zebra',
];
const LEVELS: readonly Level[] = ['public', 'private'];

function readable(i: number): NewMemory {
  const texts = [
    'The harbour office opens at nine',
    'Anna keeps a boat',
    'Where did the anchor go?',
    'It lies behind the harbour',
  ];
  return {
    content: `${texts[i % 4]!} (${i})`,
    speaker: i % 2 ? 'Anna' : 'Ben',
    sessionId: `s${Math.floor(i / 8)}`,
    occurredAt: new Date(START + i * MINUTE),
    level: LEVELS[i % 3 === 0 ? 0 : 1]!,
    category: i % 5 ? 'sea' : 'land',
  };
}

/** Full of the query's terms, between every two readable ones of a session. */
function unreadable(i: number, level: Level): NewMemory {
  return {
    content: 'harbour office boat anchor zebra harbour boat Anna January',
    speaker: 'Anna',
    sessionId: `s${Math.floor(i / 8) % 5}`,
    occurredAt: new Date(START + (i % 40) * MINUTE + 1 + i),
    level,
    category: 'sea',
  };
}

const bare = (hits: readonly Hit[]) =>
  hits.map(({ memory, ...rest }) => ({ ...rest, content: memory.content, at: memory.occurredAt }));

describeOnEachStore('search', (open, store) => {
  test('finds what the words ask for, with absolute scores, matched words and parts', async () => {
    const { warden } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.addMany([
      { content: 'Alice is vegetarian.' },
      { content: 'Alice lives in Bristol.' },
      { content: 'The weather is fine.' },
    ]);
    const [best, ...others] = await memory.search('Who is vegetarian in Bristol?', { explain: true });
    expect(others).toHaveLength(1);
    expect(best!.score).toBeGreaterThan(0);
    expect(best!.score).toBeLessThan(1);
    const both = [best!, ...others];
    expect(both.flatMap(({ matched }) => matched).sort()).toEqual(['bristol', 'vegetarian']);
    const [start, end] = best!.explain!.spans[0]!;
    expect(['vegetarian', 'Bristol']).toContain(best!.memory.content!.slice(start, end));
    expect(await memory.search('nothing of that sort')).toEqual([]);
    const filled = await memory.search('vegetarian', { fill: 'recent', minScore: 0.01 });
    expect(filled.map(({ score }) => score > 0)).toEqual([true, false, false]);
    expect(filled[1]).toMatchObject({ score: 0, matched: [] });
    expect(filled[1]!.memory.content).toBe('The weather is fine.');
    expect(await memory.search('vegetarian', { minScore: 0.99 })).toEqual([]);
    expect(await outcome(() => memory.search('x', { mode: 'semantic' }))).toBe('embedder_missing');
    expect(await outcome(() => memory.search('x', { mode: 'hybrid' }))).toBe('embedder_missing');
    expect(await outcome(() => warden.scope(agentOf('bob'), 'alice').search('vegetarian'))).toBe('forbidden');
  });

  test('a filter narrows results and not statistics; speaker and metadata are tested on what was opened, filling the limit', async () => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.addMany(
      Array.from({ length: 60 }, (_, i) => ({
        content: `note ${i} on the harbour`,
        speaker: i % 10 === 9 ? 'Zoe' : 'Ben',
        metadata: { page: i, draft: i % 2 === 0, 'a.b': 'c' },
        category: i % 6 === 0 ? 'rare' : 'general',
        level: i % 7 === 0 ? 'sensitive' : 'private',
      })),
    );
    const all = await memory.search('harbour', { limit: 1_000 });
    expect(all).toHaveLength(60);
    const score = new Map(all.map((hit) => [hit.memory.id, hit.score]));
    const filters = [
      { speaker: 'Zoe' },
      { metadata: { draft: false } },
      { metadata: { page: 41 } },
      { category: 'rare' },
      { level: 'sensitive' as const },
      { keyword: 'note 1' },
      { metadata: { 'a.b': 'c' } },
    ];
    for (const [i, filter] of filters.entries()) {
      const hits = await memory.search('harbour', { limit: 5, filter });
      const fit = all.filter(({ memory: one }) => fits(one, filter));
      expect([i, hits.map(({ memory: { id } }) => id)]).toEqual([i, fit.slice(0, 5).map(({ memory: { id } }) => id)]);
      expect(hits.length).toBe(Math.min(5, fit.length));
      for (const hit of hits) expect(hit.score).toBe(score.get(hit.memory.id));
    }
  });

  test('every field that is declared filterable filters: ids and expiry too', async () => {
    const { warden } = await open({ clock: handClock() });
    const memory = warden.scope(ADMIN, 'alice');
    const added = await memory.addMany(
      Array.from({ length: 30 }, (_, i) => ({
        content: `the harbour ${i}`,
        ...(i % 3 === 0 ? {} : { ttl: 1_000 * (i + 1) }),
      })),
    );
    const at = (i: number) => added[i]!.expiresAt!;
    const found = async (filter: SearchFilter) =>
      (await memory.search('harbour', { limit: 1_000, filter }))
        .map(({ memory: { id } }) => added.findIndex((one) => one.id === id))
        .sort((a, b) => a - b);
    const expiring = added.flatMap((_, i) => (i % 3 === 0 ? [] : [i]));
    expect(await found({ id: added[7]!.id })).toEqual([7]);
    expect(await found({ id: [added[3]!.id, added[20]!.id, ABSENT] })).toEqual([3, 20]);
    expect(await found({ expiresFrom: at(10) })).toEqual(expiring.filter((i) => i >= 10));
    expect(await found({ expiresTo: at(10).toISOString() })).toEqual(expiring.filter((i) => i < 10));
    expect(await found({ expiresFrom: at(10), expiresTo: at(20), id: added.map(({ id }) => id) })).toEqual(
      expiring.filter((i) => i >= 10 && i < 20),
    );
    for (const filter of [{ id: [] }, { id: { $ne: 'a' } }, { expiresFrom: 'soon' }, { expiresTo: { $gt: 1 } }])
      expect([filter, await outcome(() => memory.search('x', { filter: filter as never }))]).toEqual([
        filter,
        'invalid_argument',
      ]);
  });

  test('G3: a filter with operators, unknown keys, getters or what is no text is refused', async () => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    const refused: unknown[] = [
      { filter: { category: { $ne: 'x' } } },
      { filter: { metadata: { page: { $gt: 1 } } } },
      { filter: { metadata: {} } },
      { filter: { metadata: JSON.parse('{"__proto__": "x"}') as unknown } },
      { filter: { $or: [] } },
      { filter: { user_id: 'bob' } },
      { filter: { speaker: ['a'] } },
      { filter: [] },
      { filter: null },
      {
        filter: {
          get category() {
            return 'x';
          },
        },
      },
      { filter: new Proxy({}, {}) },
      { limit: 0 },
      { limit: 1.5 },
      { limit: 1_001 },
      { minScore: 2 },
      { minScore: NaN },
      { mode: 'fuzzy' },
      { fill: 'all' },
      { where: {} },
      null,
    ];
    for (const options of refused)
      expect([options, await outcome(() => memory.search('x', options as never))]).toEqual([
        options,
        'invalid_argument',
      ]);
    for (const query of ['', undefined, {}, ['x'], '\ud800', 'x'.repeat(5_000)])
      expect([query, await outcome(() => memory.search(query as never))]).toEqual([query, 'invalid_argument']);
  });

  test('S7: text that `fields` hides enters no index: it matches nothing, lends nothing to its neighbours and weighs nothing', async () => {
    const { warden } = await open({ policies: await policyFolder({ clerk: CLERK_RULES }) });
    const memory = warden.scope(ADMIN, 'alice');
    const at = (minute: number) => new Date(START + minute * MINUTE);
    await memory.addMany([
      { content: 'The public lamp', level: 'public', sessionId: 's', occurredAt: at(0) },
      {
        content: 'A hidden zebra',
        level: 'private',
        sessionId: 's',
        occurredAt: at(1),
        speaker: 'Zoe',
        metadata: { a: 1 },
      },
      { content: 'Another public lamp', level: 'public', sessionId: 's', occurredAt: at(2) },
    ]);
    const clerk = warden.scope(CLERK, 'alice');
    expect(await clerk.search('zebra')).toEqual([]);
    expect(await clerk.search('Zoe')).toEqual([]);
    expect(await warden.scope(ADMIN, 'alice').search('zebra')).toHaveLength(3);
    // The memory itself may be read; as its text may not, no search finds it by the words beside it, and none fills with it.
    const hits = await clerk.search('lamp', { limit: 9, explain: true });
    expect(hits.map(({ memory: one }) => one.content).sort()).toEqual(['Another public lamp', 'The public lamp']);
    expect((await clerk.search('lamp', { fill: 'recent' })).length).toBe(2);
    expect(await clerk.count()).toBe(3);
    // A filter on what is hidden finds nothing of it, and its fill neither.
    for (const filter of [{ speaker: 'Zoe' }, { metadata: { a: 1 } }, { keyword: 'hidden' }])
      expect(await clerk.search('lamp', { filter, fill: 'recent' })).toEqual([]);
    expect(await clerk.context('zebra').then(({ text }) => text.includes('hidden'))).toBe(false);
  });

  test('S13: a memory that expires leaves statistics, neighbours and scores to the last bit, without a write', async () => {
    const clock = handClock();
    const { warden } = await open({ clock });
    const [with_, without] = [warden.scope(ADMIN, 'with'), warden.scope(ADMIN, 'without')];
    for (let i = 0; i < 40; i += 1) {
      await with_.add(readable(i));
      if (i % 4 === 1) await with_.add({ ...unreadable(i, 'public'), ttl: 1_000 + i });
      await without.add(readable(i));
    }
    for (const query of QUERIES.slice(0, 4))
      expect(bare(await with_.search(query, { limit: 99 }))).not.toEqual(
        bare(await without.search(query, { limit: 99 })),
      );
    const calls = () => warden.searchStatistics.builds;
    const built = calls();
    clock.forward(2_000);
    for (const query of QUERIES)
      expect(bare(await with_.search(query, { limit: 99, explain: true }))).toEqual(
        bare(await without.search(query, { limit: 99, explain: true })),
      );
    // On a server a revision may be read while a write ends, and then the view is built anew.
    if (store === 'embedded') expect(calls()).toBe(built);
    // A clock that is set back brings them back.
    clock.forward(-2_000);
    expect(await with_.search('zebra')).not.toEqual([]);
  });

  test('a limit of a thousand, and the context of a prompt', async () => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.addMany(Array.from({ length: 30 }, (_, i) => readable(i)));
    const { text, memories, tokens } = await memory.context('Where is the boat?', { budgetTokens: 300 });
    expect(tokens).toBeLessThanOrEqual(300);
    expect(memories.length).toBeGreaterThan(3);
    const times = memories.map(({ occurredAt }) => occurredAt!.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(memories.map(({ id }) => id)).size).toBe(memories.length);
    for (const one of memories) expect(text).toContain(one.id);
  });

  test(`G1: what is searched is part of what is listed; with all of them, it is all where a word matches (seed ${SEED})`, async () => {
    const runs = store === 'embedded' ? 60 : 12;
    let partial = 0;
    let none = 0;
    await fc.assert(
      fc.asyncProperty(
        rules,
        fc.array(memories, { minLength: 5, maxLength: 20 }),
        filters,
        async (text, list, filter) => {
          const { warden } = await open({ policies: await policyFolder({ clerk: text }), clock: handClock() });
          await warden.scope(ADMIN, 'alice').addMany(list);
          const clerk = warden.scope(CLERK, 'alice');
          const listed = await outcome(() => clerk.list({ limit: 1_000, ...filter }));
          const searched = await outcome(() => clerk.search('harbour', { limit: 1_000, filter }));
          if (typeof listed === 'string') {
            none += 1;
            expect(searched).toBe(listed);
            return;
          }
          if (searched === 'forbidden') {
            // No text may be read at all.
            expect((listed as { memories: readonly object[] }).memories.filter((one) => 'content' in one)).toEqual([]);
            return;
          }
          const inList = (listed as { memories: readonly { id: string; content?: string }[] }).memories;
          const inSearch = (searched as Hit[]).map(({ memory }) => memory);
          const ids = new Set(inList.map(({ id }) => id));
          expect(inSearch.filter(({ id }) => !ids.has(id))).toEqual([]);
          // Every text holds the word, so that whoever may read the text finds it.
          const hit = new Set(inSearch.map(({ id }) => id));
          expect(inList.filter(({ id, content }) => content !== undefined && !hit.has(id))).toEqual([]);
          for (const one of inSearch) expect(inList.find(({ id }) => id === one.id)).toEqual(one);
          if (inList.length > 0 && inList.length < list.length) partial += 1;
          await warden.close();
        },
      ),
      { seed: SEED, numRuns: runs },
    );
    expect(partial).toBeGreaterThan(runs / 6);
    expect(none).toBeLessThan(runs);
  }, 120_000);

  test('G7: 10,000 unreadable memories change no result, no order, no score to the last bit, no count and no cursor', async () => {
    const many = 10_000;
    const policies = await policyFolder({ clerk: CLERK_RULES });
    const { warden } = await open({ policies, clock: handClock() });
    const callers: readonly { principal: Principal; hidden: Level | 'nothing' }[] = [
      { principal: agentOf('alice'), hidden: 'sensitive' },
      { principal: EXPORT, hidden: 'private' },
      { principal: CLERK, hidden: 'sensitive' },
      { principal: ownerOf('alice'), hidden: 'nothing' },
      { principal: ADMIN, hidden: 'nothing' },
    ];
    const admin = warden.scope(ADMIN, 'alice');
    await admin.addMany(Array.from({ length: 40 }, (_, i) => ({ ...readable(i), level: 'public' as const })));
    const answers = async (principal: Principal) => {
      const memory = warden.scope(principal, 'alice');
      const searches = [];
      for (const text of QUERIES) {
        for (const filter of [{}, { category: 'sea' }, { speaker: 'Anna' }])
          searches.push(
            await memory.search(text, { limit: 30, filter, explain: true, mode: 'lexical', fill: 'recent' }),
          );
      }
      const page = await memory.list({ limit: 7 });
      return { searches, count: await memory.count(), page };
    };
    const before = new Map<Principal, unknown>();
    for (const { principal } of callers) before.set(principal, await answers(principal));
    // Of the own user above the level, for whom there is a level above; and of others for all.
    const own = Array.from({ length: many / 2 }, (_, i) => unreadable(i, i % 3 === 0 ? 'private' : 'sensitive'));
    for (let from = 0; from < own.length; from += 1_000)
      await warden.scope(ADMIN, 'bob').addMany(own.slice(from, from + 1_000));
    for (const { principal } of callers) expect(await answers(principal)).toEqual(before.get(principal));
    for (let from = 0; from < own.length; from += 1_000)
      await admin.addMany(own.slice(from, from + 1_000).map((one) => ({ ...one, level: 'sensitive' as const })));
    for (const { principal, hidden } of callers) {
      if (hidden !== 'nothing') expect(await answers(principal)).toEqual(before.get(principal));
    }
    expect(await warden.scope(ADMIN, 'alice').search('zebra')).not.toEqual([]);
    // Private ones are hidden from the export role whole; from the clerk in their text alone, which searches must not feel.
    const hidden = own.slice(0, 1_000).map((one) => ({ ...one, level: 'private' as const }));
    await admin.addMany(hidden);
    expect(await answers(EXPORT)).toEqual(before.get(EXPORT));
    const clerk = await answers(CLERK);
    expect(clerk.searches).toEqual((before.get(CLERK) as typeof clerk).searches);
    expect(clerk.count).toBe((before.get(CLERK) as typeof clerk).count + hidden.length);
  }, 600_000);
});

function fits(one: Hit['memory'], filter: Record<string, unknown>): boolean {
  const { speaker, metadata, category, level, keyword } = filter as {
    speaker?: string;
    metadata?: Record<string, unknown>;
    category?: string;
    level?: string;
    keyword?: string;
  };
  if (speaker !== undefined && one.speaker !== speaker) return false;
  if (category !== undefined && one.category !== category) return false;
  if (level !== undefined && one.level !== level) return false;
  if (keyword !== undefined && !one.content!.includes(keyword)) return false;
  return Object.entries(metadata ?? {}).every(([key, value]) => one.metadata?.[key] === value);
}

// Policies that admit some of the memories by level, category, session and day, and withhold fields of others.
const condition = fc.constantFrom(
  '{ sensitivity: public }',
  '{ sensitivity: { $in: [public, private] } }',
  '{ category: a }',
  '{ category: { $in: [b, c] } }',
  '{ session_id: { $exists: true } }',
  '{ occurred_at: { $gt: "2026-01-01T00:05:00Z" } }',
  '{ sensitivity: private, category: a }',
);
const hidden = fc.constantFrom(
  '',
  ', fields: [content]',
  ', fields: [occurred_at]',
  ', fields: [session_id, speaker]',
  ', fields: [category]',
);
const rules = fc
  .tuple(fc.array(condition, { minLength: 1, maxLength: 3 }), fc.array(fc.tuple(condition, hidden), { maxLength: 2 }))
  .map(([allow, deny]) =>
    [
      'rules:',
      ...allow.map((one, i) => `  - { id: allow-${i}, action: read, subject: Memory, conditions: ${one}, reason: r }`),
      ...deny.map(
        ([one, fields], i) =>
          `  - { id: deny-${i}, action: read, subject: Memory, inverted: true, conditions: ${one}${fields}, reason: r }`,
      ),
      '',
    ].join('\n'),
  );
const memories = fc
  .record({
    n: fc.nat(9),
    level: fc.constantFrom<Level>('public', 'private', 'sensitive'),
    category: fc.constantFrom('a', 'b', 'c'),
    session: fc.constantFrom(undefined, 'x', 'y'),
  })
  .map(({ n, session, ...rest }): NewMemory => ({
    ...rest,
    content: `harbour ${n}`,
    occurredAt: new Date(START + n * MINUTE),
    ...(session === undefined ? {} : { sessionId: session }),
  }));
const filters = fc.constantFrom(
  {},
  {},
  { category: 'a' },
  { level: 'public' as const },
  { sessionId: 'x' },
  { keyword: 'harbour 3' },
);
