import { isUtf8 } from 'node:buffer';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { decodeEmbedding, encodeEmbedding, type Embedding } from '../../model/embedding.js';
import { FIELDS, type Field, type OpenFields, type SealedName } from '../../model/fields.js';
import { unauthentic } from './sealed-value.js';

/** How the values of one type of the field table become bytes and come back. */
interface Codec {
  /** Undefined where the value is not of the type. A text stands for its UTF-8. */
  encode(value: unknown): string | Uint8Array | undefined;
  /** Undefined where the bytes are none of the type. */
  decode(bytes: Buffer): unknown;
}

// A sealed field of another type does not compile until it stands here.
const CODECS: { readonly [type in Extract<Field, { sealed: true }>['type']]: Codec } = {
  string: {
    encode: (value) => (typeof value === 'string' ? value : undefined),
    decode: (bytes) => (isUtf8(bytes) ? bytes.toString() : undefined),
  },
  object: {
    encode(value) {
      try {
        return isObject(value) ? JSON.stringify(value) : undefined;
      } catch {
        return undefined;
      }
    },
    decode(bytes) {
      try {
        const value: unknown = isUtf8(bytes) ? JSON.parse(bytes.toString()) : undefined;
        return isObject(value) ? value : undefined;
      } catch {
        return undefined;
      }
    },
  },
  vector: {
    encode(value) {
      try {
        return isObject(value) ? encodeEmbedding(value as Embedding) : undefined;
      } catch {
        return undefined;
      }
    },
    decode: (bytes) => decodeEmbedding(bytes),
  },
};

interface SealedField {
  readonly name: SealedName;
  readonly required: boolean;
  readonly codec: Codec;
}

/** The sealed fields of the table, in its order. */
export const SEALED_FIELDS: readonly SealedField[] = FIELDS.filter((field) => field.sealed).map((field) => ({
  name: field.name,
  required: field.required,
  codec: CODECS[field.type],
}));

const byName: ReadonlyMap<string, SealedField> = new Map(SEALED_FIELDS.map((field) => [field.name, field]));

/**
 * The bytes of a value before it is sealed; a text stands for its UTF-8.
 *
 * @throws MemwardenError internal where the value is not of the field's type
 */
export function encodeField(field: SealedField, value: unknown): string | Uint8Array {
  const encoded = field.codec.encode(value);
  if (encoded === undefined) throw new MemwardenError('internal');
  return encoded;
}

/**
 * Puts an opened value among the others.
 *
 * @throws MemwardenError unauthentic where the bytes are no value of the field's type
 */
export function decodeInto(open: OpenFields, name: SealedName, bytes: Buffer): void {
  const value = byName.get(name)?.codec.decode(bytes);
  if (value === undefined) throw unauthentic();
  (open as Record<SealedName, unknown>)[name] = value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
