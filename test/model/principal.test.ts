import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { principalKey, toPrincipal, type Principal } from '../../src/model/principal.js';

const ID = 'agent-7';
const base = { id: ID, role: 'agent' };

function refused(value: unknown): string {
  try {
    toPrincipal(value);
  } catch (error) {
    expect(error).toBeInstanceOf(MemwardenError);
    return (error as MemwardenError).code;
  }
  return 'accepted';
}

describe('G2: a principal is refused', () => {
  const malformed: readonly [name: string, value: unknown][] = [
    ...[undefined, null, '', 'agent', 5, true, [], [ID, 'agent'], () => base].map((value): [string, unknown] => [
      `given as ${String(value)}`,
      value,
    ]),
    [
      'of a class',
      new (class {
        id = ID;
        role = 'agent';
      })(),
    ],
    ['that inherits its facts', Object.create(base)],
    ['with a map for facts', new Map(Object.entries(base))],
    ['without an id', { role: 'agent' }],
    ['without a role', { id: ID }],
    ['with an unknown key', { ...base, user_id: 'alice' }],
    ['with a symbol for a key', { ...base, [Symbol('x')]: 1 }],
    ['with an own __proto__', JSON.parse('{"id":"a","role":"agent","__proto__":{"userId":"alice"}}')],
    [
      'whose id is a getter',
      {
        get id() {
          return ID;
        },
        role: 'agent',
      },
    ],
    [
      'whose role throws',
      {
        id: ID,
        get role(): string {
          throw new TypeError('boo');
        },
      },
    ],
    [
      'that is a proxy which throws',
      new Proxy(base, {
        ownKeys: () => {
          throw new TypeError('boo');
        },
      }),
    ],
    [
      'that is a proxy which hides its prototype by throwing',
      new Proxy(base, {
        getPrototypeOf: () => {
          throw new RangeError('boo');
        },
      }),
    ],
    [
      'that is a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
    ],
    ['that is a proxy, which could answer twice differently', new Proxy({ ...base }, {})],
    ['with attributes that are a proxy', { ...base, attributes: new Proxy({ team: 'x' }, {}) }],
    ['with attributes that are a list', { ...base, attributes: ['x'] }],
    ['with attributes of null', { ...base, attributes: null }],
    ['with attributes that are inherited', { ...base, attributes: Object.create({ team: 'x' }, {}) }],
    [
      'with an own __proto__ among attributes that is an object',
      { ...base, attributes: JSON.parse('{"__proto__":{"team":"x"}}') },
    ],
    [
      'with an attribute that is a getter',
      {
        ...base,
        attributes: {
          get team() {
            return 'x';
          },
        },
      },
    ],
    [
      'with 65 attributes',
      { ...base, attributes: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`a${i}`, 1])) },
    ],
    ...[null, undefined, '', NaN, Infinity, [], {}, '\ud800', 5n, Symbol('x'), new String('x'), new Date(0)].map(
      (value, i): [string, unknown] => [
        `with an attribute of a wrong kind (${i})`,
        { ...base, attributes: { team: value } },
      ],
    ),
    ['with an attribute whose name has a control character', { ...base, attributes: { 'te\u0000am': 'x' } }],
  ];
  it.each(malformed)('%s', (_, value) => expect(refused(value)).toBe('invalid_principal'));

  const badIds: readonly unknown[] = [
    null,
    '',
    5,
    true,
    ['alice'],
    { $ne: null },
    'a\u0000',
    'a\n',
    '\u200b',
    '\ud800',
    new String('alice'),
    'x'.repeat(257),
  ];
  it.each(['id', 'role', 'userId', 'purpose'])('whose %s is no id', (key) => {
    for (const value of badIds) expect(refused({ ...base, [key]: value })).toBe('invalid_principal');
    expect(refused({ ...base, [key]: 'alice' })).toBe('accepted');
  });
});

