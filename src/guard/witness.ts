import { isMemwardenError } from '../errors/memwarden-error.js';
import type { ActionOf } from '../model/actions.js';
import type { AuditEntry, Join, Joined, Outcome, Recorded } from '../model/auditor.js';
import type { Candidate } from '../model/evaluate.js';
import { levelsOf, type MemoryRecord } from '../model/fields.js';
import type { Binding } from '../policy/binding.js';
import type { Access } from './access.js';
import type { GuardContext } from './context.js';

type MemoryAction = ActionOf<'Memory'>;

/** What is told of one call on memories. */
export interface Seen {
  readonly action: MemoryAction;
  readonly act?: string;
  /** The memories that were released or changed. */
  readonly records?: readonly MemoryRecord[];
  readonly count?: number;
  readonly outcome?: Outcome;
  /** Who outside gets text of the memories, or of the call (S27); undefined where nothing leaves the process. */
  readonly recipient?: string | undefined;
  /** Whose they are, where that is not whose partition they are in: the author of what is in a space. */
  readonly owner?: string | undefined;
}

/** How a change ended. */
export interface Ended {
  readonly outcome: Outcome;
  readonly count?: number;
}

/** Runs the one write of the store that is an effect, with what it may ask for: then effect and result are one commit. */
export type Carried = <T>(write: (join?: Join) => Promise<T>) => Promise<T>;

const MOST_RULES = 32;

/** Tells the auditor what a call did, and waits: what is released stands behind it. */
export class Witness {
  readonly #context: GuardContext;

  constructor(context: GuardContext) {
    this.#context = context;
  }

  /**
   * A read that was allowed, or text that is about to leave the process (S27): told of before it is sent, as act
   * `embed` where it is of memories and `embed.query` where it is a query's.
   */
  async read(access: Access, binding: Binding, seen: Seen): Promise<void> {
    await this.#context.auditor.record({ ...entryOf(access, binding, seen), phase: 'read' });
  }

  /**
   * A change: its intent is durable before the effect, its result after it or in one commit with it (S24). Where the effect
   * throws, the result says that it failed; where nothing can be written any more, the intent is left to be reconciled.
   *
   * @param effect may put its write into `carried`, where that write alone decides whether it is as it was seen
   */
  async change<T>(
    access: Access,
    binding: Binding,
    seen: Seen,
    effect: (carried: Carried) => Promise<T>,
    endOf: (value: T) => Ended,
  ): Promise<T> {
    const { auditor } = this.#context;
    const entry = entryOf(access, binding, seen);
    const intent = await auditor.record({ ...entry, phase: 'intent' });
    const result = { ...entry, ...linked(intent), phase: 'result' } as const;
    let told: Awaited<ReturnType<Joined['end']>>;
    const carried: Carried = async (write) => {
      let joining: Promise<Joined | undefined> | undefined;
      try {
        return await write(async () => (joining ??= auditor.join?.(result)));
      } finally {
        // Also where the store was not reached.
        told = await (await joining)?.end();
      }
    };
    let value: T;
    try {
      value = await effect(carried);
    } catch (error) {
      // What was sent outside is not taken back by what went wrong later.
      const undone = entry.recipient === undefined ? { levels: {}, count: 0 } : {};
      const failed = () => auditor.record({ ...result, ...(partOf(error) ?? { outcome: 'failed', ...undone }) });
      await Promise.resolve(told ? told.durable : failed()).catch(() => undefined);
      throw error;
    }
    if (told) await told.durable;
    else await auditor.record({ ...result, ...endOf(value) });
    return value;
  }

  /** Runs a call and tells of it where policy and request alone refuse it. */
  async decided<T>(access: Access, action: MemoryAction, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      return this.#refused(access, action, error);
    }
  }

  /** The same of a call that answers bit by bit. */
  async *eachDecided<T>(
    access: Access,
    action: MemoryAction,
    call: () => AsyncGenerator<T, void, undefined>,
  ): AsyncGenerator<T, void, undefined> {
    try {
      yield* call();
    } catch (error) {
      await this.#refused(access, action, error);
    }
  }

  async #refused(access: Access, action: MemoryAction, error: unknown): Promise<never> {
    if (isMemwardenError(error, 'forbidden') || isMemwardenError(error, 'policy_unavailable')) {
      const { principal, partition, origin, subject } = access;
      await this.#context.auditor.record({
        principal,
        owner: partition.userId,
        action,
        subject,
        phase: 'read',
        outcome: 'denied',
        ids: [],
        rules: isMemwardenError(error, 'forbidden') ? access.binding().denials(action, subject) : [],
        revision: this.#context.policy.revision,
        ...(origin ? { origin } : {}),
      });
    }
    throw error;
  }
}

function entryOf(
  access: Access,
  binding: Binding,
  { action, act, records = [], count, outcome = 'allowed', recipient, owner }: Seen,
): Omit<AuditEntry, 'phase'> {
  const { principal, partition, origin, subject } = access;
  return {
    principal,
    owner: owner ?? partition.userId,
    action,
    subject,
    outcome,
    ids: records.map(({ id }) => id),
    levels: levelsOf(records),
    rules: rulesOf(binding, access, action, records),
    revision: binding.revision,
    ...(act === undefined ? {} : { act }),
    ...(count === undefined ? {} : { count }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(origin ? { origin } : {}),
  };
}

// Where one rule alone speaks of the action, it decided; else each record says which did.
function rulesOf(
  binding: Binding,
  { subject }: Access,
  action: MemoryAction,
  records: readonly MemoryRecord[],
): readonly string[] {
  const speaking = binding.speaking(action, subject);
  if (speaking.length <= 1 || records.length === 0) return speaking;
  const found = new Set<string>();
  for (const record of records) {
    const rule = binding.decidingRule(action, subject, record as unknown as Candidate);
    if (rule) found.add(rule.id);
    if (found.size === Math.min(MOST_RULES, speaking.length)) break;
  }
  return [...found];
}

// Of memories that stand each on its own, those whose ids are taken keep none of the others out.
function partOf(error: unknown): (Ended & Pick<AuditEntry, 'levels'>) | undefined {
  const stored = isMemwardenError(error, 'store_duplicate') ? error.detail['stored'] : undefined;
  return typeof stored === 'number' && stored > 0 ? { outcome: 'allowed', count: stored, levels: {} } : undefined;
}

function linked(intent: Recorded | undefined): Partial<AuditEntry> {
  return intent ? { intent: intent.event } : {};
}
