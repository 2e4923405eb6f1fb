import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { types } from 'node:util';
import { FIELDS, SEALED, type SealedName } from '../../model/fields.js';
import { isLevel } from '../../model/levels.js';
import { compareText } from '../../model/text.js';
import { ByteWriter } from './byte-writer.js';
import { FORMAT_VERSION, prefixed, type DerivedKeys } from './key-schedule.js';
import type { SealedKind } from './sealed-value.js';

/** A stored record, nothing of which is trusted. */
export type Stored = Readonly<Record<string, unknown>>;

/**
 * The bit of each sealed field in a seal. Part of the format: a number is never given again, and a field that comes
 * new to the table does not compile until it has one.
 */
const BITS: { readonly [name in SealedName]: number } = { content: 0, metadata: 1, speaker: 2, vector: 3 };
const SEALED_BY_BIT: readonly SealedName[] = [...SEALED].sort((a, b) => BITS[a] - BITS[b]);
const ALL_BITS = SEALED.reduce((bits, name) => bits | (1 << BITS[name]), 0);

type ClearType = 'string' | 'enum' | 'date' | 'integer';
interface ClearField {
  readonly name: string;
  readonly type: ClearType;
  readonly required: boolean;
  /** Its name behind its length, then the mark of its type. */
  readonly item: Buffer;
}
const MARKS: Readonly<Record<ClearType, string>> = { string: 's', enum: 's', date: 'd', integer: 'i' };

// Ordered by name, so that the order of the table is free to change.
const CLEAR: readonly ClearField[] = [
  ...FIELDS.filter((field) => !field.sealed).map(({ name, type, required }) => clear(name, type, required)),
  clear('tenant', 'string', true),
  clear('key_id', 'string', true),
].sort((a, b) => compareText(a.name, b.name));
const DELETED_AT = clear('deleted_at', 'date', true);

/** The fields that stand in clear and are authenticated. */
export const CLEAR_NAMES: readonly string[] = CLEAR.map(({ name }) => name);
const KNOWN = new Set<string>([...CLEAR_NAMES, ...SEALED, 'seal', 'bare']);

const LABEL = prefixed(Buffer.from('memwarden record'));
const KINDS = {
  memory: prefixed(Buffer.from('memory')),
  history: prefixed(Buffer.from('history')),
  bare: prefixed(Buffer.from('bare')),
  deleted: prefixed(Buffer.from('deleted')),
} as const;

// No field has an empty name.
const END = prefixed(Buffer.alloc(0));

const DIGEST_BYTES = 32;
const MAC_BYTES = 32;
const SEAL_HEAD = 2;
const VERSION = Buffer.from([FORMAT_VERSION]);
const writer = new ByteWriter();

/**
 * The seal of a record over its fields in clear and the ciphertexts that it carries:
 * `format version 1 | bitmap 1 | SHA-256 of each sealed field that is there, by bit | HMAC-SHA-256`.
 *
 * @returns undefined where the record is not one: a field missing, unknown or of another type, a sealed field in clear
 */
export function sealOf(keys: DerivedKeys, kind: SealedKind, record: Stored): Buffer | undefined {
  const digests: Buffer[] = [];
  let bitmap = 0;
  for (const name of SEALED_BY_BIT) {
    const value = record[name];
    if (value === undefined) continue;
    if (!types.isUint8Array(value)) return undefined;
    bitmap |= 1 << BITS[name];
    digests.push(hash('sha256', value, 'buffer'));
  }
  return assembled(keys, kind, record, bitmap, digests);
}

/**
 * The seal that a memory should have going by its fields in clear, the digests taken from the one that it has: for
 * S10's look, which brings no ciphertext.
 *
 * @returns undefined where fields or seal are malformed, or a sealed field is among them
 */
export function sealOfClear(keys: DerivedKeys, fields: Stored): Buffer | undefined {
  const { seal } = fields;
  if (!types.isUint8Array(seal) || SEALED.some((name) => fields[name] !== undefined)) return undefined;
  const bitmap = seal[1] ?? 0;
  const end = seal.length - MAC_BYTES;
  if ((bitmap & ~ALL_BITS) !== 0 || end !== SEAL_HEAD + DIGEST_BYTES * ones(bitmap)) return undefined;
  return assembled(keys, 'memory', fields, bitmap, [seal.subarray(SEAL_HEAD, end)]);
}

/**
 * The MAC over the fields in clear alone, which stays right when sealed fields go: `format version 1 | HMAC-SHA-256`.
 *
 * @param deletedAt when the memory was deleted whose last state this is; it is authenticated too
 * @returns undefined where the record is not one
 */
export function bareOf(keys: DerivedKeys, record: Stored, deletedAt?: Date): Buffer | undefined {
  if (!begin(deletedAt ? 'deleted' : 'bare', record, deletedAt)) return undefined;
  writer.byte(0);
  return Buffer.concat([VERSION, mac(keys)]);
}

/** Whether what a record carries is what it should; in constant time for what has the right length. */
export function isSame(stored: unknown, computed: Buffer | undefined): boolean {
  return (
    computed !== undefined &&
    types.isUint8Array(stored) &&
    stored.length === computed.length &&
    timingSafeEqual(stored, computed)
  );
}

function assembled(
  keys: DerivedKeys,
  kind: SealedKind,
  record: Stored,
  bitmap: number,
  digests: readonly Uint8Array[],
): Buffer | undefined {
  if (!begin(kind, record)) return undefined;
  writer.byte(bitmap);
  for (const digest of digests) writer.raw(digest);
  const seal = Buffer.allocUnsafe(SEAL_HEAD + DIGEST_BYTES * ones(bitmap) + MAC_BYTES);
  seal[0] = FORMAT_VERSION;
  seal[1] = bitmap;
  let at = SEAL_HEAD;
  for (const digest of digests) {
    seal.set(digest, at);
    at += digest.length;
  }
  seal.set(mac(keys), at);
  return seal;
}

function mac(keys: DerivedKeys): Buffer {
  return createHmac('sha256', keys.mac).update(writer.bytes()).digest();
}

// The canonical encoding (docs/format.md): label, format version, kind, then each field that is there.
function begin(kind: keyof typeof KINDS, record: Stored, deletedAt?: Date): boolean {
  for (const name of Object.keys(record)) if (!KNOWN.has(name)) return false;
  writer.begin();
  writer.raw(LABEL);
  writer.raw(VERSION);
  writer.raw(KINDS[kind]);
  for (const field of CLEAR) if (!put(field, record[field.name])) return false;
  if (deletedAt !== undefined && !put(DELETED_AT, deletedAt)) return false;
  writer.raw(END);
  return true;
}

function put({ type, required, item }: ClearField, value: unknown): boolean {
  if (value === undefined) return !required;
  writer.raw(item);
  switch (type) {
    case 'string':
      return typeof value === 'string' && writer.text(value);
    case 'enum':
      return isLevel(value) && writer.text(value);
    case 'date': {
      const time = types.isDate(value) ? Date.prototype.getTime.call(value) : NaN;
      if (Number.isNaN(time)) return false;
      writer.integer(time);
      return true;
    }
    case 'integer':
      if (!Number.isSafeInteger(value) || (value as number) < 1) return false;
      writer.integer(value as number);
      return true;
  }
}

function clear(name: string, type: ClearType, required: boolean): ClearField {
  const item = Buffer.concat([prefixed(Buffer.from(name)), Buffer.from(MARKS[type])]);
  return { name, type, required, item };
}

function ones(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest >>= 1) count += rest & 1;
  return count;
}
