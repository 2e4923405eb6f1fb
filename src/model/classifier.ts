import type { Json } from './fields.js';
import type { Level } from './levels.js';

/** What a classifier is asked of: the text of a memory as it will be, opened. */
export interface ClassifiedText {
  /** Empty where the caller of an update neither gives it nor may read it. */
  readonly content: string;
  readonly metadata?: { readonly [key: string]: Json };
  readonly speaker?: string;
}

/** The level that a text asks for, and the rule that says so. */
export interface Classification {
  readonly level: Level;
  /** 1 to 64 letters, digits, `.`, `_` and `-`, a letter or digit first. It is stored in clear: never part of the text. */
  readonly ruleId: string;
}

/**
 * Says which level a text asks for; undefined where it asks for none. It may raise the level of a memory and never
 * lowers it. Where it throws, answers something else or does not answer in time, the write fails.
 */
export type Classify = (text: ClassifiedText) => Classification | undefined | PromiseLike<Classification | undefined>;

/** A classifier of the process itself that does its work in steps, so that other work is done in between. */
export interface SteppedClassifier {
  /** The steps for a text, and what they end with. */
  readonly steps: (text: ClassifiedText) => Generator<void, Classification | undefined>;
}

const RULE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const OVERRULED = 'overruled:';

/** Whether a value may name a rule of a classifier. */
export function isRuleId(value: unknown): value is string {
  return typeof value === 'string' && RULE_ID.test(value);
}

/** What `classified_by` says once somebody lowered the level that a rule had raised. */
export function overruled(classifiedBy: string): string {
  return classifiedBy.startsWith(OVERRULED) ? classifiedBy : OVERRULED + classifiedBy;
}

/** Whether somebody lowered the level that this rule had raised. */
export function isOverruled(classifiedBy: string | undefined, ruleId: string): boolean {
  return classifiedBy === OVERRULED + ruleId;
}
