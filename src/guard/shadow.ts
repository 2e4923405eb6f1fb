import { isMemwardenError } from '../errors/memwarden-error.js';
import { Alarms } from '../metrics/alarms.js';
import { Differences, type Difference, type ShadowReport } from '../metrics/differences.js';
import type { Action, ActionOf, SubjectName } from '../model/actions.js';
import type { Candidate } from '../model/evaluate.js';
import { HIDEABLE, type FieldName } from '../model/fields.js';
import { isLevel, rank, type Level } from '../model/levels.js';
import { isNone, type Plan } from '../model/plan.js';
import type { Principal } from '../model/principal.js';
import type { MemorySubject } from '../model/space.js';
import type { Clock } from '../model/clock.js';
import type { Binding } from '../policy/binding.js';
import { PolicyEngine } from '../policy/engine.js';
import type { PolicySet } from '../policy/policy-set.js';
import { allowsUse, planOfUse, type Use } from './use.js';

/** Who is asked for, as the guard has it at hand. */
interface Asker {
  readonly principal: Principal;
  readonly key: string;
  readonly userId: string;
  /** Memories where it is not said. */
  readonly subject?: MemorySubject;
}

interface Question {
  would(candidate: Binding): boolean;
  rules(binding: Binding, allowed: boolean): readonly string[];
}

type Place = Pick<Difference, 'subject' | 'action' | 'on'> & Partial<Pick<Difference, 'level' | 'field'>>;

const BINDINGS = 10_000;

/**
 * A candidate set of policies beside the live one. It is asked what the guard decided and tells where it would have
 * decided otherwise. It never decides, and nothing that happens in it reaches the caller.
 *
 * Of a list it sees what the live set lets through, and so what would be lost; what would be gained is known for whole
 * plans, and for single records where a miss by id looked at one (S10).
 */
export class Shadow {
  readonly #candidate: PolicyEngine;
  readonly #onDifference: ((difference: Difference) => unknown) | undefined;
  readonly #differences: Differences;

  private constructor(candidate: PolicyEngine, onDifference?: (difference: Difference) => unknown) {
    this.#candidate = candidate;
    this.#onDifference = onDifference;
    this.#differences = new Differences(onDifference);
  }

  /**
   * @param load reads the candidate set
   * @param onDifference called once for each kind of difference, outside of the call that met it
   * @throws MemwardenError policy_invalid where the candidate set does not load
   */
  static async start(
    load: () => Promise<PolicySet>,
    clock: Clock,
    onDifference?: (difference: Difference) => unknown,
  ): Promise<Shadow> {
    // A set that never decides is never too old, and alarms nobody.
    const options = { load, clock, alarms: new Alarms(), maxStaleMs: Infinity, cacheSize: BINDINGS };
    return new Shadow(await PolicyEngine.start(options), onDifference);
  }

