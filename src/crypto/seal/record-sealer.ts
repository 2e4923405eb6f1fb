import { MemwardenError } from '../../errors/memwarden-error.js';
import { SEALED, type MemoryRecord, type OpenFields, type SealedName } from '../../model/fields.js';
import type { RecordKind } from '../../model/sealer.js';
import type { DerivedKeys } from './key-schedule.js';
import { bareOf, CLEAR_NAMES, isSame, sealOf, sealOfClear, type Stored } from './record-mac.js';
import { decodeInto, encodeField, SEALED_FIELDS } from './sealed-fields.js';
import { openValue, sealValue, unauthentic, type SealedKind } from './sealed-value.js';

/**
 * Seals a memory whose fields in clear are final.
 *
 * @param record what it carries of sealed fields, key id and MACs is left behind
 * @param open the result has exactly these sealed fields; other properties of the object are passed over
 * @throws MemwardenError internal where a field is missing, unknown or of another type, or the keys were wiped
 */
export function sealRecord(keys: DerivedKeys, record: MemoryRecord, open: OpenFields): MemoryRecord {
  return sealAs(keys, 'memory', record, open);
}

/**
 * Whether a stored memory is what was sealed (S19): every field in clear and every ciphertext, none missing, none too
 * many, none of another type.
 *
 * @throws MemwardenError internal where the keys were wiped, whatever the record
 */
export function verifyRecord(keys: DerivedKeys, record: MemoryRecord): boolean {
  return check(keys, () => record.bare === undefined && isSame(record.seal, sealOf(keys, 'memory', stored(record))));
}

/**
 * The same of a state in the history. A past state carries `seal` and `bare`; once its sealed fields are gone, `bare`
 * alone. The last state of a deleted memory never has another than `bare`, which authenticates `deletedAt` too.
 */
export function verifyState(keys: DerivedKeys, record: MemoryRecord, deletedAt?: Date): boolean {
  return check(keys, () => {
    const state = stored(record);
    if (!isSame(record.bare, bareOf(keys, state, deletedAt))) return false;
    if (record.seal === undefined) return SEALED.every((name) => record[name] === undefined);
    return deletedAt === undefined && isSame(record.seal, sealOf(keys, 'history', state));
  });
}

/** The same of what S10's look brings: all fields in clear of a memory and its seal, without the ciphertexts. */
export function verifyClear(keys: DerivedKeys, fields: Stored): boolean {
  return check(keys, () => fields['bare'] === undefined && isSame(fields['seal'], sealOfClear(keys, fields)));
}

/**
 * Opens the named sealed fields of a verified record, and no others; one that is not there is passed over.
 *
 * @throws MemwardenError unauthentic, and then nothing is released; internal where the keys were wiped
 */
export function openRecord(
  keys: DerivedKeys,
  record: MemoryRecord,
  fields: readonly SealedName[],
  kind: RecordKind = 'memory',
): OpenFields {
  const open: OpenFields = {};
  for (const name of fields) {
    const sealed = record[name];
    if (sealed === undefined) continue;
    if (kind === 'deleted') throw unauthentic();
    decodeInto(open, name, openValue(keys, record, kind, name, sealed));
  }
  return open;
}

/**
 * Makes a past state of a memory: sealed anew as such, with both MACs.
 *
 * @param to the keys that seal it, where they are not those of the memory
 * @throws MemwardenError unauthentic where the memory is not what was sealed: what is false is not made true
 */
export function keepState(keys: DerivedKeys, record: MemoryRecord, to: DerivedKeys = keys): MemoryRecord {
  if (!verifyRecord(keys, record)) throw unauthentic();
  return sealAs(to, 'history', record, openRecord(keys, record, SEALED));
}

/**
 * Makes the last state of a memory that is deleted: its fields in clear, authenticated with the time of the deletion.
 *
 * @throws MemwardenError unauthentic where the memory is not what was sealed
 */
export function buryRecord(
  keys: DerivedKeys,
  record: MemoryRecord,
  deletedAt: Date,
  to: DerivedKeys = keys,
): MemoryRecord {
  if (!verifyRecord(keys, record)) throw unauthentic();
  return authenticated(to, clearPart(to, record), deletedAt);
}

/**
 * Seals a stored record under other keys. It stays the same record: neither version nor any date changes, and a state
 * whose sealed fields are gone gets none.
 *
 * @param kind what the record is; `deletedAt` belongs to `deleted` alone
 * @throws MemwardenError unauthentic where the record is not what was sealed
 */
export function resealRecord(
  from: DerivedKeys,
  to: DerivedKeys,
  record: MemoryRecord,
  kind: RecordKind,
  deletedAt?: Date,
): MemoryRecord {
  if ((kind === 'deleted') !== (deletedAt !== undefined)) throw new MemwardenError('internal');
  const isRight = kind === 'memory' ? verifyRecord(from, record) : verifyState(from, record, deletedAt);
  if (!isRight) throw unauthentic();
  if (kind === 'deleted' || record.seal === undefined) return authenticated(to, clearPart(to, record), deletedAt);
  return sealAs(to, kind, record, openRecord(from, record, SEALED, kind));
}

function sealAs(keys: DerivedKeys, kind: SealedKind, record: MemoryRecord, open: OpenFields): MemoryRecord {
  const sealed = clearPart(keys, record);
  for (const field of SEALED_FIELDS) {
    const value: unknown = open[field.name];
    if (value !== undefined) sealed[field.name] = sealValue(keys, sealed, kind, field.name, encodeField(field, value));
    else if (field.required) throw new MemwardenError('internal');
  }
  const seal = sealOf(keys, kind, stored(sealed));
  if (!seal) throw new MemwardenError('internal');
  // The seal is not under `bare`, which outlives it.
  if (kind === 'history') authenticated(keys, sealed);
  sealed.seal = seal;
  return sealed;
}

function authenticated(keys: DerivedKeys, record: MemoryRecord, deletedAt?: Date): MemoryRecord {
  const bare = bareOf(keys, stored(record), deletedAt);
  if (!bare) throw new MemwardenError('internal');
  record.bare = bare;
  return record;
}

const LEFT_BEHIND = new Set<string>([...SEALED, 'seal', 'bare']);
const CLEAR = new Set(CLEAR_NAMES);

// The fields in clear, under the key that is to authenticate them.
function clearPart(keys: DerivedKeys, record: MemoryRecord): MemoryRecord {
  const part: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (LEFT_BEHIND.has(name) || value === undefined) continue;
    if (!CLEAR.has(name)) throw new MemwardenError('internal');
    part[name] = value;
  }
  part['key_id'] = keys.keyId;
  return part as unknown as MemoryRecord;
}

function stored(record: MemoryRecord): Stored {
  return record as unknown as Stored;
}

// A record may be anything; what throws on the way is no record. Keys that were wiped are another matter: to call every
// record false then would make a fault of ours look like an attack.
function check(keys: DerivedKeys, isRight: () => boolean): boolean {
  void keys.mac;
  try {
    return isRight();
  } catch {
    return false;
  }
}
