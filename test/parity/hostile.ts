import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import type { Random } from './random.js';
import { DATE_FIELDS, FILTERABLE_FIELDS, LEVELS } from './rules.js';
import { OWNERS } from './values.js';

type Document = Record<string, unknown>;

/** Where documents will be put: what can be stored there. */
export interface Ground {
  readonly kind: 'mongodb' | 'embedded';
  /** A shard key may not hold an array, a regular expression or an object with operators. */
  readonly sharded: boolean;
}

/** One way to spoil a document. */
export interface HostileKind {
  readonly name: string;
  /** The fields that it can be done to. */
  readonly fields: readonly string[];
  /** Spoils the field; returns a time that the server has to put there. */
  readonly spoil: (document: Document, field: string, random: Random) => bigint | undefined;
}

type Make = (right: unknown, random: Random) => unknown;

const ANY = FILTERABLE_FIELDS as readonly string[];
const NOT_ID = ANY.filter((field) => field !== 'id');
const value = (name: string, make: Make, fields: readonly string[] = ANY): HostileKind => ({
  name,
  fields,
  spoil: (document, field, random) => void (document[field] = make(document[field], random)),
});
const beside = (
  name: string,
  spoil: (document: Document, random: Random) => void,
  fields: readonly string[] = ['sensitivity'],
): HostileKind => ({
  name,
  fields,
  spoil: (document, _, random) => void spoil(document, random),
});
// `document[name] = …` would set the prototype.
const define = (document: Document, name: string, what: unknown) =>
  void Object.defineProperty(document, name, { value: what, enumerable: true, configurable: true, writable: true });

const ARRAYS = [
  value('array of the right value', (right) => [right]),
  value('array of the right value and others', (right) => [5, null, right]),
  value('array of many right values', (right) =>
    LEVELS.includes(right as 'public') ? [...LEVELS] : OWNERS.includes(right as 'alice') ? [...OWNERS] : [right, right],
  ),
  value('nested array of the right value', (right) => [[right]]),
  value('empty array', () => []),
  value('array of null', () => [null]),
];

const OPERATOR_OBJECT = value('object with an operator', () => ({ $gt: '' }), NOT_ID);

const SCALARS = [
  value('null', () => null),
  { name: 'missing', fields: ANY, spoil: (document: Document, field: string) => void delete document[field] },
  value('whole number', (_, random) => random.between(0, 1e9)),
  value('fraction', (_, random) => random.unit()),
  value('NaN', () => NaN),
  value('Infinity', () => Infinity),
  value('minus Infinity', () => -Infinity),
  value('true', () => true),
  value('false', () => false),
  value('bytes', (right) => Buffer.from(String(right))),
  value('empty object', () => ({})),
  value('object that holds the right value', (right) => ({ value: right })),
  value('object that holds itself by name', (right, random) => ({ user_id: right, sensitivity: random.pick(LEVELS) })),
  value('text in the place of a time', (right) => (right as Date).toISOString(), DATE_FIELDS),
  value('number in the place of a time', (right) => (right as Date).getTime(), DATE_FIELDS),
  value(
    'time in the place of text',
    () => new Date(0),
    ANY.filter((field) => !(DATE_FIELDS as readonly string[]).includes(field)),
  ),
  value('the word never', () => 'never', ['expires_at']),
];

const NAMES = [
  value('level miscased', (_, random) => random.pick(['Public', 'PUBLIC', 'Private', 'pRIVATE']), ['sensitivity']),
  value('level with spaces', (_, random) => random.pick([' public', 'public ', 'private\n', 'public\u0000']), [
    'sensitivity',
  ]),
  value('level that looks alike', (_, random) => random.pick(['рublic', '\uFF50ublic', 'public\u200B', 'prіvate']), [
    'sensitivity',
  ]),
  value('level that is none', (_, random) => random.pick(['', 'secret', 'public,private']), ['sensitivity']),
  value(
    'owner that looks alike',
    (right, random) => random.pick([`${String(right)} `, String(right).toUpperCase(), `${String(right)}\u0000`, '']),
    ['user_id'],
  ),
];

