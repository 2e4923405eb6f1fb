import type { Embedding } from './embedding.js';
import type { Level } from './levels.js';

/** The types that a condition can be evaluated on alike in every store; numbers are not among them (S1). */
export type FilterType = 'string' | 'enum' | 'date';

interface FieldRow {
  /** The name in the store, in policies, in files. */
  readonly name: string;
  /** The name in the TypeScript interface. */
  readonly property: string;
  readonly type: FilterType | 'integer' | 'object' | 'vector';
  /** May stand in a condition of a policy. */
  readonly filterable: boolean;
  /** Encrypted at rest; may not be named in conditions. */
  readonly sealed: boolean;
  /** May be given by whoever creates or updates a memory. */
  readonly writable: boolean;
  /** May order a list. */
  readonly sortable: boolean;
  /** Every well-formed record has it. */
  readonly required: boolean;
  /** May be withheld by `fields` in a policy. The two names of a record may not: whoever reads it has them. */
  readonly hideable: boolean;
  /** Can stand in an answer. What cannot is for the search alone, and no policy can name it. */
  readonly released: boolean;
  readonly about: string;
}

const clear = {
  filterable: true,
  sealed: false,
  writable: false,
  sortable: false,
  required: true,
  hideable: true,
  released: true,
} as const;
const given = { ...clear, writable: true, required: false } as const;
const sealed = { ...given, filterable: false, sealed: true } as const;

/**
 * The record, field by field. The mongoose schema, the database's validator, the checks of conditions, the well-formed
 * condition and docs/record.md come from this table alone.
 */
export const FIELDS = [
  {
    ...clear,
    name: 'id',
    property: 'id',
    type: 'string',
    sortable: true,
    hideable: false,
    about: 'UUIDv7, made by the server',
  },
  { ...clear, name: 'user_id', property: 'userId', type: 'string', hideable: false, about: 'the owner; never changes' },
  {
    ...clear,
    name: 'sensitivity',
    property: 'level',
    type: 'enum',
    writable: true,
    about: 'public, private or sensitive',
  },
  {
    ...clear,
    name: 'category',
    property: 'category',
    type: 'string',
    writable: true,
    about: 'a word of the application, `general` by default',
  },
  { ...given, name: 'agent_id', property: 'agentId', type: 'string', about: 'the agent that it came from' },
  { ...given, name: 'app_id', property: 'appId', type: 'string', about: 'the application that it came from' },
  { ...given, name: 'session_id', property: 'sessionId', type: 'string', about: 'the conversation that it belongs to' },
  {
    ...clear,
    name: 'occurred_at',
    property: 'occurredAt',
    type: 'date',
    writable: true,
    sortable: true,
    about: 'when it happened; the time of creation where none is given',
  },
  {
    ...clear,
    filterable: false,
    name: 'created_at',
    property: 'createdAt',
    type: 'date',
    about: 'when it was first stored',
  },
  {
    ...clear,
    filterable: false,
    name: 'updated_at',
    property: 'updatedAt',
    type: 'date',
    about: 'when it was last changed',
  },
  { ...given, name: 'expires_at', property: 'expiresAt', type: 'date', about: 'unreadable from this moment on' },
  {
    ...clear,
    filterable: false,
    name: 'version',
    property: 'version',
    type: 'integer',
    about: 'counts the changes, from 1',
  },
  {
    ...given,
    filterable: false,
    writable: false,
    name: 'classified_by',
    property: 'classifiedBy',
    type: 'string',
    about: 'the rule of the classifier that raised the level; `overruled:` before it where somebody lowered it again',
  },
  {
    ...given,
    filterable: false,
    writable: false,
    released: false,
    name: 'author',
    property: 'author',
    type: 'string',
    about: 'in a shared space, a random name for whose memory it is; never returned',
  },
  {
    ...sealed,
    required: true,
    name: 'content',
    property: 'content',
    type: 'string',
    about: 'the text, at most 65536 bytes of UTF-8',
  },
  { ...sealed, name: 'metadata', property: 'metadata', type: 'object', about: 'a JSON object, at most 16384 bytes' },
  { ...sealed, name: 'speaker', property: 'speaker', type: 'string', about: 'who said it' },
  {
    ...sealed,
    writable: false,
    released: false,
    name: 'vector',
    property: 'vector',
    type: 'vector',
    about: 'the embedding of the content, with its model; made by memwarden, never returned',
  },
] as const satisfies readonly FieldRow[];

