import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { ABSENT, ADMIN, agentOf } from '../support/warden.js';
import type { Warden } from '../../src/warden.js';

/**
 * What may stand at a position beside what is refused:
 * `id` any id; `words`, `text` any well-formed text; `key` any text, which finds nothing; `level`, `moment`, `json`;
 * `options` an object without anything in it; `filter` the same, or one that names an id; `fact` a string, number or boolean, `facts` an object of them; `record` plain data; `none` nothing.
 */
export type Kind =
  | 'id'
  | 'words'
  | 'text'
  | 'key'
  | 'level'
  | 'levels'
  | 'moment'
  | 'json'
  | 'options'
  | 'filter'
  | 'fact'
  | 'facts'
  | 'record'
  | 'none'
  | 'limit'
  | 'scalar'
  | 'scalars'
  | 'flag'
  | 'share'
  | 'ttl';

export interface World {
  readonly warden: Warden;
  /** An agent of alice. */
  readonly memory: ScopedMemory;
  /** A memory that may be spoilt. */
  readonly id: string;
}

export interface Position {
  readonly name: string;
  readonly kind: Kind;
  /** Whether null or undefined say something lawful here. */
  readonly empty: readonly (null | undefined)[];
  call(world: World, value: never): unknown;
  /** What was stored, to compare with what was given. */
  stored?(answer: unknown): unknown;
}

const NOT_GIVEN = [undefined];
const TAKEN_AWAY = [undefined, null];

function at(
  name: string,
  kind: Kind,
  call: (world: World, value: never) => unknown,
  more: Partial<Position> = {},
): Position {
  return { name, kind, call, empty: [], ...more };
}

// The words of a memory, by what they may be.
const WORDS = {
  category: 'id',
  agentId: 'id',
  appId: 'id',
  sessionId: 'id',
  speaker: 'words',
  level: 'level',
  occurredAt: 'moment',
  expiresAt: 'moment',
  ttl: 'ttl',
  metadata: 'json',
} as const;
const FILTER = {
  category: 'id',
  agentId: 'id',
  appId: 'id',
  sessionId: 'id',
  keyword: 'words',
  level: 'levels',
  from: 'moment',
  to: 'moment',
} as const;
const entries = <T extends object>(table: T) => Object.entries(table) as [keyof T & string, T[keyof T] & Kind][];
const property = (name: string) => (answer: unknown) =>
  (Array.isArray(answer) ? (answer[0] as never) : (answer as never))?.[name];

const scope: Position[] = [
  at('scope(_, alice)', 'none', ({ warden }, value) => warden.scope(value, 'alice').count()),
  at('scope({ id })', 'id', ({ warden }, id) => warden.scope({ ...agentOf('alice'), id }, 'alice').count()),
  at('scope({ role })', 'id', ({ warden }, role) => warden.scope({ id: 'x', role, userId: 'alice' }, 'alice').count()),
  at(
    'scope({ userId })',
    'id',
    ({ warden }, userId) => warden.scope({ id: 'x', role: 'agent', userId }, 'alice').count(),
    { empty: NOT_GIVEN },
  ),
  at(
    'scope({ purpose })',
    'id',
    ({ warden }, purpose) => warden.scope({ ...agentOf('alice'), purpose }, 'alice').count(),
    { empty: NOT_GIVEN },
  ),
  at(
    'scope({ attributes })',
    'facts',
    ({ warden }, attributes) => warden.scope({ ...agentOf('alice'), attributes }, 'alice').count(),
    { empty: NOT_GIVEN },
  ),
  at('scope({ attributes: { a } })', 'fact', ({ warden }, a) =>
    warden.scope({ ...agentOf('alice'), attributes: { a } }, 'alice').count(),
  ),
  at('scope(agent, _)', 'id', ({ warden }, userId) => warden.scope(agentOf('alice'), userId).list()),
  at('scope(admin, _)', 'id', ({ warden }, userId) => (warden.scope(ADMIN, userId), [])),
  at('users(_)', 'none', ({ warden }, value) => warden.users(value)),
  at('users(admin, _)', 'options', ({ warden }, value) => warden.users(ADMIN, value), { empty: NOT_GIVEN }),
  at('users(admin, { limit })', 'limit', ({ warden }, limit) => warden.users(ADMIN, { limit }), { empty: NOT_GIVEN }),
  at('users(admin, { cursor })', 'none', ({ warden }, cursor) => warden.users(ADMIN, { cursor }), { empty: NOT_GIVEN }),
];

