import { MemwardenError } from '../errors/memwarden-error.js';
import type { ActionOf } from '../model/actions.js';
import { compile, type Candidate } from '../model/evaluate.js';
import { UNHIDEABLE, type FieldName, type MemoryRecord } from '../model/fields.js';
import { conditionOf, isNone, planOf, type Plan } from '../model/plan.js';
import { specialise, type Predicate } from '../model/predicate.js';
import type { Principal } from '../model/principal.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { isWellFormed, unexpired, WELL_FORMED_BESIDE } from '../model/well-formed.js';
import type { Binding } from '../policy/binding.js';
import type { Partition } from '../store/partition.js';
import { plannedQuery, type PlannedQuery } from '../store/planned.js';
import type { GuardContext } from './context.js';

type MemoryAction = ActionOf<'Memory'>;

/** An action and the fields that a call uses by it. */
export interface Use {
  readonly action: MemoryAction;
  readonly fields?: readonly FieldName[];
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
  readonly #context: GuardContext;
  #plans: { readonly binding: Binding; readonly byUse: Map<string, Plan> } | undefined;

  /**
   * @param key `principalKey` of the principal
   * @param ownerKey the key that the owner holds, for this request; undefined where the product holds the keys
   */
  constructor(context: GuardContext, principal: Principal, owner: string, key: string, ownerKey?: Uint8Array) {
    this.#context = context;
    this.principal = principal;
    this.ownerKey = ownerKey;
    this.partition = Object.freeze({ tenant: DEFAULT_TENANT, userId: owner });
    this.key = key;
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
  planOrNone(binding: Binding, { action, fields = [] }: Use): Plan {
    if (this.#plans?.binding !== binding) this.#plans = { binding, byUse: new Map<string, Plan>() };
    const kept = this.#plans.byUse;
    const used = fields.length === 0 ? fields : fields.filter((field) => !UNHIDEABLE.has(field));
    const key = used.length === 0 ? action : `${action} ${used.join(' ')}`;
    let plan = kept.get(key);
    if (!plan) {
      const known = { user_id: this.partition.userId };
      const condition = specialise(conditionOf(binding.plan(action, 'Memory', used)), (comparison) =>
        comparison.field === 'user_id' ? compile(comparison)(known) : undefined,
      );
      kept.set(key, (plan = planOf(condition)));
    }
    return plan;
  }

  /** The query of some uses: partition, plans, well-formed, not expired, and what the caller narrows it by. */
  query(binding: Binding, uses: readonly Use[], now: Date, narrow: readonly Predicate[] = []): PlannedQuery {
    const plans = uses.map((use) => this.plan(binding, use));
    return plannedQuery(this.partition, plans, [WELL_FORMED_BESIDE, unexpired(now), ...narrow]);
  }

  /** The decision on a full record, in memory: the second interpreter. */
  permits(binding: Binding, record: MemoryRecord, now: Date, uses: readonly Use[]): boolean {
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
  allows(binding: Binding, record: MemoryRecord, { action, fields = [] }: Use): boolean {
    const candidate = asCandidate(record);
    if (!binding.decide(action, 'Memory', candidate)) return false;
    if (fields.length === 0 || !binding.hasFieldRules(action, 'Memory')) return true;
    return fields.every((field) => UNHIDEABLE.has(field) || binding.decide(action, 'Memory', candidate, field));
  }

  /** Tells which fields of a record may be released; `everyField` where no rule limits them. */
  permittedFields(binding: Binding, record: MemoryRecord): (field: FieldName) => boolean {
    if (!binding.hasFieldRules('read', 'Memory')) return everyField;
    return (field) => UNHIDEABLE.has(field) || binding.decide('read', 'Memory', asCandidate(record), field);
  }
}

function asCandidate(record: MemoryRecord): Candidate {
  return record as unknown as Candidate;
}
