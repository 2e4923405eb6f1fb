import { SEALED, type FieldName, type MemoryRecord } from '../model/fields.js';
import { toMemory, type Memory } from '../model/memory.js';
import { isPending, type Awaitable } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
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
  admits(access: Access, binding: Binding, record: MemoryRecord, now: Date, uses: readonly Use[]): Awaitable<boolean> {
    const decide = (verified: boolean): boolean => {
      const refused = !verified ? 'malformed_record' : 'decision_disagrees';
      if (verified && access.permits(binding, record, now, uses)) return true;
      this.#context.alarms.raise(refused, now, { id: record.id });
      return false;
    };
    const verified = isSound(record) && this.#context.sealer.verify(record);
    return isPending(verified) ? verified.then(decide) : decide(verified);
  }

  /** The permitted part of an admitted record, its permitted sealed fields opened and no others. */
  open(access: Access, binding: Binding, record: MemoryRecord, without?: FieldName): Awaitable<Memory> {
    const permitted = access.permittedFields(binding, record);
    const isOpen = without === undefined ? permitted : (field: FieldName) => field !== without && permitted(field);
    const sealed = isOpen === everyField ? SEALED : SEALED.filter(isOpen);
    const open = this.#context.sealer.open(record, sealed);
    return isPending(open) ? open.then((fields) => toMemory(record, fields, isOpen)) : toMemory(record, open, isOpen);
  }

  /**
   * What answers a change: the record where it may be read, else id and owner, and the level where the caller put it.
   */
  async answer(access: Access, binding: Binding, record: MemoryRecord, now: Date, leveled: boolean): Promise<Memory> {
    if (access.permits(binding, record, now, [{ action: 'read' }])) return this.open(access, binding, record);
    return toMemory(
      record,
      {},
      (field) => field === 'id' || field === 'user_id' || (leveled && field === 'sensitivity'),
    );
  }
}

// What no condition asks for and this code relies on: a version that counts, moments, and sealed fields in their sealed
// form.
function isSound(record: MemoryRecord): boolean {
  if (!isMoment(record.created_at) || !isMoment(record.updated_at)) return false;
  const version: unknown = record.version;
  if (!Number.isSafeInteger(version) || (version as number) < 1 || version === Number.MAX_SAFE_INTEGER) return false;
  for (const field of SEALED) if (record[field] !== undefined && typeof record[field] !== 'string') return false;
  return true;
}

function isMoment(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