const adding: Position[] = [
  at('add(_)', 'text', ({ memory }, value) => memory.add(value), { stored: property('content') }),
  at('add(text, _)', 'options', ({ memory }, value) => memory.add('x', value), { empty: NOT_GIVEN }),
  at('add({ content })', 'text', ({ memory }, content) => memory.add({ content }), { stored: property('content') }),
  ...entries(WORDS).map(([name, kind]) =>
    at(`add(text, { ${name} })`, kind, ({ memory }, value) => memory.add('x', { [name]: value }), {
      empty: NOT_GIVEN,
      ...(name === 'ttl' ? {} : { stored: property(name) }),
    }),
  ),
  ...entries({ level: 'level', ttl: 'ttl', metadata: 'json' } as const).map(([name, kind]) =>
    at(`addMany([{ ${name} }])`, kind, ({ memory }, value) => memory.addMany([{ content: 'x', [name]: value }]), {
      empty: NOT_GIVEN,
      ...(name === 'ttl' ? {} : { stored: property(name) }),
    }),
  ),
  at('add(text, { metadata: { a } })', 'json', ({ memory }, a) => memory.add('x', { metadata: { a } }), {
    stored: (answer) => (property('metadata')(answer) as { a?: unknown } | undefined)?.a,
  }),
  at('add([_])', 'none', ({ memory }, value) => memory.add([value])),
  at('add([{ role }])', 'words', ({ memory }, role) => memory.add([{ role, content: 'x' }]), {
    stored: property('speaker'),
  }),
  at('add([{ content }])', 'text', ({ memory }, content) => memory.add([{ role: 'user', content }]), {
    stored: property('content'),
  }),
  at('add([{ name }])', 'words', ({ memory }, name) => memory.add([{ role: 'user', name, content: 'x' }]), {
    empty: NOT_GIVEN,
    stored: property('speaker'),
  }),
  at(
    'add([{ timestamp }])',
    'moment',
    ({ memory }, timestamp) => memory.add([{ role: 'user', content: 'x', timestamp }]),
    { empty: NOT_GIVEN },
  ),
  at('add(messages, _)', 'options', ({ memory }, value) => memory.add([{ role: 'user', content: 'x' }], value), {
    empty: NOT_GIVEN,
  }),
  at('addMany(_)', 'none', ({ memory }, value) => memory.addMany(value)),
  at('addMany([_])', 'none', ({ memory }, value) => memory.addMany([value])),
];

const byId: Position[] = [
  at('get(_)', 'key', ({ memory }, id) => memory.get(id)),
  at('update(_)', 'key', ({ memory }, id) => memory.update(id, { content: 'x' })),
  at('delete(_)', 'key', ({ memory }, id) => memory.delete(id)),
  at('share(_)', 'key', ({ memory }, id) => memory.share(id, 'team')),
  at('share(id, _)', 'id', ({ memory, id }, space) => memory.share(id, space)),
  at('resolve(_)', 'none', ({ memory }, from) => memory.resolve(from)),
  at('resolve({ space })', 'id', ({ memory, id }, space) => memory.resolve({ space, id })),
  at('resolve({ id })', 'key', ({ memory }, id) => memory.resolve({ space: 'team', id })),
  at('history(_)', 'key', ({ memory }, id) => memory.history(id)),
  at('explain(_)', 'key', ({ memory }, id) => memory.explain(id)),
  at('explain(id, _)', 'none', ({ memory, id }, action) => memory.explain(id, action), { empty: NOT_GIVEN }),
  at('explain({ record })', 'record', ({ memory }, record) => memory.explain({ record })),
  ...['user_id', 'sensitivity', 'category', 'expires_at'].map((field) =>
    at(`explain({ record: { ${field} } })`, 'record', ({ memory }, value) =>
      memory.explain({ record: { ...RECORD, [field]: value } as never }),
    ),
  ),
  at('update(id, _)', 'none', ({ memory, id }, value) => memory.update(id, value)),
  at('update(id, { content })', 'text', ({ memory, id }, content) => memory.update(id, { content, category: 'x' }), {
    empty: NOT_GIVEN,
    stored: property('content'),
  }),
  at(
    'update(id, { ifVersion })',
    'limit',
    ({ memory }, ifVersion) => memory.update(ABSENT, { content: 'x', ifVersion }),
    { empty: NOT_GIVEN },
  ),
  ...entries(WORDS).map(([name, kind]) =>
    at(`update(id, { ${name} })`, kind, ({ memory, id }, value) => memory.update(id, { [name]: value, content: 'x' }), {
      empty: ['agentId', 'appId', 'sessionId', 'expiresAt', 'speaker', 'metadata'].includes(name)
        ? TAKEN_AWAY
        : NOT_GIVEN,
      ...(name === 'ttl' ? {} : { stored: property(name) }),
    }),
  ),
];

