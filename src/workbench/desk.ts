import { Alarms } from '../metrics/alarms.js';
import type { Action, SubjectName } from '../model/actions.js';
import { compile, type Candidate, type Test } from '../model/evaluate.js';
import type { FieldName } from '../model/fields.js';
import { conditionOf, type Plan } from '../model/plan.js';
import type { Predicate } from '../model/predicate.js';
import type { Principal } from '../model/principal.js';
import { isWellFormed, unexpired } from '../model/well-formed.js';
import type { Binding } from '../policy/binding.js';
import { PolicyEngine } from '../policy/engine.js';
import type { PolicySet, Rule } from '../policy/policy-set.js';

const BINDINGS = 1_000;

/** A question to the policies. */
export interface Question {
  readonly subject: SubjectName;
  readonly action: Action;
  readonly record: Candidate;
  readonly at: Date;
  /** Absent: the record as a whole. */
  readonly field?: FieldName;
}

/** What the two interpreters say, each with the fixed conditions (S1, expiry) joined. */
export interface Answer {
  readonly decision: boolean;
  readonly plan: boolean;
  /** The rule that decided, where one matched. */
  readonly rule?: Rule;
}

/** The engine of production on one set, to which questions can be put for any time. */
export class Desk {
  readonly #engine: PolicyEngine;
  readonly #clock: { now: Date };

  private constructor(engine: PolicyEngine, clock: { now: Date }) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** A desk with a set of policies on it. */
  static async open(set: PolicySet): Promise<Desk> {
    const clock = { now: new Date(0) };
    const engine = await PolicyEngine.start({
      load: () => Promise.resolve(set),
      clock: () => clock.now,
      alarms: new Alarms(),
      maxStaleMs: 0,
      cacheSize: BINDINGS,
    });
    return new Desk(engine, clock);
  }

  /** @throws MemwardenError invalid_principal where a fact does not fit what a rule compares it with */
  bind(principal: Principal, at: Date): Binding {
    this.#clock.now = at;
    return this.#engine.bind(principal);
  }
}

/** Asks both interpreters. */
export function ask(binding: Binding, { subject, action, record, at, field }: Question): Answer {
  const open = isOpen(subject, record, at);
  const decided = open && binding.decide(action, subject, record, field);
  const rule = open ? binding.decidingRule(action, subject, record) : undefined;
  const plan = binding.plan(action, subject, field === undefined ? [] : [field]);
  return { decision: decided, plan: open && testOf(plan)(record), ...(rule ? { rule } : {}) };
}

// The fixed conditions of a subject, outside the policy language.
function isOpen(subject: SubjectName, record: Candidate, at: Date): boolean {
  if (subject === 'Memory' || subject === 'SharedMemory') return isWellFormed(record) && isUnexpired(at)(record);
  return subject === 'User' || subject === 'Export' ? isOwned(record) : true;
}

const isOwned = compile({ kind: 'type', field: 'user_id', type: 'string', required: true });
const tests = new WeakMap<Plan, Test>();
const expiries = new WeakMap<Date, Test>();

function testOf(plan: Plan): Test {
  return kept(tests, plan, () => conditionOf(plan));
}

function isUnexpired(at: Date): Test {
  return kept(expiries, at, () => unexpired(at));
}

function kept<K extends object>(cache: WeakMap<K, Test>, key: K, predicate: () => Predicate): Test {
  let test = cache.get(key);
  if (!test) cache.set(key, (test = compile(predicate())));
  return test;
}
