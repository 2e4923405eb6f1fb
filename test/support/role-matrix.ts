import { expect } from '@jest/globals';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { LEVELS, type Level } from '../../src/model/levels.js';
import type { Principal } from '../../src/model/principal.js';
import type { Warden } from '../../src/warden.js';
import { ADMIN, outcome } from './warden.js';

/** What became of an act: it was done, or the code of its refusal. What is read as nothing counts as `not_found`. */
export type Done = 'done' | (string & {});

/**
 * What a door lets one credential do to the memories of one owner. A door leaves out what it has no call for; the table then
 * says how many cells that were. Each act on an id resolves to what became of it, each of the others to the contents that
 * it shows, sorted, or to the code of its refusal.
 */
export interface Surface {
  create?(level: Level): Promise<Done>;
  read?(id: string): Promise<Done>;
  update?(id: string): Promise<Done>;
  /** Moves the expiry later. */
  reclassify?(id: string): Promise<Done>;
  delete?(id: string): Promise<Done>;
  history?(id: string): Promise<Done>;
  explain?(id: string): Promise<Done>;
  list?(): Promise<readonly string[] | Done>;
  /** What finds `canary`, which every content holds. */
  search?(): Promise<readonly string[] | Done>;
  count?(): Promise<number | Done>;
  /** The contents of an export of this owner. */
  export?(): Promise<readonly string[] | Done>;
  users?(): Promise<readonly string[] | Done>;
}

/** A role, and the credential that the table gives it. */
export interface RoleRow {
  readonly role: string;
  /** The users of the credential. */
  readonly users: 'any' | readonly string[];
  /** The same principal, for the library. */
  readonly principal: Principal;
}

/** The roles of the package and the owner of the examples; `policyFolder()` has their policies. */
export const ROLES: readonly RoleRow[] = [
  { role: 'agent', users: ['alice'], principal: { id: 'p', role: 'agent', userId: 'alice' } },
  { role: 'admin', users: 'any', principal: { id: 'p', role: 'admin' } },
  { role: 'export', users: [], principal: { id: 'p', role: 'export' } },
  { role: 'owner', users: ['alice'], principal: { id: 'p', role: 'owner', userId: 'alice' } },
];
const OWNERS = ['alice', 'bob'] as const;
const HOUR = 3_600_000;
const NO_ID = 'none';

/** What the table needs of a test. */
export interface RoleMatrix {
  readonly warden: Warden;
  readonly clock: (() => Date) & { forward(ms: number): void };
  /** Opens the door for a role and an owner. */
  open(row: RoleRow, owner: string): Promise<Surface>;
  /** The roles that are asked; all of them where it is not given. */
  readonly roles?: readonly RoleRow[];
  /**
   * Whether calls on an id name no owner (S14): what the library refuses to any id of that owner, the door answers as the
   * library answers for an id that is not there in the partition of this user, who is the credential's own.
   */
  ownOf?(row: RoleRow): string;
  /** What a door shows of an act on all together, where it shows a part of what the library does. */
  part?(act: Together, row: RoleRow, library: Outcome): Outcome;
}

type Outcome = readonly string[] | number | Done;

type ById = 'read' | 'update' | 'reclassify' | 'delete' | 'history' | 'explain';
const BY_ID: readonly ById[] = ['read', 'update', 'reclassify', 'delete', 'history', 'explain'];
const STATES = ['live', 'expired'] as const;
const TOGETHER = ['list', 'search', 'count', 'export', 'users'] as const;
type Together = (typeof TOGETHER)[number];

/**
 * G5: role x action x level x owner x state through a door: what becomes of each is what becomes of it in the library, which
 * test/memory/roles.test.ts holds against a table that is written by hand.
 *
 * @returns how many cells were asked, how many of them were allowed, how many the door has no call for, and which acts
 *   those are
 */