const selecting: Position[] = [
  at('list(_)', 'options', ({ memory }, value) => memory.list(value), { empty: NOT_GIVEN }),
  at('count(_)', 'options', ({ memory }, value) => memory.count(value), { empty: NOT_GIVEN }),
  at('getAll(_)', 'options', async ({ memory }, value) => (await memory.getAll(value).next()).value, {
    empty: NOT_GIVEN,
  }),
  at('deleteMany(_)', 'none', ({ memory }, value) => memory.deleteMany(value)),
  at('deleteAll(_)', 'none', ({ memory }, value) => memory.deleteAll(value)),
  at('list({ limit })', 'limit', ({ memory }, limit) => memory.list({ limit }), { empty: NOT_GIVEN }),
  at('list({ cursor })', 'none', ({ memory }, cursor) => memory.list({ cursor }), { empty: NOT_GIVEN }),
  ...entries(FILTER).flatMap(([name, kind]) => [
    at(`list({ ${name} })`, kind, ({ memory }, value) => memory.list({ [name]: value }), { empty: NOT_GIVEN }),
    at(`count({ ${name} })`, kind, ({ memory }, value) => memory.count({ [name]: value }), { empty: NOT_GIVEN }),
    at(
      `deleteMany({ ${name} })`,
      kind,
      ({ memory }, value) => memory.deleteMany({ agentId: 'nobody', [name]: value }),
      { empty: NOT_GIVEN },
    ),
  ]),
  at('classify(_)', 'options', async ({ memory }, value) => (await memory.classify(value).next()).value, {
    empty: NOT_GIVEN,
  }),
  at('classify({ dryRun })', 'flag', async ({ memory }, dryRun) => (await memory.classify({ dryRun }).next()).value, {
    empty: NOT_GIVEN,
  }),
  at('list({ level: [_] })', 'level', ({ memory }, level) => memory.list({ level: [level] })),
];

const searching: Position[] = [
  at('search(_)', 'words', ({ memory }, query) => memory.search(query)),
  at('context(_)', 'words', ({ memory }, query) => memory.context(query)),
  at('search(query, _)', 'options', ({ memory }, value) => memory.search('x', value), { empty: NOT_GIVEN }),
  at('context(query, _)', 'options', ({ memory }, value) => memory.context('x', value), { empty: NOT_GIVEN }),
  at('search(query, { limit })', 'limit', ({ memory }, limit) => memory.search('x', { limit }), { empty: NOT_GIVEN }),
  ...entries({ mode: 'none', fill: 'none', explain: 'flag', minScore: 'share', filter: 'filter' } as const).map(
    ([name, kind]) =>
      at(`search(query, { ${name} })`, kind, ({ memory }, value) => memory.search('x', { [name]: value }), {
        empty: NOT_GIVEN,
      }),
  ),
  ...entries({ ...FILTER, speaker: 'words' } as const).map(([name, kind]) =>
    at(
      `search(query, { filter: { ${name} } })`,
      kind,
      ({ memory }, value) => memory.search('x', { filter: { [name]: value } }),
      {
        empty: NOT_GIVEN,
      },
    ),
  ),
  at(
    'search(query, { filter: { metadata } })',
    'scalars',
    ({ memory }, metadata) => memory.search('x', { filter: { metadata } }),
    {
      empty: NOT_GIVEN,
    },
  ),
  at('search(query, { filter: { metadata: { a } } })', 'scalar', ({ memory }, a) =>
    memory.search('x', { filter: { metadata: { a } } }),
  ),
];

const RECORD = {
  id: ABSENT,
  tenant: 'default',
  user_id: 'alice',
  sensitivity: 'public',
  category: 'c',
  occurred_at: new Date(0),
  created_at: new Date(0),
  updated_at: new Date(0),
};

/** Every argument position of every public method of ScopedMemory, `Warden.users` and `Warden.scope`. */
export const POSITIONS: readonly Position[] = [...scope, ...adding, ...byId, ...selecting, ...searching];
