import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { LEVELS, type Level } from '../../src/model/levels.js';
import type { Principal } from '../../src/model/principal.js';
import type { SpaceEntry } from '../../src/model/space-list.js';
import { ADMIN, describeOnEachStore, outcome, policyFolder } from '../support/warden.js';

const SEED = 911;
const USERS = ['alice', 'bob', 'carol'] as const;
const TEAMS = ['red', 'blue'] as const;
const CATEGORIES = ['plan', 'notice', 'log'] as const;
const ACTIONS = ['create', 'read', 'update', 'delete', 'explain'] as const;
type Action = (typeof ACTIONS)[number];

interface Rule {
  readonly actions: readonly Action[];
  readonly inverted: boolean;
  readonly levels: readonly Level[] | undefined;
  readonly category: string | undefined;
  readonly team: string | undefined;
}

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const rule: fc.Arbitrary<Rule> = fc.record({
  actions: some(ACTIONS),
  inverted: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  levels: fc.option(some(LEVELS), { nil: undefined }),
  category: fc.option(fc.constantFrom(...CATEGORIES), { nil: undefined, freq: 2 }),
  team: fc.option(fc.constantFrom(...TEAMS), { nil: undefined, freq: 2 }),
});
const role = fc.array(rule, { minLength: 2, maxLength: 5 });
const entry: fc.Arbitrary<SpaceEntry> = fc.oneof(
  fc.record({ user: fc.constantFrom(...USERS), access: fc.constantFrom('read' as const, 'write' as const) }),
  fc.record({
    attribute: fc.constant('team'),
    value: fc.constantFrom(...TEAMS),
    access: fc.constantFrom('read' as const, 'write' as const),
  }),
);
const lists = fc.array(fc.uniqueArray(entry, { maxLength: 3, selector: nameOf }), { minLength: 2, maxLength: 2 });
const setting = fc.record({ roles: fc.array(role, { minLength: 3, maxLength: 3 }), lists });

function nameOf(member: SpaceEntry): string {
  return 'user' in member ? `u${member.user}` : `a${String(member.value)}`;
}

function written(rules: readonly Rule[], name: string): string {
  const parts = rules.map(({ actions, inverted, levels, category, team }, n) => {
    const conditions = {
      ...(levels ? { sensitivity: { $in: levels } } : {}),
      ...(category === undefined ? {} : { category }),
    };
    return {
      id: `${name}-${n}`,
      action: actions,
      subject: 'SharedMemory',
      ...(inverted ? { inverted } : {}),
      ...(Object.keys(conditions).length > 0 ? { conditions } : {}),
      ...(team === undefined ? {} : { principal: { attributes: { team } } }),
      reason: 'generated',
    };
  });
  return `rules: ${JSON.stringify(parts)}\n`;
}

// What policies and lists mean, written out beside the product.
function mayByPolicy(
  rules: readonly Rule[],
  who: Principal,
  action: Action,
  memory: { level: Level; category: string },
) {
  let allowed = false;
  for (const { actions, inverted, levels, category, team } of rules) {
    if (!actions.includes(action)) continue;
    if (levels && !levels.includes(memory.level)) continue;
    if (category !== undefined && category !== memory.category) continue;
    const own = who.attributes?.['team'];
    // S4: what an allowance needs and is missing keeps it from applying; what a denial needs does not.
    const applies = team === undefined || (own === undefined ? inverted : own === team);
    if (!applies) continue;
    if (inverted) return false;
    allowed = true;
  }
  return allowed;
}

function mayByList(list: readonly SpaceEntry[], who: Principal, writes: boolean): boolean {
  return list.some(
    (one) =>
      ('user' in one ? one.user === who.userId : one.value === who.attributes?.['team']) &&
      (!writes || one.access === 'write'),
  );
}

const WHO: readonly Omit<Principal, 'role'>[] = [
  ...USERS.map((userId) => ({ id: 'p', userId })),
  { id: 'p', userId: 'alice', attributes: { team: 'red' } },
  { id: 'p', userId: 'mallory', attributes: { team: 'blue' } },
  { id: 'p' },
];

// The long form: so many settings on each store.
const RUNS = Number(process.env['MEMWARDEN_SPACES_RUNS'] ?? 0);

describeOnEachStore('shared memories: query = decision', (open) => {
  test(`G1, G5: what is listed, got, counted, changed and deleted in a space is what policies and list allow (seed ${SEED})`, async () => {
    const seen = { all: 0, none: 0, some: 0, changed: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(setting, async ({ roles, lists: generated }) => {
        const files = Object.fromEntries(roles.map((rules, n) => [`r${n}`, written(rules, `r${n}`)]));
        const { warden } = await open({ policies: await policyFolder(files), classify: false });
        for (const [n, list] of generated.entries()) {
          const admin = warden.space({ ...ADMIN, userId: 'maker' }, `s${n}`);
          await admin.create({ onErase: 'keep', members: [...list, { user: 'maker', access: 'write' }] });
          const memories = await admin.addMany(
            LEVELS.flatMap((level) =>
              CATEGORIES.map((category) => ({ content: `${level} ${category}`, level, category })),
            ),
          );
          for (const [r, rules] of roles.entries()) {
            for (const one of WHO) {
              const who: Principal = { ...one, role: `r${r}` };
              const space = warden.space(who, `s${n}`);
              const may = (action: Action, memory: (typeof memories)[number]) =>
                mayByPolicy(rules, who, action, memory as never) &&
                mayByList(list, who, action !== 'read' && action !== 'explain');
              const expected = memories.filter((memory) => may('read', memory)).map(({ id }) => id);
              const page = (await outcome(() => space.list())) as { memories?: { id: string }[] };
              expect((page.memories ?? []).map(({ id }) => id).sort()).toEqual(expected.sort());
              expect(page.memories ? await space.count() : 0).toBe(expected.length);
              seen[expected.length === 0 ? 'none' : expected.length === memories.length ? 'all' : 'some'] += 1;
              for (const memory of memories.slice(0, 3)) {
                const got = await outcome(() => space.get(memory.id));
                expect((got as { id?: string } | null)?.id === memory.id).toBe(expected.includes(memory.id));
                const changed = await outcome(() => space.update(memory.id, { speaker: `${who.role} ${r}` }));
                const isChanged = typeof changed === 'object';
                expect([isChanged, changed]).toEqual([may('read', memory) && may('update', memory), changed]);
                seen[isChanged ? 'changed' : 'refused'] += 1;
              }
            }
          }
          for (const [r, rules] of roles.entries()) {
            const who: Principal = { id: 'p', userId: 'alice', role: `r${r}` };
            const space = warden.space(who, `s${n}`);
            for (const level of LEVELS) {
              const wanted = { level, category: 'plan' };
              const made = await outcome(() => space.add({ content: 'new', ...wanted }));
              const may = mayByPolicy(rules, who, 'create', wanted) && mayByList(list, who, true);
              expect([typeof made === 'object', made]).toEqual([may, made]);
            }
          }
        }
      }),
      { seed: SEED, numRuns: RUNS || 2, endOnFailure: true },
    );
    for (const [kind, count] of Object.entries(seen)) expect([kind, count > 3]).toEqual([kind, true]);
  });
});