/** A row of the field table. */
export type Field = (typeof FIELDS)[number];
/** The name of a field in the store and in policies. */
export type FieldName = Field['name'];
/** A field that conditions may name. */
export type FilterableName = Extract<Field, { filterable: true }>['name'];
/** A field that is encrypted at rest. */
export type SealedName = Extract<Field, { sealed: true }>['name'];

const byName: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));

/** The row of a field, or undefined where there is no such field. */
export function fieldNamed(name: string): Field | undefined {
  return byName.get(name);
}

/** Every field that a condition may name, with its type. */
export const FILTERABLE: ReadonlyMap<FilterableName, FilterType> = new Map(
  FIELDS.filter((field) => field.filterable).map((field) => [field.name, field.type]),
);

/** The fields that an index of the store helps to find by; a test keeps them equal to the indexes. */
export const INDEXED: ReadonlySet<FilterableName> = new Set(['id', 'user_id', 'occurred_at', 'expires_at']);

/** The fields whose ciphertext the store keeps. */
export const SEALED: readonly SealedName[] = FIELDS.filter((field) => field.sealed).map((field) => field.name);

/** The sealed fields that can stand in an answer. */
export const RELEASED: readonly SealedName[] = FIELDS.filter((field) => field.sealed && field.released).map(
  (field) => field.name as SealedName,
);

/** The fields that every record has and that `fields` of a policy cannot withhold. */
export const UNHIDEABLE: ReadonlySet<FieldName> = new Set(
  FIELDS.filter((field) => !field.hideable).map((field) => field.name),
);

/** The fields that `fields` of a policy can withhold. */
export const HIDEABLE: readonly FieldName[] = FIELDS.map(({ name }) => name).filter((name) => !UNHIDEABLE.has(name));

/** What metadata may hold: JSON, nothing else. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A sealed field as it is stored: sealed bytes; a text only where a version before encryption wrote it. */
export type SealedValue = Buffer | string;

/** The record as policies name it and stores keep it. */
export interface MemoryRecord {
  id: string;
  tenant: string;
  user_id: string;
  sensitivity: Level;
  category: string;
  agent_id?: string;
  app_id?: string;
  session_id?: string;
  occurred_at: Date;
  created_at: Date;
  updated_at: Date;
  expires_at?: Date;
  version: number;
  classified_by?: string;
  author?: string;
  /** The sealed form of the text. */
  content?: SealedValue;
  /** The sealed form of the JSON text of the object. */
  metadata?: SealedValue;
  /** The sealed form of the text. */
  speaker?: SealedValue;
  /** The sealed form of the bytes of the embedding. */
  vector?: SealedValue;
  /** The key version that sealed and authenticated the record: 32 hexadecimal digits. */
  key_id?: string;
  /** Digests of the sealed fields and the MAC over them and all other fields (docs/format.md). */
  seal?: Buffer;
  /** On a past state: the MAC that stays right when its sealed fields go; on the last state of a deleted memory the only one. */
  bare?: Buffer;
}

/** What the sealed fields say once they are opened. */
export interface OpenFields {
  content?: string;
  metadata?: { readonly [key: string]: Json };
  speaker?: string;
  /** Of the content as it is now, or absent. */
  vector?: Embedding;
}

/** How many records there are of each level. */
export function levelsOf(records: readonly MemoryRecord[]): Partial<Record<Level, number>> {
  const levels: Partial<Record<Level, number>> = {};
  for (const { sensitivity } of records) levels[sensitivity] = (levels[sensitivity] ?? 0) + 1;
  return levels;
}
