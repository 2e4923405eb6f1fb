import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import type { Principal } from '../../src/model/principal.js';
import { startEmbeddingServer, type EmbeddingServer } from '../support/embedding-server.js';
import { ADMIN, agentOf, describeOnEachStore, EXPORT, handClock } from '../support/warden.js';

const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 31);
/** The long form: MEMWARDEN_TEST_OPERATIONS=10000 npm test -- test/guard/meaning-views.test.ts */
const OPERATIONS = Number(process.env['MEMWARDEN_TEST_OPERATIONS'] ?? 0);
const BOUND = 131_072;
const MODES = ['semantic', 'hybrid'] as const;

const servers: EmbeddingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

// Every text is near to what is asked, and shares no word with it.
async function embedder() {
  const server = await startEmbeddingServer(8, ['boat=ship']);
  servers.push(server);
  return { kind: 'http', url: server.url, model: 'm', disclose: { maxLevel: 'sensitive' } } as const;
}

describeOnEachStore('the views of searches by meaning', (open, store) => {
  test(
    `G31: two users and two roles interleaved over a small cache, with vectors: 0 shared hits (seed ${SEED})`,
    async () => {
      const operations = OPERATIONS || (store === 'embedded' ? 300 : 80);
      const options = { clock: handClock(), searchIndexBytes: BOUND, embedder: await embedder() };
      const { warden } = await open(options);
      const users = ['alice', 'bob', 'carol', 'dave'];
      const LEVELS = ['public', 'private', 'sensitive'] as const;
      for (const user of users) {
        const filler = (i: number) => Array.from({ length: 8 }, (_, n) => `${user}${i}x${n}`).join('');
        await warden.scope(ADMIN, user).addMany(
          Array.from({ length: 24 }, (_, i) => ({
            content: `boat boat boat ${user} ${filler(i)}`,
            level: LEVELS[i % 3]!,
          })),
        );
      }
      const callers = users.flatMap((user) => [
        { user, principal: agentOf(user) as Principal, levels: ['public', 'private'], of: 16 },
        { user, principal: { ...EXPORT, id: 'bot' } as Principal, levels: ['public'], of: 8 },
      ]);
      let crossed = 0;
      let hits = 0;
      const operation = fc.tuple(fc.nat(callers.length - 1), fc.nat(9));
      for (const [who, act] of fc.sample(operation, { numRuns: operations, seed: SEED })) {
        const { user, principal, levels, of } = callers[who]!;
        if (act === 0) {
          const { id } = await warden.scope(ADMIN, user).add('ship', { level: 'sensitive' });
          await warden.scope(ADMIN, user).delete(id);
        }
        const results = await warden.scope(principal, user).search('ship', { limit: 50, mode: MODES[act % 2]! });
        if (results.length !== of || results.some(({ withoutMeaning }) => withoutMeaning)) crossed += 1;
        for (const { memory: one } of results) {
          hits += 1;
          if (one.userId !== user || !one.content!.includes(` ${user} `) || !levels.includes(one.level!)) crossed += 1;
        }
      }
      expect(crossed).toBe(0);
      expect(hits).toBeGreaterThan(operations * 6);
      const { builds, bytes, hits: kept } = warden.searchStatistics;
      // The cache is too small for all: views came and went.
      expect(bytes).toBeLessThanOrEqual(BOUND);
      expect(builds).toBeGreaterThan(callers.length);
      expect(kept).toBeGreaterThan(operations / 20);
    },
    120_000 + OPERATIONS * 60,
  );

  test('S18: writers and searchers at once, by meaning: no search misses what this process was told is stored, or finds what is deleted', async () => {
    const options = { embedder: await embedder() };
    const { warden, again } = await open(options);
    const second = await again(options);
    const rounds = store === 'embedded' ? 12 : 5;
    const stored = new Map<string, string>();
    const gone = new Set<string>();
    const count = { missed: 0, revived: 0, searches: 0, without: 0 };
    let writing = true;
    const writer = async (memory: ScopedMemory, name: string) => {
      for (let round = 0; round < rounds; round += 1) {
        const word = `w${name}${round}`;
        const { id } = await memory.add(`boat boat ${word}`, { sessionId: name });
        stored.set(id, word);
        if (round % 3 === 1) {
          await memory.update(id, { content: `boat boat changed${word}` });
          stored.set(id, `changed${word}`);
        }
        if (round % 4 === 3) {
          stored.delete(id);
          await memory.delete(id);
          gone.add(id);
        }
      }
    };
    const searcher = async (memory: ScopedMemory) => {
      while (writing) {
        const before = new Map(stored);
        const dead = new Set(gone);
        const hits = await memory.search('ship', { limit: 1_000, mode: MODES[count.searches % 2]! });
        count.searches += 1;
        const there = new Map(hits.map(({ memory: one }) => [one.id, one.content!]));
        count.without += hits.filter(({ withoutMeaning }) => withoutMeaning).length;
        for (const [id, word] of before)
          if (stored.get(id) === word && !there.get(id)?.includes(word)) count.missed += 1;
        for (const id of there.keys()) if (dead.has(id)) count.revived += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const scopes = [warden, second].map((one) => one.scope(ADMIN, 'alice'));
    const searching = scopes.map((memory) => searcher(memory));
    await Promise.all(scopes.flatMap((memory, i) => ['a', 'b'].map((name) => writer(memory, `${name}${i}`))));
    writing = false;
    await Promise.all(searching);
    expect(count).toMatchObject({ missed: 0, revived: 0, without: 0 });
    expect(count.searches).toBeGreaterThan(3);
    for (const memory of scopes)
      expect(await memory.search('ship', { limit: 1_000, mode: 'semantic' })).toHaveLength(stored.size);
  }, 120_000);
});
