import type { Embedding } from '../model/embedding.js';
import { HIDEABLE, RELEASED, type FieldName, type MemoryRecord } from '../model/fields.js';
import { toMemory, type Memory } from '../model/memory.js';
import { isPending, type Awaitable, type PartitionOpener, type RecordKind } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { StateRow } from '../store/planned.js';
import { everyField, type Access, type Use } from './access.js';
import type { GuardContext } from './context.js';

/**
 * The way of a record from the store to the caller: MAC, decision, permitted fields, and those alone opened. Where the
 * sealer has at hand what it needs, so is the answer: a list waits for no record in particular.
 */
export class Release {
  readonly #context: GuardContext;

  constructor(context: GuardContext) {
    this.#context = context;
  }

  /**
   * Checks a record that a query let through (S19, then the decision). One that the decision refuses means that the
   * two interpreters disagree: it is dropped, counted and raised as an alarm.
   */
  admits(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    record: MemoryRecord,
    now: Date,
    uses: readonly Use[],
  ): Awaitable<boolean> {
    const verified = keys.verify(record);
    return isPending(verified)
      ? verified.then((result) => this.#admits(result, keys, access, binding, record, now, uses))
      : this.#admits(verified, keys, access, binding, record, now, uses);
  }

  /** The same for a state of the history, with `deletedAt` for the last one of a deleted memory. */
  async admitsState(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    { record, deletedAt }: StateRow,
    now: Date,
    uses: readonly Use[],
  ): Promise<boolean> {
    return this.#admits(await keys.verifyState(record, deletedAt), keys, access, binding, record, now, uses);
  }

  // What is anything but true has not verified.
  #admits(
    verified: unknown,
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    record: MemoryRecord,
    now: Date,
    uses: readonly Use[],
  ): boolean {
    if (verified !== true || !isSound(record)) {
      if (!keys.erasing) this.#context.alarms.raise('malformed_record', now, { id: record.id });
      return false;
    }
    if (access.permits(binding, record, now, uses)) return true;
    this.#context.alarms.raise('decision_disagrees', now, { id: record.id });
    return false;
  }

  /** The permitted part of an admitted record, its permitted sealed fields opened and no others. */
  open(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    record: MemoryRecord,
    kind: RecordKind = 'memory',
    without?: FieldName,
  ): Memory {
    const permitted = access.permittedFields(binding, record);
    const isOpen = without === undefined ? permitted : (field: FieldName) => field !== without && permitted(field);
    const sealed = isOpen === everyField ? RELEASED : RELEASED.filter(isOpen);
    return toMemory(record, keys.open(record, sealed, kind), isOpen);
  }

  /** Names the fields that `open` shows of an admitted record: of two that show the same the names are equal. */
  shown(access: Access, binding: Binding, record: MemoryRecord): string {
    return HIDEABLE.filter(access.fieldsShown(binding, record)).join(' ');
  }

  /**
   * The embedding of an admitted record's content, for the index of a view: it tells of the content, and so is opened
   * only where that may be read. It is never part of an answer.
   */
  embedding(keys: PartitionOpener, access: Access, binding: Binding, record: MemoryRecord): Embedding | undefined {
    if (record.vector === undefined || !access.permittedFields(binding, record)('content')) return undefined;
    return keys.open(record, ['vector']).vector;
  }

  /**
   * What answers a change: the record where it may be read, else id and owner, and the level where the caller put it.
   */
  answer(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    record: MemoryRecord,
    now: Date,
    leveled: boolean,
  ): Memory {
    if (access.permits(binding, record, now, [{ action: 'read' }])) return this.open(keys, access, binding, record);
    return toMemory(
      record,
      {},
      (field) => field === 'id' || field === 'user_id' || (leveled && field === 'sensitivity'),
    );
  }
}

// What no condition asks for and this code relies on: a version that counts, and moments.
function isSound(record: MemoryRecord): boolean {
  if (!isMoment(record.created_at) || !isMoment(record.updated_at)) return false;
  const version: unknown = record.version;
  return Number.isSafeInteger(version) && (version as number) >= 1 && version !== Number.MAX_SAFE_INTEGER;
}

function isMoment(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
