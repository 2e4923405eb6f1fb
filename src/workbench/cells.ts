import { ACTIONS_OF, SUBJECTS, type Action, type SubjectName } from '../model/actions.js';
import { HIDEABLE, type FieldName, type FilterableName } from '../model/fields.js';
import { LEVELS, type Level } from '../model/levels.js';
import { TRUE, type Predicate } from '../model/predicate.js';
import type { Binding } from '../policy/binding.js';
import { hasLevels } from './effective.js';
import { THE_USER } from './profiles.js';
import { comparisonsOf, otherThan, regionsOf, sampleOf, type Sample } from './regions.js';

/** Whose a record is for who asks, or that it has expired. */
export const PLACES = ['own', 'foreign', 'expired'] as const;
export type Place = (typeof PLACES)[number];

/** One question of the matrix: it is asked of every record that the place and the level leave open. */
export interface Spot {
  readonly subject: SubjectName;
  readonly action: Action;
  /** Absent on subjects without levels. */
  readonly level?: Level;
  /** Absent on subjects whose records no condition may name. */
  readonly place?: Place;
}

// What the policies of a role can tell apart, and no more than a page can hold.
const MOST_RECORDS = 4_096;

/** Every spot, in the order of the tables. */
export const SPOTS: readonly Spot[] = SUBJECTS.flatMap((subject) =>
  (ACTIONS_OF[subject] as readonly Action[]).flatMap((action): Spot[] => {
    if (hasLevels(subject))
      return LEVELS.flatMap((level) => PLACES.map((place) => ({ subject, action, level, place })));
    if (subject === 'User' || subject === 'Export')
      return (['own', 'foreign'] as const).map((place) => ({ subject, action, place }));
    return [{ subject, action }];
  }),
);

/** What the rules of some bindings compare; what a sample must tell apart. */
export function predicatesOf(bindings: readonly Binding[]): readonly Predicate[] {
  return bindings.flatMap(({ rules }) => rules.flatMap((bound) => (bound.applies ? [bound.conditions ?? TRUE] : [])));
}

/** Makes the records of a spot. */
export class Records {
  readonly #at: Date;
  readonly #predicates: readonly Predicate[];
  readonly #kept = new Map<string, Sample>();

  /** @param bindings the bindings whose rules the records must tell apart */
  constructor(bindings: readonly Binding[], at: Date) {
    this.#at = at;
    this.#predicates = predicatesOf(bindings);
  }

  of({ subject, level, place }: Spot): Sample {
    const key = `${subject} ${level ?? ''} ${place ?? ''}`;
    let sample = this.#kept.get(key);
    if (!sample) this.#kept.set(key, (sample = this.#make(subject, level, place)));
    return sample;
  }

  #make(subject: SubjectName, level: Level | undefined, place: Place | undefined): Sample {
    if (place === undefined) return { records: [{}], complete: true };
    const values = regionsOf(this.#predicates, this.#at);
    const owners = (values.get('user_id') ?? []).filter((owner) => owner !== THE_USER && owner !== '');
    const others = owners.length > 0 ? owners : [otherThan([THE_USER])];
    const own = place === 'own' ? [THE_USER] : place === 'foreign' ? others : [THE_USER, ...others];
    const fixed: [FilterableName, readonly unknown[]][] = [['user_id', own]];
    if (level !== undefined) fixed.push(['sensitivity', [level]]);
    if (place === 'expired') fixed.push(['expires_at', [this.#at]]);
    const open = hasLevels(subject) ? [...values] : [];
    const alive = open.map(([field, some]): [FilterableName, readonly unknown[]] => [
      field,
      this.#isLater(field, some),
    ]);
    return sampleOf(new Map([...alive, ...fixed]), this.#at, MOST_RECORDS);
  }

  // An expiry that has come is the place `expired`.
  #isLater(field: FilterableName, values: readonly unknown[]): readonly unknown[] {
    if (field !== 'expires_at') return values;
    return values.filter((value) => !(value instanceof Date) || value > this.#at);
  }
}

/** The fields, beside owner and level, that the rules on an action ask of a record. */
export function dependsOn(binding: Binding, { action, subject }: Spot): FilterableName[] {
  const rules = binding.rules.flatMap((bound) =>
    bound.applies && bound.rule.actions.includes(action) && bound.rule.subjects.includes(subject)
      ? [bound.conditions ?? TRUE]
      : [],
  );
  const fields = rules.flatMap(comparisonsOf).map(({ field }) => field);
  return [...new Set(fields)].filter((field) => field !== 'user_id' && field !== 'sensitivity').sort();
}

/** The union of what may be used over some records; undefined where nothing is withheld from any. */
export function unionOf(fields: readonly (readonly FieldName[] | undefined)[]): readonly FieldName[] | undefined {
  if (fields.length === 0 || fields.includes(undefined)) return undefined;
  return HIDEABLE.filter((field) => fields.some((some) => some?.includes(field)));
}
