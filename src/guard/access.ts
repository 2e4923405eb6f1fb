import { MemwardenError } from '../errors/memwarden-error.js';
import type { Origin } from '../model/auditor.js';
import type { Candidate } from '../model/evaluate.js';
import { UNHIDEABLE, type FieldName, type MemoryRecord } from '../model/fields.js';
import { rank, type Level } from '../model/levels.js';
import { isNone, type Plan } from '../model/plan.js';
import { FALSE, type Predicate } from '../model/predicate.js';
import type { Principal } from '../model/principal.js';
import { subjectOf, type MemorySubject } from '../model/space.js';
import { isWellFormed, unexpired, WELL_FORMED_BESIDE } from '../model/well-formed.js';
import type { Binding } from '../policy/binding.js';
import type { Partition } from '../store/partition.js';
import { plannedQuery, type PlannedQuery } from '../store/planned.js';
import type { GuardContext } from './context.js';
import { listAllows, type Standing } from './standing.js';
import { allowsUse, hideable, planOfUse, type Use } from './use.js';

export type { Use };

/** Plans that were made for one principal at one partition; they say nothing of who asked when. */
export interface MadePlans {
  now?: { readonly binding: Binding; readonly shadow: string | undefined; readonly byUse: Map<string, Plan> };
}

/** Permits every field. */
export const everyField = (): boolean => true;

/** One principal at one partition: what it may, asked anew at each call. */
export class Access {
  readonly principal: Principal;
  readonly partition: Partition;
  /** `principalKey` of the principal. */
  readonly key: string;
  readonly ownerKey: Uint8Array | undefined;
  /** Where its calls come in, where the door said so. */
  readonly origin: Origin | undefined;
  readonly #context: GuardContext;
  readonly userId: string;
  readonly #plans: MadePlans;
  /** What policies call the memories: those of a user, or of a shared space. */
  readonly subject: MemorySubject;
  #standing: Standing | undefined;

  /**
   * @param key `principalKey` of the principal
   * @param ownerKey the key that the owner holds, for this request; undefined where the product holds the keys
   * @param origin where the call came in; undefined where the door did not say so
   * @param plans those made before for the same principal and owner
   * @param standing what the access list of a space says, for one call; without it nothing of a space is allowed
   */
  constructor(
    context: GuardContext,
    principal: Principal,
    owner: string,
    key: string,
    ownerKey?: Uint8Array,
    origin?: Origin,
    plans: MadePlans = {},
    standing?: Standing,
  ) {
    this.#context = context;
    this.#plans = plans;
    this.principal = principal;
    this.ownerKey = ownerKey;
    this.origin = origin;
    this.partition = Object.freeze({ tenant: context.tenant, userId: owner });
    this.key = key;
    this.userId = owner;
    this.subject = subjectOf(owner);
    this.#standing = standing;
  }

  /** The same access for one call, with what the access list of its space says now. */
  standing(standing: Standing): Access {
    return new Access(
      this.#context,
      this.principal,
      this.userId,
      this.key,
      this.ownerKey,
      this.origin,
      this.#plans,
      standing,
    );
  }

