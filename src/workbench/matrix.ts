import { isMemwardenError } from '../errors/memwarden-error.js';
import type { FieldName } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import type { Binding } from '../policy/binding.js';
import type { PolicySet, RolePolicy } from '../policy/policy-set.js';
import { dependsOn, Records, SPOTS, unionOf, type Spot } from './cells.js';
import { Desk } from './desk.js';
import { fieldsOf, isEffective } from './effective.js';
import { profilesOf, type Profile } from './profiles.js';

/** What a role may do on a spot. `some`: on some records, by what `depends` names. */
export interface Cell extends Spot {
  readonly answer: 'yes' | 'some' | 'no';
  /** The only fields that the action may use, where rules limit them. */
  readonly fields?: readonly FieldName[];
  /** The fields, beside owner and level, that decide between the records of a `some`. */
  readonly depends?: readonly string[];
}

/** What one role may do, with some facts. */
export interface RoleMatrix {
  readonly role: string;
  /** The facts of who asks, as `purpose=care`; empty: none. Facts that change no cell have no table of their own. */
  readonly facts: string;
  readonly description?: string;
  readonly defaultLevel: Level;
  readonly maximumLevel: Level;
  readonly cells: readonly Cell[];
}

/** What every role may do. */
export interface Matrix {
  readonly revision: string;
  readonly at: Date;
  /** Whether a rule has a time limit, so that another time gives another matrix. */
  readonly timed: boolean;
  /** False where the rules tell more principals or records apart than were asked about. */
  readonly complete: boolean;
  readonly roles: readonly RoleMatrix[];
}

/** Policies, and what their files say beside what they mean. */
export interface Described {
  readonly set: PolicySet;
  readonly roles: readonly {
    readonly policy: RolePolicy;
    readonly written: { readonly description?: string | undefined };
  }[];
}

const MOST_PROFILES = 256;

/**
 * What each role may do to what, found by asking both interpreters of the engine about records that stand for all
 * records; the rules are read only to find out which.
 *
 * @throws MemwardenError internal where the two interpreters disagree
 */
export async function matrixOf({ set, roles }: Described, at: Date): Promise<Matrix> {
  const desk = await Desk.open(set);
  const tables: RoleMatrix[] = [];
  let complete = true;
  let timed = false;
  for (const { policy, written } of roles) {
    const { profiles, complete: all } = profilesOf(policy.role, policy.rules, at, MOST_PROFILES);
    complete &&= all;
    timed ||= policy.rules.some((rule) => rule.notBefore !== undefined || rule.notAfter !== undefined);
    const seen = new Set<string>();
    for (const profile of profiles) {
      const found = cellsOf(desk, profile, at);
      if (!found) continue;
      complete &&= found.complete;
      const key = JSON.stringify(found.cells);
      if (seen.has(key)) continue;
      seen.add(key);
      tables.push({
        role: policy.role,
        facts: profile.facts,
        ...(written.description === undefined ? {} : { description: written.description }),
        defaultLevel: policy.defaultLevel,
        maximumLevel: policy.maximumLevel,
        cells: found.cells,
      });
    }
  }
  return { revision: set.revision, at, timed, complete, roles: tables };
}

/** A binding of a profile, or undefined where the engine refuses its facts. */
export function bindingOf(desk: Desk, { principal }: Profile, at: Date): Binding | undefined {
  try {
    return desk.bind(principal, at);
  } catch (error) {
    // A fact can be a level for one rule and a team for another; no credential holds such facts.
    if (isMemwardenError(error, 'invalid_principal')) return undefined;
    throw error;
  }
}

function cellsOf(desk: Desk, profile: Profile, at: Date): { cells: Cell[]; complete: boolean } | undefined {
  const binding = bindingOf(desk, profile, at);
  if (!binding) return undefined;
  const samples = new Records([binding], at);
  let complete = true;
  const cells = SPOTS.map((spot) => {
    const { records, complete: all } = samples.of(spot);
    complete &&= all;
    const allowed = records.filter((record) => isEffective(binding, { ...spot, record, at }));
    if (allowed.length === 0) return { ...spot, answer: 'no' } as const;
    const fields = unionOf(allowed.map((record) => fieldsOf(binding, { ...spot, record, at })));
    return {
      ...spot,
      ...(allowed.length === records.length
        ? ({ answer: 'yes' } as const)
        : ({ answer: 'some', depends: dependsOn(binding, spot) } as const)),
      ...(fields ? { fields } : {}),
    };
  });
  return { cells, complete };
}
