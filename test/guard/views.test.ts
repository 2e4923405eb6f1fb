import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Hit } from '../../src/guard/search.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import type { Principal } from '../../src/model/principal.js';
import { ADMIN, agentOf, describeOnEachStore, EXPORT, handClock, outcome, policyFolder } from '../support/warden.js';

const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 18);
/** The long form: MEMWARDEN_TEST_OPERATIONS=100000 npm test -- test/guard/views.test.ts */
const OPERATIONS = Number(process.env['MEMWARDEN_TEST_OPERATIONS'] ?? 0);
const LIMIT_MS = 120_000 + OPERATIONS * 100;
const BOUND = 131_072;
const ALL = { limit: 1_000 } as const;

const texts = (hits: readonly Hit[]) => hits.map(({ memory }) => memory.content);
const found = async (memory: ScopedMemory, query: string) => texts(await memory.search(query, ALL)).sort();

describeOnEachStore('the views of searches', (open, store) => {
  test('S18: a write of this process is in the next search, taken in where the view stands, to the last bit as if built anew', async () => {
    const clock = handClock();
    const { warden, again } = await open({ clock });
    const memory = warden.scope(ADMIN, 'alice');
    const ids = (
      await memory.addMany(Array.from({ length: 12 }, (_, i) => ({ content: `lamp ${i} red`, sessionId: 's' })))
    ).map(({ id }) => id);
    await memory.search('lamp');
    const { builds } = warden.searchStatistics;
    const acts: readonly (() => Promise<unknown>)[] = [
      () => memory.add('lamp blue', { sessionId: 's' }),
      () => memory.update(ids[3]!, { content: 'chair green' }),
      () => memory.update(ids[4]!, { level: 'sensitive', sessionId: null }),
      () => memory.delete(ids[5]!),
      () => memory.deleteMany({ keyword: 'lamp 7' }),
      () => memory.addMany([{ content: 'lamp lamp lamp' }, { content: 'chair' }]),
      () =>
        memory.add([
          { role: 'user', content: 'Where is the lamp?' },
          { role: 'assistant', content: 'On the chair.' },
        ]),
    ];
    for (const [i, act] of acts.entries()) {
      await act();
      const hits = await memory.search('Is the lamp red or blue, the chair green?', { ...ALL, explain: true });
      const fresh = await again({ clock });
      expect([i, hits]).toEqual([
        i,
        await fresh
          .scope(ADMIN, 'alice')
          .search('Is the lamp red or blue, the chair green?', { ...ALL, explain: true }),
      ]);
      await fresh.close();
    }
    // On a server a revision may be read while a write ends, and then the view is built anew.
    if (store === 'embedded') expect(warden.searchStatistics.builds).toBe(builds);
  });

  test('S18: a write of another process is in the next search', async () => {
    const { warden, again } = await open();
    const other = (await again()).scope(ADMIN, 'alice');
    const memory = warden.scope(agentOf('alice'), 'alice');
    const { id } = await other.add('lamp one', { level: 'public' });
    expect(await found(memory, 'lamp')).toEqual(['lamp one']);
    await other.add('lamp two');
    expect(await found(memory, 'lamp')).toEqual(['lamp one', 'lamp two']);
    // The two count as one where only their sum is looked at: one here and one there.
    await memory.add('lamp three');
    await other.update(id, { level: 'sensitive' });
    expect(await found(memory, 'lamp')).toEqual(['lamp three', 'lamp two']);
    await other.deleteAll();
    expect(await found(memory, 'lamp')).toEqual([]);
  });

  test('S18: while a write of this process hangs between store and answer, that of another process is seen all the same', async () => {
    const { warden, watch, again } = await open();
    const other = (await again()).scope(ADMIN, 'alice');
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('lamp one');
    expect(await found(memory, 'lamp')).toEqual(['lamp one']);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    watch.answer = async ({ method }, result) => (method === 'insert' && (await held), result);
    const adding = memory.add('lamp two');
    await other.add('lamp three');
    expect(await found(memory, 'lamp')).toContain('lamp three');
    release();
    watch.answer = undefined;
    await adding;
    expect(await found(memory, 'lamp')).toEqual(['lamp one', 'lamp three', 'lamp two']);
    await other.add('lamp four');
    expect(await found(memory, 'lamp')).toHaveLength(4);
  });

  test('S18: a write whose outcome is not known drops the view', async () => {
    const { warden, watch } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('lamp one');
    await memory.search('lamp');
    watch.answer = ({ method }, result) => {
      if (method === 'insert' || method === 'remove') throw new Error('the answer was lost');
      return result;
    };
    await expect(memory.add('lamp two')).rejects.toThrow();
    expect(await found(memory, 'lamp')).toEqual(['lamp one', 'lamp two']);
    await expect(memory.delete(id)).rejects.toThrow();
    expect(await found(memory, 'lamp')).toEqual(['lamp two']);
  });

  test(`S18: writers and searchers at once: no search misses what this process was told is stored, or finds what is deleted`, async () => {
    const { warden, again } = await open();
    const second = await again();
    const rounds = store === 'embedded' ? 25 : 8;
    let missed = 0;
    let revived = 0;
    let searches = 0;
    const stored = new Map<string, string>();
    const gone = new Set<string>();
    let writing = true;
    const writer = async (memory: ScopedMemory, name: string) => {
      for (let round = 0; round < rounds; round += 1) {
        const word = `w${name}${round}`;
        const { id } = await memory.add(`lamp ${word}`, { sessionId: name });
        stored.set(id, word);
        if (round % 3 === 1) {
          await memory.update(id, { content: `lamp ${word} changed${word}` });
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
        const hits = await memory.search('lamp', ALL);
        searches += 1;
        const there = new Map(hits.map(({ memory: one }) => [one.id, one.content!]));
        for (const [id, word] of before)
          if (stored.has(id) && !there.get(id)?.includes(word) && stored.get(id) === word) missed += 1;
        for (const id of there.keys()) if (dead.has(id)) revived += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const scopes = [warden, second].map((one) => one.scope(ADMIN, 'alice'));
    const searching = scopes.map((memory) => searcher(memory));
    await Promise.all(scopes.flatMap((memory, i) => ['a', 'b'].map((name) => writer(memory, `${name}${i}`))));
    writing = false;
    await Promise.all(searching);
    expect({ missed, revived }).toEqual({ missed: 0, revived: 0 });
    expect(searches).toBeGreaterThan(3);
    for (const memory of scopes) expect(await memory.search('lamp', ALL)).toHaveLength(stored.size);
  }, 120_000);

  test(
    `G31: two users and two roles interleaved over a small cache: 0 shared hits (seed ${SEED})`,
    async () => {
      const operations = OPERATIONS || (store === 'embedded' ? 1_000 : 100);
      const { warden } = await open({ clock: handClock(), searchIndexBytes: BOUND });
      const users = ['alice', 'bob', 'carol', 'dave'];
      const LEVELS = ['public', 'private', 'sensitive'] as const;
      for (const user of users) {
        await warden.scope(ADMIN, user).addMany(
          Array.from({ length: 24 }, (_, i) => ({
            content: `lamp of ${user} ${i} ${Array.from({ length: 12 }, (__, n) => `${user}${i}x${n}`).join(' ')}`,
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
        const memory = warden.scope(principal, user);
        if (act === 0) {
          const { id } = await warden.scope(ADMIN, user).add('lamp for a moment', { level: 'sensitive' });
          await warden.scope(ADMIN, user).delete(id);
        }
        const results = await memory.search(act < 5 ? 'lamp' : `lamp ${users[act % 4]!}`, { limit: 50 });
        if (results.length !== of) crossed += 1;
        for (const { memory: one } of results) {
          hits += 1;
          if (one.userId !== user || !one.content!.includes(` of ${user} `) || !levels.includes(one.level!))
            crossed += 1;
        }
      }
      expect(crossed).toBe(0);
      expect(hits).toBeGreaterThan(operations * 6);
      const { builds, bytes, hits: kept } = warden.searchStatistics;
      // The cache is too small for all: views came and went.
      expect(bytes).toBeLessThanOrEqual(BOUND);
      expect(builds).toBeGreaterThan(callers.length * 2);
      expect(kept).toBeGreaterThan(operations / 20);
    },
    LIMIT_MS,
  );

  test('G31: a reload of the policies is in force at the next search', async () => {
    const folder = await policyFolder();
    const { warden } = await open({ policies: folder });
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.addMany([
      { content: 'lamp one', level: 'public' },
      { content: 'lamp two', level: 'private' },
    ]);
    expect(await found(memory, 'lamp')).toEqual(['lamp one', 'lamp two']);
    await writeFile(
      join(folder, 'agent.yaml'),
      `role: agent\nrules:\n  - { id: agent-public, action: read, subject: Memory, conditions: { user_id: '\${principal.user_id}', sensitivity: public }, reason: r }\n`,
    );
    await warden.reloadPolicies();
    expect(await found(memory, 'lamp two')).toEqual(['lamp one']);
    await writeFile(join(folder, 'agent.yaml'), 'role: agent\nrules: []\n');
    await warden.reloadPolicies();
    expect(await outcome(() => memory.search('lamp two'))).toBe('forbidden');
  });

  test('G31: a rule that ends in time ends for the view that it let through', async () => {
    const clock = handClock();
    const until = new Date(clock().getTime() + 1_000).toISOString();
    const { warden } = await open({
      clock,
      policies: await policyFolder({
        clerk: `rules:\n  - { id: a, action: read, subject: Memory, conditions: { sensitivity: public }, reason: r }\n  - { id: b, action: read, subject: Memory, conditions: { sensitivity: private }, not_after: '${until}', reason: r }\n`,
      }),
    });
    await warden.scope(ADMIN, 'alice').addMany([{ content: 'lamp one', level: 'public' }, { content: 'lamp two' }]);
    const clerk = warden.scope({ id: 'c', role: 'clerk' }, 'alice');
    expect(await found(clerk, 'lamp')).toEqual(['lamp one', 'lamp two']);
    clock.forward(1_001);
    expect(await found(clerk, 'lamp')).toEqual(['lamp one']);
  });

  test('a closed warden searches nothing', async () => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('lamp');
    await memory.search('lamp');
    await warden.close();
    expect(await outcome(() => memory.search('lamp'))).toBe('closed');
    expect(warden.searchStatistics).toMatchObject({ views: 0, bytes: 0 });
  });
});