  /** An access of the same principal elsewhere, without what any access list says. */
  to(owner: string): Access {
    return new Access(this.#context, this.principal, owner, this.key, undefined, this.origin);
  }

  /** Whether the access list of a space lets an action through; a user's memories have none. */
  stands(action: Use['action']): boolean {
    return this.subject === 'Memory' || listAllows(this.#standing, action);
  }

  /** The name that what it creates in a space carries. */
  get author(): string | undefined {
    return this.#standing?.author;
  }

  /** The names under which a user has written in a space that it stands on the list of. */
  namesOf(userId: string): readonly string[] {
    return this.#standing?.namesOf?.(userId) ?? [];
  }

  /** Asks the access list of a space again: what it said before the epoch was read that stands for it may be over. */
  async refresh(): Promise<void> {
    if (this.#standing) this.#standing = await this.#standing.again();
  }

  /**
   * Asks the access list again, once the key of a write is taken: what is revoked from then on ends the epoch of that key.
   *
   * @throws MemwardenError not_found where it allows less than it did, conflict where it names the author otherwise
   */
  async renew(): Promise<void> {
    if (!this.#standing) return;
    const now = await this.#standing.again();
    if (now.access !== 'write' && now.access !== this.#standing.access) throw new MemwardenError('not_found');
    if (now.author !== this.#standing.author) throw new MemwardenError('conflict');
    this.#standing = now;
  }

  /** The policies in force for the principal now. */
  binding(): Binding {
    return this.#context.policy.bind(this.principal, this.key);
  }

  /**
   * The plan of a use, with what is known of every record of the partition put in.
   *
   * @throws MemwardenError forbidden where policy and request alone say no
   */
  plan(binding: Binding, use: Use): Plan {
    const plan = this.planOrNone(binding, use);
    if (isNone(plan)) throw new MemwardenError('forbidden');
    return plan;
  }

  /** The plan of a use; `none` where nothing is allowed whatever is stored. */
  planOrNone(binding: Binding, use: Use): Plan {
    const shadow = this.#context.shadow?.revision;
    // A shadow that was reloaded is asked anew.
    let made = this.#plans.now;
    if (made?.binding !== binding || made.shadow !== shadow)
      this.#plans.now = made = { binding, shadow, byUse: new Map<string, Plan>() };
    const kept = made.byUse;
    const used = hideable(use.fields);
    const key = used.length === 0 ? use.action : `${use.action} ${used.join(' ')}`;
    let plan = kept.get(key);
    if (!plan) {
      kept.set(key, (plan = planOfUse(binding, use, this.userId, this.subject)));
      this.#context.shadow?.planned(this, binding, use, plan);
    }
    return plan;
  }

  /**
   * The query of some uses: partition, plans, well-formed, not expired, the access list, and what the caller narrows it
   * by. Who is no member asks as a member does, and finds nothing.
   */
  query(binding: Binding, uses: readonly Use[], now: Date, narrow: readonly Predicate[] = []): PlannedQuery {
    const plans = uses.map((use) => this.plan(binding, use));
    const listed = uses.every(({ action }) => this.stands(action)) ? [] : [FALSE];
    return plannedQuery(this.partition, plans, [WELL_FORMED_BESIDE, unexpired(now), ...listed, ...narrow]);
  }

  /** The decision on a full record, in memory: the second interpreter. */
  permits(binding: Binding, record: MemoryRecord, now: Date, uses: readonly Use[]): boolean {
    for (const { action } of uses) if (!this.stands(action)) return false;
    return this.fits(binding, record, now, uses);
  }

  /** The same without the access list of a space: what policy and request say alone. */
  fits(binding: Binding, record: MemoryRecord, now: Date, uses: readonly Use[]): boolean {
    if (!this.isReadable(record, now)) return false;
    for (const use of uses) if (!this.allows(binding, record, use)) return false;
    return true;
  }

  /** Whether a record is of the partition, well-formed and not expired. */
  isReadable(record: MemoryRecord, now: Date): boolean {
    if (record.user_id !== this.partition.userId || record.tenant !== this.partition.tenant) return false;
    if (!isWellFormed(asCandidate(record))) return false;
    return record.expires_at === undefined || record.expires_at > now;
  }

  /** Whether the policy allows a use of a record. */
  allows(binding: Binding, record: MemoryRecord, use: Use): boolean {
    const allowed = allowsUse(binding, asCandidate(record), use, this.subject);
    this.#context.shadow?.decided(this, binding, use, asCandidate(record), allowed);
    return allowed;
  }

  /** Whether a level is within what the role may write at all. */
  reaches(binding: Binding, level: Level): boolean {
    const within = rank(level) <= rank(binding.maximumLevel);
    this.#context.shadow?.reached(this, binding, level, within);
    return within;
  }

  /** Tells which fields of a record may be released; `everyField` where no rule limits them. */
  permittedFields(binding: Binding, record: MemoryRecord): (field: FieldName) => boolean {
    this.#context.shadow?.shown(this, binding, asCandidate(record));
    return this.fieldsShown(binding, record);
  }

  /** The same where nothing is released: a shadow is not asked. */
  fieldsShown(binding: Binding, record: MemoryRecord): (field: FieldName) => boolean {
    const { subject } = this;
    if (!binding.hasFieldRules('read', subject)) return everyField;
    return (field) => UNHIDEABLE.has(field) || binding.decide('read', subject, asCandidate(record), field);
  }
}

function asCandidate(record: MemoryRecord): Candidate {
  return record as unknown as Candidate;
}