  /** The same candidate with counts of its own. */
  apart(): Shadow {
    return new Shadow(this.#candidate, this.#onDifference);
  }

  /** The live set made a plan for a use of memories. */
  planned(asker: Asker, live: Binding, use: Use, plan: Plan): void {
    const { subject = 'Memory' } = asker;
    this.#compare(asker, live, { subject, action: use.action, on: 'plan' }, !isNone(plan), {
      would: (candidate) => !isNone(planOfUse(candidate, use, asker.userId, subject)),
      rules: (binding, yes) => applying(binding, use.action, subject, yes),
    });
  }

  /** The live set decided on a use of a record. */
  decided(asker: Asker, live: Binding, use: Use, record: Candidate, allowed: boolean): void {
    const { subject = 'Memory' } = asker;
    this.#compare(asker, live, { subject, action: use.action, on: 'record', ...levelOf(record) }, allowed, {
      would: (candidate) => allowsUse(candidate, record, use, subject),
      rules: (binding) => deciding(binding, subject, use.action, record),
    });
  }

  /** The live set said which fields of a readable record may be shown. */
  shown(asker: Asker, live: Binding, record: Candidate): void {
    this.#quietly(() => {
      const { subject = 'Memory' } = asker;
      const candidate = this.#bind(asker);
      if (!candidate || (!live.hasFieldRules('read', subject) && !candidate.hasFieldRules('read', subject))) return;
      // Where the candidate withholds the record, that is the difference, not its fields.
      if (!candidate.decide('read', subject, record)) return;
      for (const field of HIDEABLE) {
        const place = { subject, action: 'read', on: 'record', ...levelOf(record), field } as const;
        this.#compare(asker, live, place, live.decide('read', subject, record, field), {
          would: () => candidate.decide('read', subject, record, field),
          rules: (binding) => deciding(binding, subject, 'read', record, field),
        });
      }
    });
  }

  /** The live set held a level against the highest that a role may write. */
  reached(asker: Asker, live: Binding, level: Level, allowed: boolean): void {
    this.#compare(asker, live, { subject: asker.subject ?? 'Memory', action: 'create', on: 'record', level }, allowed, {
      would: (candidate) => rank(level) <= rank(candidate.maximumLevel),
      rules: () => ['maximum_level'],
    });
  }

  /** A call by id met nothing that the live set lets through; something readable but for the policy stands there. */
  missed(asker: Asker, live: Binding, action: ActionOf<'Memory'>, record: Candidate): void {
    this.#quietly(() => {
      const { subject = 'Memory' } = asker;
      const uses: readonly Use[] = action === 'read' ? [{ action }] : [{ action: 'read' }, { action }];
      // What the live set allows was missed for another reason: it changed in between.
      if (uses.every((use) => allowsUse(live, record, use, subject))) return;
      this.#compare(asker, live, { subject, action, on: 'record', ...levelOf(record) }, false, {
        would: (candidate) => uses.every((use) => allowsUse(candidate, record, use, subject)),
        rules: (binding) => deciding(binding, subject, action, record),
      });
    });
  }

  /** The live set made its plan for the list of users. */
  listed(asker: Asker, live: Binding, plan: Plan): void {
    this.#compare(asker, live, { subject: 'User', action: 'list', on: 'plan' }, !isNone(plan), {
      would: (candidate) => !isNone(candidate.plan('list', 'User')),
      rules: (binding, yes) => applying(binding, 'list', 'User', yes),
    });
  }

  /** The live set decided on a user of the list. */
  listedUser(asker: Asker, live: Binding, user: Candidate, allowed: boolean): void {
    this.#compare(asker, live, { subject: 'User', action: 'list', on: 'record' }, allowed, {
      would: (candidate) => candidate.decide('list', 'User', user),
      rules: (binding) => idsOf(binding.decidingRule('list', 'User', user)),
    });
  }

  /**
   * Reads the candidate set anew. Where it does not load, the last one that did goes on being asked.
   *
   * @throws MemwardenError policy_invalid
   */
  async reload(): Promise<void> {
    try {
      await this.#candidate.reload();
    } catch (error) {
      this.#differences.failed();
      throw error;
    }
  }

  /** SHA-256 of the candidate set. */
  get revision(): string {
    return this.#candidate.revision;
  }

  /** What was seen since the start. */
  report(): ShadowReport {
    return this.#differences.report();
  }

  #compare(asker: Asker, live: Binding, place: Place, allowed: boolean, question: Question): void {
    this.#quietly(() => {
      const candidate = this.#bind(asker);
      this.#differences.compared();
      const wouldAllow = candidate !== null && question.would(candidate);
      if (wouldAllow === allowed) return;
      this.#differences.note({
        ...place,
        role: asker.principal.role,
        live: allowed ? 'allowed' : 'denied',
        candidate: wouldAllow ? 'allowed' : 'denied',
        liveRules: question.rules(live, allowed),
        candidateRules: candidate === null ? [] : question.rules(candidate, wouldAllow),
        liveRevision: live.revision,
        candidateRevision: this.#candidate.revision,
      });
    });
  }

  // Null where the candidate refuses the principal itself: live, it would refuse the call.
  #bind({ principal, key }: Asker): Binding | null {
    try {
      return this.#candidate.bind(principal, key);
    } catch (error) {
      if (isMemwardenError(error, 'invalid_principal')) return null;
      throw error;
    }
  }

  #quietly(work: () => void): void {
    try {
      work();
    } catch {
      this.#differences.failed();
    }
  }
}

function levelOf(record: Candidate): { readonly level?: string } {
  const level = record['sensitivity'];
  return isLevel(level) ? { level } : {};
}

function deciding(
  binding: Binding,
  subject: MemorySubject,
  action: ActionOf<'Memory'>,
  record: Candidate,
  field?: FieldName,
): string[] {
  return idsOf(binding.decidingRule(action, subject, record, field));
}

function idsOf(rule: { readonly id: string } | undefined): string[] {
  return rule ? [rule.id] : [];
}

// Of a plan that lets something through the rules that allow, of one that does not those that deny.
function applying(binding: Binding, action: Action, subject: SubjectName, allowed: boolean): string[] {
  const found = binding.rules.filter(
    ({ applies, rule }) =>
      applies && rule.inverted !== allowed && rule.actions.includes(action) && rule.subjects.includes(subject),
  );
  return found.map(({ rule }) => rule.id);
}
