import { writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Memory } from '../../src/model/memory.js';
import type { Principal } from '../../src/model/principal.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import type { PlannedQuery } from '../../src/store/planned.js';
import { ADMIN, agentOf, describeOnEachStore, EXPORT, handClock, outcome, policyFolder } from '../support/warden.js';

const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 31);
// 100,000 in the long form.
const OPERATIONS = Number(process.env['MEMWARDEN_TEST_OPERATIONS'] ?? 4_000);

describeOnEachStore('caches', (open) => {
  test(
    `G31: two users and two roles, ${OPERATIONS} interleaved operations: 0 shared hits (seed ${SEED})`,
    async () => {
      const { warden, watch } = await open({ clock: handClock() });
      const ids = new Map<string, string[]>();
      for (const userId of ['alice', 'bob']) {
        const own = await warden.scope(ADMIN, userId).addMany(
          Array.from({ length: 12 }, (_, i) => ({
            content: `${userId} ${i}`,
            level: (['public', 'private', 'sensitive'] as const)[i % 3]!,
            category: 'same',
          })),
        );
        ids.set(
          userId,
          own.map((one) => one.id),
        );
      }
      // Same ids and names wherever they can be the same; the two roles differ in levels, the two agents in users.
      const callers = (['alice', 'bob'] as const).flatMap((userId) => [
        { userId, principal: agentOf(userId) as Principal, levels: ['public', 'private'], of: 8 },
        { userId, principal: { ...EXPORT, id: 'bot' } as Principal, levels: ['public'], of: 4 },
      ]);
      const cursors = new Map<string, string>();
      const results = { crossed: 0, hits: 0, refusedCursors: 0, pages: 0 };
      const check = (memories: readonly Memory[], caller: (typeof callers)[number]) => {
        for (const one of memories) {
          results.hits += 1;
          if (
            one.userId !== caller.userId ||
            !one.content!.startsWith(caller.userId) ||
            !caller.levels.includes(one.level!)
          )
            results.crossed += 1;
        }
      };
      const run = async (who: number, act: number, target: number) => {
        const caller = callers[who]!;
        const memory: ScopedMemory = warden.scope(caller.principal, caller.userId);
        watch.calls.length = 0;
        if (act === 0) {
          const found = await memory.get([...ids.values()][target % 2]![target % 12]!);
          check(found ? [found] : [], caller);
          const may =
            target % 2 === (caller.userId === 'alice' ? 0 : 1) &&
            caller.levels.includes(['public', 'private', 'sensitive'][(target % 12) % 3]!);
          if ((found !== null) !== may) results.crossed += 1;
        } else if (act === 1) {
          const page = await memory.list({ limit: 3, category: 'same' });
          check(page.memories, caller);
          cursors.set(String(who), page.cursor!);
        } else if (act === 2) {
          const from = target % callers.length;
          const cursor = cursors.get(String(from));
          if (!cursor) return;
          const page = await outcome(() => memory.list({ limit: 3, category: 'same', cursor }));
          if (from !== who) results[page === 'invalid_cursor' ? 'refusedCursors' : 'crossed'] += 1;
          else {
            results.pages += 1;
            check((page as { memories: Memory[] }).memories, caller);
          }
        } else if ((await memory.count()) !== caller.of) results.crossed += 1;
        for (const { args } of watch.calls) {
          const partition = (args[0] as PlannedQuery | undefined)?.partition;
          if (partition && partition.userId !== caller.userId) results.crossed += 1;
        }
      };
      const operation = fc.tuple(fc.nat(callers.length - 1), fc.nat(3), fc.nat(23));
      for (const [who, act, target] of fc.sample(operation, { numRuns: OPERATIONS, seed: SEED }))
        await run(who, act, target);
      expect(results).toMatchObject({ crossed: 0 });
      expect(Math.min(results.hits, results.refusedCursors, results.pages)).toBeGreaterThan(100);
      expect(warden.alarmCount('decision_disagrees')).toBe(0);
    },
    120_000 + OPERATIONS * 36,
  );

  test('G31: principals that differ anywhere share no binding', async () => {
    const rules = `rules:
  - { id: clerk-team, action: read, subject: Memory, conditions: { category: '\${principal.attributes.team}' }, reason: r }
  - { id: clerk-audit, action: read, subject: Memory, principal: { purpose: audit }, reason: r }
`;
    const { warden } = await open({ policies: await policyFolder({ clerk: rules }) });
    await warden.scope(ADMIN, 'alice').addMany(['a', 'b', '1', 'true'].map((category) => ({ content: 'x', category })));
    const count = (more: object) => outcome(() => warden.scope({ id: 'c', role: 'clerk', ...more }, 'alice').count());
    for (let round = 0; round < 2; round += 1) {
      expect(await count({})).toBe('forbidden');
      expect(await count({ attributes: { team: 'a' } })).toBe(1);
      expect(await count({ attributes: { team: 'none' } })).toBe(0);
      expect(await count({ attributes: { other: 'a' } })).toBe('forbidden');
      expect(await count({ purpose: 'audit' })).toBe(4);
      expect(await count({ purpose: 'auditor' })).toBe('forbidden');
      expect(await count({ attributes: { team: '1' } })).toBe(1);
      // A number is no string: it is an error, not a binding of its text.
      expect(await count({ attributes: { team: 1 } })).toBe('invalid_principal');
      expect(await count({ attributes: { team: true } })).toBe('invalid_principal');
    }
  });

  test('G31: a reload of the policies is in force at the next call, of scopes and cursors that are there already', async () => {
    const folder = await policyFolder();
    const { warden } = await open({ policies: folder });
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.addMany(
      Array.from({ length: 5 }, (_, i) => ({
        content: `n ${i}`,
        level: i < 2 ? ('public' as const) : ('private' as const),
      })),
    );
    const { cursor } = await memory.list({ limit: 1 });
    const all = memory.getAll();
    await all.next();
    const before = warden.policyRevision;
    const narrowed = `role: agent\nrules:\n  - { id: agent-public, action: read, subject: Memory, conditions: { user_id: '\${principal.user_id}', sensitivity: public }, reason: r }\n`;
    await writeFile(join(folder, 'agent.yaml'), narrowed);
    expect(await memory.count()).toBe(5);
    expect(await warden.reloadPolicies()).not.toBe(before);
    expect(await memory.count()).toBe(2);
    expect((await memory.list({ limit: 9, cursor: cursor! })).memories.every((one) => one.level === 'public')).toBe(
      true,
    );
    expect(await outcome(() => memory.add('x'))).toBe('forbidden');
    await rm(join(folder, 'agent.yaml'));
    await warden.reloadPolicies();
    expect(await outcome(() => memory.count())).toBe('forbidden');
  });
});
