import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import type { ActionOf } from '../../src/model/actions.js';
import type { Principal } from '../../src/model/principal.js';
import type { PolicyText } from '../../src/policy/load.js';
import { compare } from './compare.js';
import { describeOnParityStores } from './describe.js';
import { nameOf, soundDocument, spoiledDocument, unspoiled, withoutExpiry, type Planted } from './documents.js';
import { hostileKinds, type Ground } from './hostile.js';
import { isSound } from './oracle.js';
import { Random } from './random.js';
import { LEVELS, type WrittenPolicy } from './rules.js';
import type { Stored } from './store.js';
import { makeSubject, type Subject } from './subject.js';
import { NOW } from './values.js';

const FILES = ['agent.yaml', 'admin.yaml', 'export.yaml', 'examples/owner.yaml'];
const OWNERS = ['alice', 'bob'];
const ALL = ['create', 'read', 'update', 'reclassify', 'delete', 'share', 'export', 'explain'] as const;
type Action = ActionOf<'Memory'>;
type Level = (typeof LEVELS)[number];

// DESIGN.md, "Default policies", written out by hand.
const LOW: readonly Level[] = ['public', 'private'];
const AGENT: Partial<Record<Action, readonly Level[]>> = {
  create: LEVELS,
  read: LOW,
  update: LOW,
  delete: LOW,
  explain: LOW,
};
const OWNER: Partial<Record<Action, readonly Level[]>> = {
  create: LEVELS, read: LEVELS, update: LEVELS, delete: LEVELS, share: LEVELS, export: LEVELS, explain: LEVELS,
}; // prettier-ignore
const PRINCIPALS: readonly {
  name: string;
  principal: Principal;
  may: (action: Action, level: Level, owner: string) => boolean;
}[] = [
  { name: 'an admin', principal: { id: 'officer', role: 'admin' }, may: () => true },
  {
    name: "alice's agent",
    principal: { id: 'bot', role: 'agent', userId: 'alice' },
    may: (action, level, owner) => owner === 'alice' && AGENT[action]?.includes(level) === true,
  },
  { name: 'an agent for nobody', principal: { id: 'bot', role: 'agent' }, may: () => false },
  {
    name: 'an export',
    principal: { id: 'job', role: 'export' },
    may: (action, level) => (action === 'read' || action === 'export') && level === 'public',
  },
  {
    name: 'alice herself',
    principal: { id: 'alice', role: 'owner', userId: 'alice' },
    may: (action, level, owner) => owner === 'alice' && OWNER[action]?.includes(level) === true,
  },
  { name: 'a role without a policy', principal: { id: 'alice', role: 'stranger', userId: 'alice' }, may: () => false },
];

// Beside these, every hostile state denies everybody.
const HARMLESS = [
  '__caslSubjectType__', '__proto__ beside a level', 'constructor', 'hasOwnProperty', 'owner nested elsewhere', 'version that is none',
  ...['agent_id', 'app_id', 'session_id', 'expires_at'].flatMap((field) => [`missing ${field}`, `undefined ${field}`]),
]; // prettier-ignore

const EXPIRIES: readonly [string, Date | undefined, boolean][] = [
  ['without expiry', undefined, true],
  ['expiring in a day', new Date(NOW.getTime() + 86_400_000), true],
  ['expiring in a millisecond', new Date(NOW.getTime() + 1), true],
  ['expiring now', NOW, false],
  ['expired a day ago', new Date(NOW.getTime() - 86_400_000), false],
];

/** A state of a document; live where nothing but the policy can deny it. */
interface Cell {
  readonly planted: Planted;
  readonly level: Level;
  readonly state: string;
  readonly live: boolean;
}

describeOnParityStores('the grid of roles, owners, levels and states', (store) => {
  let cells: Map<Planted, Cell>;
  let stored: Stored[];
  let policies: WrittenPolicy[];
  let subject: Subject;

  beforeAll(async () => {
    const texts: PolicyText[] = await Promise.all(
      FILES.map(async (file) => ({
        file: basename(file),
        text: await readFile(join(PACKAGED_POLICIES, file), 'utf8'),
      })),
    );
    policies = texts.map(({ text }) => parse(text) as WrittenPolicy);
    subject = await makeSubject(store().planned);
    await subject.use(texts);
    cells = new Map(grid(store()).map((cell) => [cell.planted, cell]));
    stored = await store().refill([...cells.keys()]);
  }, 120_000);

  test('S1: every hostile state that is not known to be harmless is malformed, and the harmless ones are not', () => {
    const wrong = stored.filter(({ planted, exact, inPlace }) => {
      const cell = cells.get(planted) as Cell;
      const isReadable =
        isSound(exact) && inPlace && exact['user_id'] === planted.owner && exact['tenant'] === 'default';
      return isReadable !== (planted.kinds.length === 0 || HARMLESS.includes(cell.state));
    });
    expect(wrong.map(({ planted }) => cells.get(planted)?.state)).toEqual([]);
  });

  test.each(PRINCIPALS)(
    'G1: $name gets exactly its cells of every owner, level and state, for every action',
    async ({ principal, may }) => {
      for (const owner of OWNERS) {
        const access = subject.guard.access(principal, owner);
        for (const action of ALL) {
          const question = { policies, access, uses: [{ action }] as const, pageSize: 1_000 };
          const answer = await compare(store(), subject, question, stored, []);
          expect(answer.disagreements).toEqual([]);
          const expected = stored.filter(({ planted }) => {
            const cell = cells.get(planted) as Cell;
            return planted.owner === owner && cell.live && may(action, cell.level, owner);
          });
          expect(names(answer.allowed)).toEqual(names(expected));
        }
      }
    },
    120_000,
  );

  const names = (some: Iterable<Stored>) =>
    [...some].map(({ planted }) => `${planted.owner} ${cells.get(planted)?.level} ${cells.get(planted)?.state}`).sort();
});

function grid(ground: Ground): Cell[] {
  const random = new Random(1);
  const cells: Cell[] = [];
  const ids = new Set<string>();
  const add = (cell: Cell) => {
    // A collection holds one document of an id: null, for one, can be the id of one document only.
    const name = nameOf(cell.planted.document['id']);
    if (ids.has(name) && cell.planted.document['id'] !== undefined) return;
    ids.add(name);
    cells.push(cell);
  };
  for (const owner of OWNERS) {
    for (const level of LEVELS) {
      const sound = (expiry?: Date) => {
        const document = withoutExpiry(soundDocument(random, owner, `document ${cells.length}`));
        return { ...document, sensitivity: level, ...(expiry ? { expires_at: expiry } : {}) };
      };
      for (const [state, expiry, live] of EXPIRIES)
        add({ planted: unspoiled(owner, sound(expiry)), level, state, live });
      for (const kind of hostileKinds(ground)) {
        for (const field of kind.fields) {
          const state = kind.fields.length === 1 ? kind.name : `${kind.name} ${field}`;
          add({
            planted: spoiledDocument(random, owner, sound(), kind, field),
            level,
            state,
            live: HARMLESS.includes(state),
          });
        }
      }
    }
  }
  return cells;
}
