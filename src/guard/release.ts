import { SEALED, type FieldName, type MemoryRecord } from '../model/fields.js';
import { toMemory, type Memory } from '../model/memory.js';
import type { PartitionOpener, RecordKind } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { StateRow } from '../store/planned.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';

/** The way of a record from the store to the caller: MAC, decision, permitted fields, and those alone opened. */
export class Release {
  readonly #context: GuardContext;

  constructor(context: GuardContext) {
    this.#context = context;
  }

  /**
   * Checks a record that a query let through (S19, then the decision). One that the decision refuses means that the
   * two interpreters disagree: it is dropped, counted and raised as an alarm.
   */
  async admits(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    record: MemoryRecord,
    now: Date,
    uses: readonly Use[],
  ): Promise<boolean> {
    return this.#admits(await keys.verify(record), keys, access, binding, record, now, uses);
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

  #admits(
    verified: boolean,
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    record: MemoryRecord,
    now: Date,
    uses: readonly Use[],
  ): boolean {
    if (!verified || !isSound(record)) {
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
    return toMemory(record, keys.open(record, SEALED.filter(isOpen), kind), isOpen);
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

// What no condition asks for and this code relies on: a version that counts.
function isSound(record: MemoryRecord): boolean {
  const version: unknown = record.version;
  return Number.isSafeInteger(version) && (version as number) >= 1 && version !== Number.MAX_SAFE_INTEGER;
}
