import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { EmbedderOptions } from '../../src/config/embedder.js';
import type { Hit } from '../../src/guard/search.js';
import type { NewMemory } from '../../src/memory/input.js';
import type { Alarm } from '../../src/metrics/alarms.js';
import type { Level } from '../../src/model/levels.js';
import type { Principal } from '../../src/model/principal.js';
import { startEmbeddingServer, type EmbeddingServer } from '../support/embedding-server.js';
import {
  ADMIN,
  agentOf,
  describeOnEachStore,
  EXPORT,
  handClock,
  outcome,
  ownerOf,
  policyFolder,
} from '../support/warden.js';

const CLERK: Principal = { id: 'c', role: 'clerk' };
const CLERK_RULES = `rules:
  - { id: clerk-reads, action: read, subject: Memory, conditions: { sensitivity: { $in: [public, private] } }, reason: r }
  - id: clerk-not-the-text
    action: read
    subject: Memory
    inverted: true
    fields: [content, speaker, metadata]
    conditions: { sensitivity: private }
    reason: r
`;
const MODES = ['lexical', 'semantic', 'hybrid'] as const;
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

const servers: EmbeddingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(dimension?: number): Promise<EmbeddingServer> {
  const server = await startEmbeddingServer(dimension, ['boat=ship=vessel', 'eats=food=vegetarian']);
  servers.push(server);
  return server;
}

const embedderAt = (server: EmbeddingServer, maxLevel?: Level, model = 'm'): EmbedderOptions => ({
  ...{ kind: 'http', url: server.url, model },
  disclose: maxLevel === undefined ? {} : { maxLevel },
});
const contents = (hits: readonly Hit[]) => hits.map(({ memory }) => memory.content);

function readable(i: number): NewMemory {
  const texts = ['Anna keeps a boat', 'the harbour office', 'a ship at anchor', 'tea in the garden', 'a vegetarian'];
  return {
    content: `${texts[i % 5]!} ${i}`,
    speaker: i % 2 ? 'Anna' : 'Ben',
    sessionId: `s${Math.floor(i / 8)}`,
    occurredAt: new Date(START + i * MINUTE),
    level: 'public',
  };
}

/** Nearer to every query than anything that may be read, and between every two of a session. */
const unreadable = (i: number, level: Level): NewMemory => ({
  content: QUERIES[i % QUERIES.length]!,
  speaker: 'Anna',
  sessionId: `s${Math.floor(i / 8) % 4}`,
  occurredAt: new Date(START + (i % 30) * MINUTE + 1 + i),
  level,
});
const QUERIES = ['ship', 'Anna boat anchor', 'food', 'zebra'];

