import { readFileSync } from 'node:fs';

/** A hostile input; made anew for each use, because some answer twice differently. */
export interface Hostile {
  readonly name: string;
  make(): unknown;
}

interface Entry {
  readonly name: string;
  readonly value: unknown;
  readonly repeat?: number;
  readonly expect?: 'refuse' | 'distinct';
}

const text = readFileSync(new URL('corpus.json', import.meta.url), 'utf8');
const corpus = () => JSON.parse(text) as Record<'operators' | 'strings' | 'ids', Entry[]>;

const valueOf = ({ value, repeat }: Entry) => (repeat ? (value as string).repeat(repeat) : value);
const hostile = (entry: Entry): Hostile => ({
  name: entry.name,
  make: () =>
    valueOf(
      typeof entry.value === 'object' && entry.value !== null ? (JSON.parse(JSON.stringify(entry)) as Entry) : entry,
    ),
});

/** Operators and strings of corpus.json. `__proto__` in it is a key of its own, as JSON.parse makes it. */
export const fromJson: readonly Hostile[] = [...corpus().operators, ...corpus().strings].map(hostile);

/** The user ids of corpus.json that must be refused, or kept apart. */
export const idsTo = (what: 'refuse' | 'distinct'): readonly { name: string; value: unknown }[] =>
  corpus()
    .ids.filter((entry) => entry.expect === what)
    .map((entry) => ({ name: entry.name, value: valueOf(entry) }));

class Person {
  constructor(readonly content = 'mine') {}
}
class Subclass extends String {}
class Items extends Array<unknown> {
  toJSON(): unknown {
    return { $ne: null };
  }
}

/** An object whose property answers differently at each look. */
function shifty(key: string, ...answers: unknown[]): object {
  let looks = 0;
  return Object.defineProperty({}, key, {
    enumerable: true,
    configurable: true,
    get: () => answers[Math.min(looks++, answers.length - 1)],
  });
}
function cyclic(): object {
  const one: Record<string, unknown> = { a: 1 };
  return (one['self'] = one);
}
function shared(): unknown {
  let one: unknown = { x: 1 };
  for (let i = 0; i < 28; i += 1) one = [one, one];
  return { one };
}
const proxied = (target: object) => {
  let looks = 0;
  return new Proxy(target, { get: (of, key) => (looks++ > 1 ? { $ne: null } : (Reflect.get(of, key) as unknown)) });
};

const makers: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  'null itself': () => null,
  NaN: () => NaN,
  Infinity: () => Infinity,
  'minus zero': () => -0,
  'a fraction': () => 0.5,
  'beyond safe integers': () => 2 ** 53,
  true: () => true,
  'a date': () => new Date(0),
  'an invalid date': () => new Date(NaN),
  'a date with a toJSON of its own': () => Object.assign(new Date(0), { toJSON: () => ({ $ne: null }) }),
  'a proxy of a date': () => new Proxy(new Date(0), {}),
  'an object that poses as a date': () => Object.create(Date.prototype) as unknown,
  'a regex': () => /.*/,
  'a buffer': () => Buffer.from('alice'),
  'a typed array': () => new Uint8Array([97]),
  'a symbol': () => Symbol('alice'),
  'a well-known symbol': () => Symbol.iterator,
  'a function': () => () => true,
  'a class': () => Person,
  'a generator': () =>
    (function* () {
      yield 'alice';
    })(),
  'a bigint': () => 10n,
  'a cyclic object': cyclic,
  'a cyclic list': () => {
    const one: unknown[] = [];
    one.push(one);
    return one;
  },
  'an object that doubles at each level': shared,
  'a map': () => new Map([['user_id', 'bob']]),
  'a set': () => new Set(['bob']),
  'a weak map': () => new WeakMap(),
  'a promise': () => Promise.resolve('alice'),
  'an error': () => new Error('alice'),
  'a boxed string': () => Object('alice') as unknown,
  'a subclass of string': () => new Subclass('alice'),
  'a boxed number': () => Object(1) as unknown,
  'a boxed boolean': () => Object(true) as unknown,
  'a class instance': () => new Person(),
  'a list with a toJSON': () => new Items(),
  'a list with an own toJSON': () => Object.assign(['a'], { toJSON: () => '\ud800' }),
  'a list with holes': () => new Array(3),
  'a list with a getter': () => Object.defineProperty(['x'], 0, { get: () => ({ $ne: null }), enumerable: true }),
  'a list that answers to length differently': () => proxied(['public']),
  'an object with toJSON': () => ({ toJSON: () => 'alice' }),
  'an object with toString': () => ({ toString: () => 'alice' }),
  'an object with valueOf': () => ({ valueOf: () => 1 }),
  'an object with toPrimitive': () => ({ [Symbol.toPrimitive]: () => 'alice' }),
  'an object that poses as an object id': () => ({
    _bsontype: 'ObjectId',
    id: 'a'.repeat(12),
    toHexString: () => 'a'.repeat(24),
  }),
  'an object that poses as BSON code': () => ({ _bsontype: 'Code', code: 'return true' }),
  'an object that poses as raw BSON': () => ({ _bsontype: 'Binary', sub_type: 0, buffer: Buffer.alloc(1) }),
  'a getter of content': () => shifty('content', 'first', { $ne: null }),
  'a getter of level': () => shifty('level', 'public', 'sensitive'),
  'a getter of id': () => shifty('id', 'a', { $ne: null }),
  'a getter of category': () => shifty('category', 'general', { $ne: null }),
  'a getter that throws': () =>
    Object.defineProperty({}, 'content', {
      enumerable: true,
      get: () => {
        throw new RangeError('no');
      },
    }),
  'a proxy of an empty object': () => proxied({}),
  'a proxy of options': () => proxied({ category: 'general', content: 'x' }),
  'a proxy that throws': () =>
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new RangeError('no');
        },
      },
    ),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a proxy of a function': () => new Proxy(() => 'alice', {}),
  'an object that inherits its keys': () => Object.create({ category: 'general', user_id: 'bob' }) as unknown,
  'an object with a symbol key': () => ({ [Symbol('user_id')]: 'bob' }),
  'an object with a changed prototype': () => Object.setPrototypeOf({ content: 'x' }, { level: 'public' }) as unknown,
  'an own key of the prototype': () => JSON.parse('{"__proto__":{"user_id":"bob","level":"public"}}') as unknown,
  'a hidden key': () => Object.defineProperty({}, 'user_id', { value: 'bob', enumerable: false }),
  'global this': () => globalThis,
  'a list that is none': () => ({ 0: 'alice', length: 1 }),
  'an array buffer': () => new ArrayBuffer(8),
  'a url': () => new URL('http://example.invalid/alice'),
};

/** What JSON cannot hold. */
export const fromJavaScript: readonly Hostile[] = Object.entries(makers).map(([name, make]) => ({
  name,
  make: () => make(),
}));