describe('a principal is a copy', () => {
  it('that nothing can change afterwards', () => {
    const given = { ...base, userId: 'alice', attributes: { team: 'x' } };
    const principal = toPrincipal(given);
    given.userId = 'bob';
    given.attributes.team = 'y';
    expect(principal).toMatchObject({ id: ID, role: 'agent', userId: 'alice', attributes: { team: 'x' } });
    expect(Object.isFrozen(principal) && Object.isFrozen(principal.attributes)).toBe(true);
  });

  it('that was checked before, as it is kept', () => {
    const once = toPrincipal({ id: 'a', role: 'agent', userId: 'alice', attributes: { team: 'x' } });
    expect(toPrincipal(once)).toEqual(once);
  });

  it('G4: that takes nothing from a polluted Object.prototype', () => {
    const polluted = Object.prototype as unknown as Record<string, unknown>;
    try {
      polluted['userId'] = 'alice';
      polluted['attributes'] = { admin: true };
      const principal = toPrincipal({ ...base });
      expect([principal.userId, principal.attributes]).toEqual([undefined, undefined]);
    } finally {
      delete polluted['userId'];
      delete polluted['attributes'];
    }
  });
});

describe('S4: the key of a principal', () => {
  const word = fc.constantFrom('a', 'b', 'ab', '1', 'true', 'undefined', ';', 'string:1:a;', ':', '\u{1f600}');
  const attribute = fc.oneof(word, fc.constantFrom(1, 2, true, false));
  const principal: fc.Arbitrary<Principal> = fc.record(
    {
      id: word,
      role: word,
      userId: word,
      purpose: word,
      attributes: fc.dictionary(word, attribute, { minKeys: 1, maxKeys: 3 }),
    },
    { requiredKeys: ['id', 'role'] },
  );

  it('is the same for two principals if they are the same, and only then', () => {
    const pair = fc.oneof(
      fc.tuple(principal, principal),
      fc
        .tuple(principal, principal)
        .map(([one, two]): [Principal, Principal] => [one, { ...one, ...two, id: one.id, role: one.role }]),
      principal.map((one): [Principal, Principal] => [one, { ...one }]),
    );
    let same = 0;
    fc.assert(
      fc.property(pair, ([one, two]) => {
        const plain = ({ id, role, userId, purpose, attributes }: Principal) =>
          JSON.stringify([id, role, userId ?? 0, purpose ?? 0, Object.entries(attributes ?? {}).sort()]);
        same += plain(one) === plain(two) ? 1 : 0;
        expect(principalKey(toPrincipal(one)) === principalKey(toPrincipal(two))).toBe(plain(one) === plain(two));
      }),
      { seed: 10, numRuns: 3_000 },
    );
    expect(same).toBeGreaterThan(600);
  });

  const near: readonly [what: string, one: Partial<Principal>, two: Partial<Principal>][] = [
    ['an absent user from one called undefined', {}, { userId: 'undefined' }],
    ['a user from a purpose', { userId: 'a' }, { purpose: 'a' }],
    ['a number from its digits', { attributes: { a: 1 } }, { attributes: { a: '1' } }],
    ['true from the word', { attributes: { a: true } }, { attributes: { a: 'true' } }],
    ['a name from a value', { attributes: { a: 'b', c: 'd' } }, { attributes: { a: 'b', 'c;d': 'x' } }],
    ['a bound between id and role', { id: 'a;b', role: 'c' }, { id: 'a', role: 'b;c' }],
    ['a bound that a value imitates', { id: 'a;string:b', role: 'c' }, { id: 'a', role: 'b;string:c' }],
    ['a bound between name and value', { attributes: { 'a;b': 'c' } }, { attributes: { a: 'b;c' } }],
    ['one attribute from two', { attributes: { a: 'b;c;d' } }, { attributes: { a: 'b', c: 'd' } }],
    [
      'one attribute from two, types imitated',
      { attributes: { a: 'b;string:c;string:d' } },
      { attributes: { a: 'b', c: 'd' } },
    ],
  ];
  it.each(near)('tells %s', (_, one, two) => {
    expect(principalKey(toPrincipal({ ...base, ...one }))).not.toBe(principalKey(toPrincipal({ ...base, ...two })));
  });

  it('does not depend on the order of attributes', () => {
    const key = (attributes: Record<string, string>) => principalKey(toPrincipal({ ...base, attributes }));
    expect(key({ a: '1', b: '2' })).toBe(key({ b: '2', a: '1' }));
    expect(key({ a: '1', b: '2' })).not.toBe(key({ a: '2', b: '1' }));
  });
});
