import { HIDEABLE, type FieldName } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import type { Binding } from '../policy/binding.js';
import { Records, SPOTS, unionOf, type Spot } from './cells.js';
import { Desk } from './desk.js';
import { fieldsOf, isEffective } from './effective.js';
import { bindingOf } from './matrix.js';
import type { Policies } from './policies.js';
import { profilesOf, type Profile } from './profiles.js';

type Answer = 'yes' | 'some' | 'no';

/** A cell of the matrix that differs between two sets. */
export interface CellChange extends Spot {
  readonly role: string;
  /** The facts of who asks, the fewest with which it differs. */
  readonly facts: string;
  readonly from: Answer;
  readonly to: Answer;
  /** Whether something becomes allowed that was not, and the other way round; both may be. */
  readonly gains: boolean;
  readonly loses: boolean;
  readonly fieldsGained?: readonly FieldName[];
  readonly fieldsLost?: readonly FieldName[];
}

/** A role whose default or highest level differs. */
export interface LevelChange {
  readonly role: string;
  readonly level: 'default_level' | 'maximum_level';
  readonly from: Level;
  readonly to: Level;
}

/** A role whose exports need another's approval over another number of users; null where they never do. */
export interface ApprovalChange {
  readonly role: string;
  /** The facts of who asks, the fewest with which it differs. */
  readonly facts: string;
  readonly from: number | null;
  readonly to: number | null;
  /** Whether more may be exported without approval. */
  readonly gains: boolean;
}

/** A principal for whom reading differs, so that counting a store may show by how much. */
export interface ReadChange {
  readonly profile: Profile;
  readonly place: 'own' | 'foreign';
}

/** What differs between two sets. */
export interface PolicyDiff {
  readonly from: string;
  readonly to: string;
  readonly cells: readonly CellChange[];
  readonly levels: readonly LevelChange[];
  readonly approvals: readonly ApprovalChange[];
  /** False where the rules tell more apart than was asked about. */
  readonly complete: boolean;
  readonly reads: readonly ReadChange[];
}

const MOST_PROFILES = 256;

/** Asks two sets the same questions, on records and principals that stand for all that either tells apart. */
export async function diffOf(a: Policies, b: Policies, at: Date): Promise<PolicyDiff> {
  const desks = { a: await Desk.open(a.set), b: await Desk.open(b.set) };
  const names = [...new Set([...a.roles, ...b.roles].map(({ policy }) => policy.role))].sort();
  const cells = new Map<string, CellChange>();
  const reads: ReadChange[] = [];
  const approvals = new Map<string, ApprovalChange>();
  let complete = true;
  for (const role of names) {
    const rules = [a, b].flatMap(({ set }) => set.roles.get(role)?.rules ?? []);
    const { profiles, complete: all } = profilesOf(role, rules, at, MOST_PROFILES);
    complete &&= all;
    for (const profile of profiles) {
      const [one, other] = [bindingOf(desks.a, profile, at), bindingOf(desks.b, profile, at)];
      if (!one || !other) continue;
      const found = changesOf(one, other, at);
      complete &&= found.complete;
      for (const change of found.changes) {
        const key = JSON.stringify([role, change]);
        if (!cells.has(key)) cells.set(key, { role, facts: profile.facts, ...change });
      }
      reads.push(...readsOf(found.changes, profile));
      const approval = approvalOf(one, other);
      const key = JSON.stringify([role, approval]);
      if (approval && !approvals.has(key)) approvals.set(key, { role, facts: profile.facts, ...approval });
    }
  }
  return {
    from: a.set.revision,
    to: b.set.revision,
    cells: [...cells.values()],
    levels: levelsOf(a, b),
    approvals: [...approvals.values()],
    complete,
    reads,
  };
}

type Change = Omit<CellChange, 'role' | 'facts'>;

function changesOf(one: Binding, other: Binding, at: Date): { changes: Change[]; complete: boolean } {
  const samples = new Records([one, other], at);
  let complete = true;
  const changes = SPOTS.flatMap((spot) => {
    const { records, complete: all } = samples.of(spot);
    complete &&= all;
    const questions = records.map((record) => ({ ...spot, record, at }));
    const before = questions.filter((question) => isEffective(one, question));
    const after = questions.filter((question) => isEffective(other, question));
    const gains = after.some((question) => !before.includes(question));
    const loses = before.some((question) => !after.includes(question));
    const [had, has] = [
      unionOf(before.map((question) => fieldsOf(one, question))) ?? HIDEABLE,
      unionOf(after.map((question) => fieldsOf(other, question))) ?? HIDEABLE,
    ];
    const both = before.length > 0 && after.length > 0;
    const fieldsGained = both ? has.filter((field) => !had.includes(field)) : [];
    const fieldsLost = both ? had.filter((field) => !has.includes(field)) : [];
    if (!gains && !loses && fieldsGained.length + fieldsLost.length === 0) return [];
    return [
      {
        ...spot,
        from: answerOf(before.length, questions.length),
        to: answerOf(after.length, questions.length),
        gains: gains || fieldsGained.length > 0,
        loses: loses || fieldsLost.length > 0,
        ...(fieldsGained.length > 0 ? { fieldsGained } : {}),
        ...(fieldsLost.length > 0 ? { fieldsLost } : {}),
      },
    ];
  });
  return { changes, complete };
}

function approvalOf(one: Binding, other: Binding): Omit<ApprovalChange, 'role' | 'facts'> | undefined {
  if ([one, other].some((binding) => binding.speaking('export', 'Memory').length === 0)) return undefined;
  const [from, to] = [one.exportsWithoutApproval, other.exportsWithoutApproval];
  if (from === to) return undefined;
  const shown = (users: number) => (users === Infinity ? null : users);
  return { from: shown(from), to: shown(to), gains: to > from };
}

function answerOf(allowed: number, all: number): Answer {
  return allowed === 0 ? 'no' : allowed === all ? 'yes' : 'some';
}

function readsOf(changes: readonly Change[], profile: Profile): ReadChange[] {
  return (['own', 'foreign'] as const).flatMap((place) =>
    changes.some((change) => change.subject === 'Memory' && change.action === 'read' && change.place === place)
      ? [{ profile, place }]
      : [],
  );
}

function levelsOf(a: Policies, b: Policies): LevelChange[] {
  return [...a.set.roles.values()].flatMap((one) => {
    const other = b.set.roles.get(one.role);
    if (!other) return [];
    const levels: LevelChange[] = [
      { role: one.role, level: 'default_level', from: one.defaultLevel, to: other.defaultLevel },
      { role: one.role, level: 'maximum_level', from: one.maximumLevel, to: other.maximumLevel },
    ];
    return levels.filter(({ from, to }) => from !== to);
  });
}
