import { Schema } from 'mongoose';
import type { Document } from 'mongodb';
import { FIELDS } from '../../model/fields.js';
import { LEVELS } from '../../model/levels.js';

/** The index that lists go along. */
export const RECENT = 'partition_recent';

/** An index as `migrate` makes it: of every document, in this order of keys. */
export interface IndexPlan {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  /** Only the documents that match are in the index. */
  readonly partialFilterExpression?: Document;
}

/** A collection as `migrate` makes it. */
export interface CollectionPlan {
  readonly name: string;
  readonly schema: Schema;
  readonly validator?: Document;
  readonly indexes: readonly IndexPlan[];
  /** Whether it is sharded by the hash of the owner. */
  readonly sharded: boolean;
}

const BSON = {
  string: 'string',
  enum: 'string',
  date: 'date',
  integer: ['int', 'long'],
  object: 'string',
  vector: 'string',
} as const;
// Sealed bytes; a text only where a version before encryption wrote it.
const SEALED_BSON = ['binData', 'string'];
const ENVELOPE = { key_id: { bsonType: 'string' }, seal: { bsonType: 'binData' }, bare: { bsonType: 'binData' } };
const MONGOOSE = { string: String, enum: String, date: Date, integer: Number, object: String, vector: String } as const;

const memoryFields = Object.fromEntries(
  FIELDS.filter((field) => field.name !== 'id').map((field) => [
    field.name,
    {
      bsonType: field.sealed ? SEALED_BSON : BSON[field.type],
      ...(field.type === 'enum' ? { enum: [...LEVELS] } : {}),
      ...(field.name === 'user_id' ? { minLength: 1 } : {}),
    },
  ]),
);
// A memory on its way out has no content any more, so the validator cannot require it.
const required = [
  '_id',
  'tenant',
  ...FIELDS.filter((f) => f.required && !f.sealed && f.name !== 'id').map((f) => f.name),
];

function validator(own: Document): Document {
  const properties = {
    _id: { bsonType: 'string', minLength: 1 },
    tenant: { bsonType: 'string' },
    ...memoryFields,
    ...ENVELOPE,
    ...own,
  };
  return { $jsonSchema: { bsonType: 'object', required, properties, additionalProperties: false } };
}

function schema(own: Record<string, object>): Schema {
  const fields = FIELDS.filter((field) => field.name !== 'id').map((field) => [
    field.name,
    {
      type: field.sealed ? Schema.Types.Mixed : MONGOOSE[field.type],
      required: field.required && !field.sealed,
      ...(field.type === 'enum' ? { enum: LEVELS } : {}),
    },
  ]);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- mongoose cannot type a schema whose fields are computed
  return new Schema(
    {
      _id: { type: String, required: true },
      tenant: { type: String, required: true },
      ...Object.fromEntries(fields),
      key_id: String,
      seal: Buffer,
      bare: Buffer,
      ...own,
    },
    { strict: 'throw', strictQuery: 'throw', autoCreate: false, autoIndex: false, versionKey: false, id: false },
  );
}

// Hardly any document is under way, so that these indexes cost a write nothing.
const UNDER_WAY = { 'act.at': { $exists: true } };

// What memories lie in: those of users, and apart from them those of shared spaces.
const places = (prefix: string): readonly CollectionPlan[] => [
  {
    name: `${prefix}memories`,
    schema: schema({ act: Schema.Types.Mixed }),
    validator: validator({ act: { bsonType: 'object' } }),
    indexes: [
      { name: RECENT, key: { user_id: 1, occurred_at: -1, _id: -1 } },
      { name: 'partition_expiry', key: { user_id: 1, expires_at: 1 } },
      { name: 'partition_act', key: { user_id: 1, 'act.token': 1 }, partialFilterExpression: UNDER_WAY },
      { name: 'act_age', key: { 'act.at': 1 }, partialFilterExpression: UNDER_WAY },
    ],
    sharded: true,
  },
  {
    name: `${prefix}history`,
    schema: schema({ memory_id: String, deleted_at: Date }),
    validator: validator({ memory_id: { bsonType: 'string', minLength: 1 }, deleted_at: { bsonType: 'date' } }),
    indexes: [{ name: 'partition_memory', key: { user_id: 1, memory_id: 1, version: 1 } }],
    sharded: true,
  },
  {
    name: `${prefix}partitions`,
    schema: new Schema({}, { strict: false, autoCreate: false, autoIndex: false, versionKey: false }),
    validator: {
      $jsonSchema: {
        bsonType: 'object',
        required: ['_id', 'tenant', 'user_id', 'revision'],
        properties: { user_id: { bsonType: 'string', minLength: 1 }, revision: { bsonType: ['int', 'long'] } },
      },
    },
    indexes: [
      { name: 'users', key: { tenant: 1, user_id: 1 } },
      { name: 'next_expiry', key: { next_expiry: 1 } },
      { name: 'writers', key: { 'writers.at': 1 } },
    ],
    sharded: true,
  },
];

/** Every collection of the store. */
export const COLLECTIONS: readonly CollectionPlan[] = [
  ...places(''),
  ...places('shared_'),
  {
    name: 'audit',
    schema: new Schema({}, { strict: false, autoCreate: false, autoIndex: false, versionKey: false }),
    indexes: [],
    sharded: false,
  },
  {
    name: 'service_values',
    schema: new Schema({}, { strict: false, autoCreate: false, autoIndex: false, versionKey: false }),
    indexes: [
      { name: 'value_expiry', key: { expires_at: 1 }, partialFilterExpression: { expires_at: { $exists: true } } },
    ],
    sharded: false,
  },
  {
    name: 'instance_keys',
    schema: new Schema({}, { strict: false, autoCreate: false, autoIndex: false, versionKey: false }),
    indexes: [],
    sharded: false,
  },
];