describeOnEachStore('search by meaning', (open, store) => {
  test('finds what shares no word with the query; both ranks together are the way where nothing is said', async () => {
    const server = await serve();
    const { warden } = await open({ embedder: embedderAt(server, 'private') });
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.addMany(['vegetarian', 'bank', 'paris bank'].map((content) => ({ content })));
    expect(await memory.search('food', { mode: 'lexical' })).toEqual([]);
    const [first] = await memory.search('food', { mode: 'semantic', explain: true });
    expect(first).toMatchObject({ memory: { content: 'vegetarian' }, matched: [], explain: { words: [] } });
    expect(first!.score).toBeCloseTo(1, 5);
    expect(first!.explain!.semantic).toBe(first!.score);
    const both = await memory.search('food bank', { explain: true });
    expect(both).toEqual(await memory.search('food bank', { mode: 'hybrid', explain: true }));
    expect(both.some(({ explain }) => explain!.lexical !== undefined && explain!.semantic !== undefined)).toBe(true);
    for (const { score, explain } of both) expect(score).toBe(Math.max(explain!.lexical ?? 0, explain!.semantic ?? 0));
    expect(both.every((hit) => !('withoutMeaning' in hit))).toBe(true);
    expect((await memory.context('food')).memories.map(({ content }) => content)).toContain('vegetarian');
    // No answer holds a vector.
    expect(JSON.stringify([both, await memory.list(), await memory.history(first!.memory.id)])).not.toMatch(/vector/i);
    await memory.update(first!.memory.id, { content: 'quite another thing' });
    expect((await memory.search('food', { mode: 'semantic' }))[0]?.memory.content).not.toBe('vegetarian');
  });

  test('G7, S7: what may not be read changes no result, order or score to the last bit, in any mode, for any role', async () => {
    const many = store === 'embedded' ? 1_200 : 240;
    const server = await serve();
    const policies = await policyFolder({ clerk: CLERK_RULES });
    // Sensitive texts are embedded too: what is tested is the view, not that they have no vector.
    const { warden } = await open({ policies, clock: handClock(), embedder: embedderAt(server, 'sensitive') });
    const admin = warden.scope(ADMIN, 'alice');
    await admin.addMany(Array.from({ length: 30 }, (_, i) => readable(i)));
    const answers = async (principal: Principal) => {
      const memory = warden.scope(principal, 'alice');
      const found: unknown[] = [];
      for (const text of QUERIES)
        for (const mode of MODES)
          for (const filter of [{}, { speaker: 'Anna' }])
            found.push(await memory.search(text, { mode, filter, limit: 20, explain: true, fill: 'recent' }));
      return found;
    };
    const callers = [agentOf('alice'), EXPORT, CLERK];
    const before = new Map<Principal, unknown>();
    for (const principal of callers) before.set(principal, await answers(principal));
    const add = async (userId: string, level: Level) => {
      for (let from = 0; from < many / 3; from += 400) {
        const count = Math.min(400, many / 3 - from);
        const some = Array.from({ length: count }, (_, i) => unreadable(from + i, level));
        await warden.scope(ADMIN, userId).addMany(some);
      }
    };
    await add('bob', 'public');
    await add('alice', 'sensitive');
    for (const principal of callers) expect(await answers(principal)).toEqual(before.get(principal));
    // The text of private ones is hidden from the clerk, and whole ones are from the export role.
    await add('alice', 'private');
    for (const principal of [EXPORT, CLERK]) expect(await answers(principal)).toEqual(before.get(principal));
    expect(await answers(agentOf('alice'))).not.toEqual(before.get(callers[0]!));
    expect(contents(await admin.search('zebra', { mode: 'semantic', limit: 5 }))).toEqual(Array(5).fill('zebra'));
    expect(server.texts.length).toBeGreaterThan(many);
  }, 60_000);

  test('G1: in every mode what is found is part of what is listed, and by meaning everything that has a near vector is', async () => {
    const server = await serve();
    const { warden } = await open({ policies: await policyFolder(), embedder: embedderAt(server, 'sensitive') });
    const levels: readonly Level[] = ['public', 'private', 'sensitive'];
    await warden
      .scope(ADMIN, 'alice')
      .addMany(Array.from({ length: 45 }, (_, i) => ({ ...readable(i), content: 'the boat', level: levels[i % 3]! })));
    for (const principal of [ADMIN, agentOf('alice'), EXPORT, ownerOf('alice')]) {
      const memory = warden.scope(principal, 'alice');
      const listed = new Set((await memory.list({ limit: 1_000 })).memories.map(({ id }) => id));
      for (const mode of MODES) {
        const hits = await memory.search('boat', { mode, limit: 1_000 });
        expect([mode, new Set(hits.map(({ memory: { id } }) => id))]).toEqual([mode, listed]);
        // Equal scores: the newer first.
        const times = hits.map(({ memory: { occurredAt } }) => occurredAt!.getTime());
        if (mode === 'semantic') expect(times).toEqual([...times].sort((a, b) => b - a));
      }
    }
  });

  test('an embedder that is down: both ranks together answer by words and say so, meaning alone is a typed error', async () => {
    const server = await serve();
    const alarms: Alarm[] = [];
    const clock = handClock();
    const embedder = { ...embedderAt(server, 'private'), searchWaitMs: 1_500 };
    const { warden } = await open({ embedder, clock, onAlarm: (alarm) => alarms.push(alarm) });
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.addMany(['a boat', 'a ship', 'a bank'].map((content) => ({ content })));
    const words = await memory.search('boat', { mode: 'lexical', explain: true });
    const faults: readonly [NonNullable<EmbeddingServer['fault']>, string][] = [
      [(response) => response.writeHead(500).end(), 'embedder_unavailable'],
      [() => undefined, 'embedder_timeout'],
      [(response) => response.writeHead(200).end('{"data":[]}'), 'embedder_refused'],
    ];
    for (const [fault, code] of faults) {
      server.fault = fault;
      server.texts.length = 0;
      for (const mode of ['hybrid', undefined] as const)
        expect(await memory.search('boat', { ...(mode ? { mode } : {}), explain: true })).toEqual(
          words.map((hit) => ({ ...hit, withoutMeaning: code })),
        );
      // Nobody waits again for a while for one that was not there; what it made nothing of says nothing of the next.
      expect([code, server.texts.length]).toEqual([code, code === 'embedder_refused' ? 2 : 1]);
      expect(await memory.context('boat')).toMatchObject({ withoutMeaning: code });
      if (code !== 'embedder_timeout')
        expect(await outcome(() => memory.search('boat', { mode: 'semantic' }))).toBe(code);
      expect(alarms.at(-1)).toMatchObject({ name: 'search_without_meaning', detail: { code } });
      server.fault = undefined;
      clock.forward(10_000);
      expect(contents(await memory.search('boat', { mode: 'hybrid' }))).toContain('a ship');
      expect((await memory.search('boat'))[0]).not.toHaveProperty('withoutMeaning');
    }
    await server.close();
    expect(await outcome(() => memory.search('boat', { mode: 'semantic' }))).toBe('embedder_unavailable');
    expect(await memory.search('nothing of that', { mode: 'hybrid' })).toEqual([]);
    // What is written meanwhile is stored, and found by its words.
    await memory.add('one more boat');
    expect(contents(await memory.search('boat'))).toContain('one more boat');
  });

  test('S18, S22: an erasure drops the vectors with the view, and nothing of them is found again', async () => {
    const server = await serve();
    const options = { embedder: embedderAt(server, 'private'), acts: { wait: () => Promise.resolve() } };
    const { warden } = await open(options);
    for (const user of ['alice', 'bob']) await warden.scope(ADMIN, user).addMany([{ content: 'a boat' }]);
    const search = (user: string) => warden.scope(ADMIN, user).search('ship', { mode: 'semantic' });
    expect(contents(await search('bob'))).toEqual(['a boat']);
    const one = warden.searchStatistics;
    expect(contents(await search('alice'))).toEqual(['a boat']);
    expect(warden.searchStatistics.bytes).toBeGreaterThan(one.bytes);
    await warden.keys.erase(ADMIN, 'alice');
    expect(warden.searchStatistics).toMatchObject({ views: one.views, bytes: one.bytes });
    expect(await search('alice')).toEqual([]);
    expect(contents(await search('bob'))).toEqual(['a boat']);
    await warden.close();
    expect(warden.searchStatistics).toMatchObject({ views: 0, bytes: 0 });
  });

  test('vectors of another model are never compared: their memories are found by words until they are embedded anew', async () => {
    const server = await serve();
    const { warden, again } = await open({ embedder: embedderAt(server, 'private') });
    await warden.scope(ADMIN, 'alice').addMany([{ content: 'a boat' }, { content: 'a bank' }]);
    const other = await again({ embedder: embedderAt(server, 'private', 'another') });
    const memory = other.scope(ADMIN, 'alice');
    expect(await memory.search('ship', { mode: 'semantic' })).toEqual([]);
    expect(contents(await memory.search('boat', { mode: 'hybrid' }))).toEqual(['a boat']);
    expect(await other.embed()).toMatchObject({ embedded: 2, complete: true });
    expect(contents(await memory.search('ship', { mode: 'semantic' }))[0]).toBe('a boat');
    // Which the first one, whose views were built before, sees at its next search.
    expect(await warden.scope(ADMIN, 'alice').search('ship', { mode: 'semantic' })).toEqual([]);
  });

  test('S27: nothing leaves that was not allowed to, of a query or of a memory, whatever the mode', async () => {
    const server = await serve();
    const { warden, again } = await open({ embedder: embedderAt(server) });
    const closed = warden.scope(ADMIN, 'alice');
    await closed.addMany([{ content: 'a boat' }, { content: 'a secret boat', level: 'sensitive' }]);
    expect(contents(await closed.search('boat'))).toHaveLength(2);
    expect((await closed.search('boat'))[0]).not.toHaveProperty('withoutMeaning');
    expect(await outcome(() => closed.search('boat', { mode: 'semantic' }))).toBe('embedder_unavailable');
    const both = await closed.search('boat', { mode: 'hybrid' });
    expect(both.map(({ withoutMeaning }) => withoutMeaning)).toEqual(Array(2).fill('embedder_unavailable'));
    expect(server.texts).toEqual([]);
    const some = await again({ embedder: embedderAt(server, 'private') });
    const memory = some.scope(ADMIN, 'alice');
    expect(await some.embed()).toMatchObject({ embedded: 1, withheld: 1 });
    await memory.add({ content: 'another secret', level: 'sensitive' });
    expect(contents(await memory.search('ship', { mode: 'semantic' }))).toEqual(['a boat']);
    expect(await outcome(() => some.scope(agentOf('bob'), 'alice').search('mine', { mode: 'semantic' }))).toBe(
      'forbidden',
    );
    expect(server.texts).toEqual(['a boat', 'ship']);
  });

  test('whoever holds their own key searches by meaning too, and nothing of it is kept', async () => {
    const server = await serve();
    const { warden } = await open({ embedder: embedderAt(server, 'private') });
    const mine = warden.scope(agentOf('alice'), 'alice', { ownerKey: randomBytes(32) });
    await mine.addMany([{ content: 'a boat' }, { content: 'a bank' }]);
    for (const mode of ['semantic', 'hybrid'] as const)
      expect(contents(await mine.search('ship', { mode }))[0]).toBe('a boat');
    expect(warden.searchStatistics).toMatchObject({ views: 0, bytes: 0 });
  });

  test('rows without encryption, as a version before wrote them, are found by their words', async () => {
    const server = await serve();
    const { warden } = await open({ clear: true, embedder: embedderAt(server, 'private') });
    const memory = warden.scope(ADMIN, 'alice');
    await memory.addMany([{ content: 'a boat' }, { content: 'a bank' }]);
    expect(contents(await memory.search('boat', { mode: 'hybrid' }))).toEqual(['a boat']);
    expect(await memory.search('ship', { mode: 'semantic' })).toEqual([]);
  });
});