const TENANTS: HostileKind[] = [
  'other',
  'Default',
  '',
  null,
  undefined,
  ['default'],
  [['default']],
  5,
  { tenant: 'default' },
].map((tenant) => ({
  name: `tenant ${tenant === undefined ? 'missing' : JSON.stringify(tenant)}`,
  fields: ['tenant'],
  spoil: (document) => {
    if (tenant === undefined) delete document['tenant'];
    else document['tenant'] = tenant;
    return undefined;
  },
}));

// Documents that are sound where policies look, with more beside it that must not be looked at.
const BESIDE = [
  beside(
    '__caslSubjectType__',
    (document, random) => void (document['__caslSubjectType__'] = random.pick(['SharedMemory', 'User', 'all'])),
  ),
  beside('__proto__ beside a level', (document, random) =>
    define(document, '__proto__', { sensitivity: random.pick(LEVELS), user_id: OWNERS[0] }),
  ),
  beside('__proto__ in the place of a level', (document, random) => {
    delete document['sensitivity'];
    define(document, '__proto__', { sensitivity: random.pick(LEVELS) });
  }),
  beside(
    'constructor',
    (document) => void (document['constructor'] = { name: 'SharedMemory', modelName: 'SharedMemory' }),
  ),
  beside('hasOwnProperty', (document) => void (document['hasOwnProperty'] = true)),
  beside('owner nested elsewhere', (document) => void (document['user'] = { user_id: OWNERS[1] }), ['user_id']),
  beside('version that is none', (document, random) => void (document['version'] = random.pick([NaN, -1, 'x', null]))),
];

const ON_MONGODB = [
  value('Int32', (_, random) => new Int32(random.between(0, 1e9))),
  value('Long', (_, random) => Long.fromString('9007199254740993').add(random.between(0, 1e9))),
  value('longest Long', () => Long.MAX_VALUE),
  value('Double', (_, random) => new Double(random.between(0, 1e9))),
  value('Decimal128', (_, random) => Decimal128.fromString(`${random.between(1, 1e9)}.5`)),
  value('Decimal128 NaN', () => Decimal128.fromString('NaN'), NOT_ID),
  value('Decimal128 Infinity', () => Decimal128.fromString('Infinity'), NOT_ID),
  value('ObjectId', () => new ObjectId()),
  value('Binary', (right) => new Binary(Buffer.from(String(right)))),
  value('UUID', () => new UUID()),
  value('Timestamp', (_, random) => new Timestamp({ t: random.between(1, 1e9), i: 1 })),
  value('MinKey', () => new MinKey()),
  value('MaxKey', () => new MaxKey()),
  value('Code', (right) => new Code(`return ${JSON.stringify(right)}`)),
  beside('write under way', (document) => void (document['act'] = { kind: 'insert', token: 'none', at: new Date(0) })),
  beside('write under way that is null', (document) => void (document['act'] = null)),
  ...[8_640_000_000_000_001n, -8_640_000_000_000_001n, 2n ** 63n - 1n, -(2n ** 63n)].map((time) => ({
    name: `time ${time}`,
    fields: DATE_FIELDS,
    spoil: () => time,
  })),
];

const REGEXES = [value('RegExp', () => /^/), value('BSONRegExp', () => new BSONRegExp('.*', 'i'))];

const ON_EMBEDDED = [
  // On MongoDB it would simply be a document of the other.
  value('owner who is another', (right) => OWNERS.find((owner) => owner !== right), ['user_id']),
  value('undefined', () => undefined),
  value('bigint', () => 2n ** 60n),
  value('map', (right) => new Map([['value', right]])),
  value('invalid time', () => new Date(NaN), DATE_FIELDS),
  value('RegExp', () => /^/),
];

/** Every way to spoil a document that can be stored there. */
export function hostileKinds(ground: Ground): HostileKind[] {
  const common = [...SCALARS, ...NAMES, ...TENANTS, ...BESIDE];
  const uneasy = [...ARRAYS, OPERATOR_OBJECT];
  if (ground.kind === 'embedded') return [...common, ...uneasy, ...ON_EMBEDDED];
  // MongoDB takes no array and no regular expression for an _id.
  const refused = ground.sharded ? ['id', 'user_id'] : ['id'];
  const placed = [...uneasy, ...REGEXES].map((kind) => ({
    ...kind,
    fields: kind.fields.filter((field) => !refused.includes(field)),
  }));
  return [...common, ...placed, ...ON_MONGODB];
}