export async function holdAgainstLibrary({ warden, clock, open, roles = ROLES, ownOf, part }: RoleMatrix) {
  let [cells, allowed, without] = [0, 0, 0];
  const lacks = (act: string, count: number) => {
    missing.add(act);
    without += count;
  };
  const missing = new Set<string>();
  for (const owner of OWNERS) {
    for (const level of LEVELS) {
      await warden.scope(ADMIN, owner).add(`canary ${owner} ${level}`, { level });
      await warden.scope(ADMIN, owner).add(`canary expired ${level}`, { level, ttl: 1 });
    }
  }
  clock.forward(1);
  for (const row of roles) {
    for (const owner of OWNERS) {
      const door = await open(row, owner);
      const library = libraryOf(warden, clock, row, owner);
      const cell = (...parts: unknown[]) => [row.role, owner, ...parts].join(' ');
      for (const act of TOGETHER) {
        const call = door[act]?.bind(door);
        if (!call) lacks(act, 1);
        else {
          const all = await library[act]();
          const expected = part ? part(act, row, all) : all;
          expect([cell(act), await call()]).toEqual([cell(act), expected]);
          cells += 1;
          allowed += Number(typeof expected !== 'string');
        }
      }
      const planted = await plant(warden, clock, owner);
      const own = ownOf && libraryOf(warden, clock, row, ownOf(row));
      for (const level of LEVELS) {
        for (const act of ['create', ...BY_ID] as const) {
          const call = door[act]?.bind(door) as ((what: string) => Promise<Done>) | undefined;
          const states = act === 'create' ? (['new'] as const) : STATES;
          if (!call) lacks(act, states.length);
          else {
            for (const state of states) {
              const [one, other] = state === 'new' ? [level, level] : planted(act, level, state);
              const said = await library[act](one);
              const expected = said === 'forbidden' && own && act !== 'create' ? await own[act](NO_ID) : said;
              expect([cell(act, level, state), await call(other)]).toEqual([cell(act, level, state), expected]);
              cells += 1;
              allowed += Number(expected === 'done');
            }
          }
        }
      }
      // So that what is shown together stays what it was.
      for (const appId of ['made', 'planted']) await warden.scope(ADMIN, owner).deleteMany({ appId });
    }
  }
  return { cells, allowed, without, missing: [...missing] };
}

// For each act, level and state one memory for the library and one for the door, stored at once.
async function plant(warden: Warden, clock: RoleMatrix['clock'], owner: string) {
  const wanted = BY_ID.flatMap((act) =>
    LEVELS.flatMap((level) => STATES.flatMap((state) => [0, 1].map((n) => ({ act, level, state, n })))),
  );
  const memories = wanted.map(({ level, state }) => ({
    content: 'there',
    appId: 'planted',
    level,
    ttl: state === 'expired' ? 1 : 10 * HOUR,
  }));
  const stored = await warden.scope(ADMIN, owner).addMany(memories);
  clock.forward(1);
  return (act: string, level: Level, state: string): [string, string] => {
    const ids = wanted.flatMap((one, n) =>
      one.act === act && one.level === level && one.state === state ? [stored[n]?.id ?? ''] : [],
    );
    return [ids[0] ?? '', ids[1] ?? ''];
  };
}

/** The expiry that `reclassify` asks for. */
export function laterThan(clock: () => Date): string {
  return new Date(clock().getTime() + 20 * HOUR).toISOString();
}

function libraryOf(warden: Warden, clock: () => Date, { principal }: RoleRow, owner: string) {
  const memory: ScopedMemory = warden.scope(principal, owner);
  const done = async (call: () => Promise<unknown>): Promise<Done> => {
    const found = await outcome(call);
    return found === null ? 'not_found' : typeof found === 'string' ? found : 'done';
  };
  const contents = (found: unknown, of: (found: never) => readonly { content?: string }[]) =>
    typeof found === 'string'
      ? found
      : of(found as never)
          .map(({ content = '' }) => content)
          .sort();
  return {
    create: (level: string) => done(() => memory.add('new', { level: level as Level, appId: 'made' })),
    read: (id: string) => done(() => memory.get(id)),
    update: (id: string) => done(() => memory.update(id, { content: 'changed' })),
    reclassify: (id: string) => done(() => memory.update(id, { expiresAt: laterThan(clock) })),
    delete: (id: string) => done(async () => (await memory.delete(id), true)),
    history: (id: string) => done(() => memory.history(id)),
    explain: (id: string) => done(() => memory.explain(id)),
    list: async () => contents(await outcome(() => memory.list()), (page: { memories: [] }) => page.memories),
    search: async () => {
      const hits = await outcome(() => memory.search('canary', { limit: 100 }));
      return contents(hits, (found: { memory: { content: string } }[]) => found.map((hit) => hit.memory));
    },
    count: () => outcome(() => memory.count()) as Promise<number | Done>,
    export: () => exported(warden, principal, owner),
    users: async () => {
      const found = await outcome(() => warden.users(principal));
      return typeof found === 'string'
        ? found
        : (found as { users: { userId: string }[] }).users.map(({ userId }) => userId);
    },
  };
}

async function exported(warden: Warden, principal: Principal, owner: string): Promise<readonly string[] | Done> {
  const { mkdtemp, readFile, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const folder = await mkdtemp(join(tmpdir(), 'memwarden-matrix-'));
  try {
    const out = join(folder, 'out.ndjson');
    const done = await outcome(() => warden.export(principal, { users: [owner], out }));
    if (typeof done === 'string') return done;
    return contentsOf(await readFile(out, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The contents of an export, sorted. */
export function contentsOf(ndjson: string): string[] {
  const lines = ndjson.split('\n').filter((line) => line !== '');
  return lines.map((line) => String((JSON.parse(line) as { content?: string }).content)).sort();
}
