import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compile, type Candidate } from '../../src/model/evaluate.js';
import {
  and,
  compared,
  eq,
  FALSE,
  not,
  oneOf,
  or,
  specialise,
  TRUE,
  type Operand,
  type Predicate,
} from '../../src/model/predicate.js';
import { isWellFormed, unexpired } from '../../src/model/well-formed.js';

const T = new Date('2026-01-01T00:00:00Z');
const LATER = new Date('2026-01-01T00:00:00.001Z');
const has = (field: 'agent_id' | 'expires_at', value: boolean): Predicate => ({
  kind: 'compare',
  field,
  op: 'exists',
  value,
});
const fakeDate: unknown = Object.create(Date.prototype);

describe('a comparison means in memory what it means in MongoDB', () => {
  const cases: readonly [meaning: string, predicate: Predicate, value: unknown, holds: boolean][] = [
    ['equal texts are equal', eq('category', 'a'), 'a', true],
    ['case matters', eq('category', 'a'), 'A', false],
    ['composed and decomposed letters differ', eq('category', '\u00e9'), 'e\u0301', false],
    ['a missing field equals nothing', eq('category', 'a'), undefined, false],
    ['null equals no text', eq('category', 'a'), null, false],
    ['a boxed text is no text', eq('category', 'a'), new String('a'), false],
    ['an array equals by an element', eq('category', 'a'), ['b', 'a'], true],
    ['a nested array does not', eq('category', 'a'), [['a']], false],
    ['an empty array equals nothing', eq('category', 'a'), [], false],
    ['an object is no text', eq('category', 'a'), { toString: () => 'a' }, false],
    ['one of a list', oneOf('category', ['b', 'a']), 'a', true],
    ['none of a list', oneOf('category', ['b', 'c']), 'a', false],
    ['an element of one list in another', oneOf('category', ['b', 'c']), ['x', 'c'], true],
    ['a missing field is in no list', oneOf('category', ['b']), undefined, false],
    ['less by bytes', compared('category', 'lt', 'b'), 'a', true],
    ['an astral character comes after all others', compared('category', 'gt', '\uffee'), '\u{1f600}', true],
    ['the empty text is least', compared('category', 'lt', 'a'), '', true],
    ['a missing field is not less or equal', compared('category', 'lte', 'z'), undefined, false],
    ['null is not less or equal', compared('category', 'lte', 'z'), null, false],
    ['a number is not less than a text (type bracket)', compared('category', 'lt', 'z'), 1, false],
    ['a time is not more than a text (type bracket)', compared('category', 'gte', ''), T, false],
    ['a text is not more than a time (type bracket)', compared('occurred_at', 'gte', T), '2027', false],
    ['a number is not more than a time (type bracket)', compared('occurred_at', 'gte', T), 1e15, false],
    ['equal times', eq('occurred_at', T), new Date(T), true],
    ['times of another millisecond', eq('occurred_at', T), LATER, false],
    ['a later time', compared('occurred_at', 'gt', T), LATER, true],
    ['the same time is not later', compared('occurred_at', 'gt', T), new Date(T), false],
    ['the same time is at most it', compared('occurred_at', 'lte', T), new Date(T), true],
    ['no date is in no order', compared('occurred_at', 'lte', T), new Date(NaN), false],
    ['no date equals no date', eq('occurred_at', T), new Date(NaN), false],
    ['what only looks like a date is none', compared('occurred_at', 'gte', new Date(0)), fakeDate, false],
    ['a time in an array', compared('occurred_at', 'gt', T), [T, LATER], true],
    ['one of two times', oneOf('occurred_at', [LATER, T]), new Date(T), true],
    ['a field of null is there', has('agent_id', true), null, true],
    ['an absent field is not there', has('agent_id', false), undefined, true],
    ['an empty text is there', has('agent_id', true), '', true],
  ];
  it.each(cases)('%s', (_, predicate, value, holds) => {
    const field = predicate.kind === 'compare' ? predicate.field : 'id';
    const candidate = value === undefined ? {} : { [field]: value };
    expect(compile(predicate)(candidate)).toBe(holds);
    expect(compile(not(predicate))(candidate)).toBe(!holds);
  });
});

const word = fc.constantFrom('a', 'b', 'public', '\u{1f600}', '\ufffd');
const operand: fc.Arbitrary<Operand> = fc.oneof(word, fc.constantFrom(T, LATER));
const field = fc.constantFrom('category' as const, 'agent_id' as const, 'occurred_at' as const);
const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(TRUE, FALSE),
    fc.tuple(field, operand).map(([name, value]) => eq(name, value)),
    fc
      .tuple(field, fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const), operand)
      .map(([name, op, value]) => compared(name, op, value)),
    fc.tuple(field, fc.array(operand, { minLength: 1, maxLength: 3 })).map(([name, value]) => oneOf(name, value)),
    fc.boolean().map((value) => has('agent_id', value)),
    fc.constantFrom<Predicate>({ kind: 'type', field: 'occurred_at', type: 'date', required: false }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('predicate'), { maxLength: 3 }),
    }) as fc.Arbitrary<Predicate>,
    fc.record({ kind: fc.constant('not' as const), of: tie('predicate') }),
  ),
}));
const value = fc.oneof(
  operand,
  fc.constantFrom<unknown>(undefined, null, 5, NaN, ['a', T], [], {}, new Date(NaN), fakeDate),
);
const candidate: fc.Arbitrary<Candidate> = fc.record(
  { category: value, agent_id: value, occurred_at: value },
  { requiredKeys: [] },
);

function simplified(part: Predicate): Predicate {
  if (part.kind === 'and') return and(...part.of.map(simplified));
  if (part.kind === 'or') return or(...part.of.map(simplified));
  return part.kind === 'not' ? not(simplified(part.of)) : part;
}

describe('the predicate algebra', () => {
  it('keeps its meaning when simplified, and evaluation never throws', () => {
    const seen = { true: 0, false: 0, shorter: 0 };
    fc.assert(
      fc.property(predicate, candidate, (one, record) => {
        const short = simplified(one);
        const holds = compile(one)(record);
        seen[`${holds}`] += 1;
        seen.shorter += JSON.stringify(short).length < JSON.stringify(one).length ? 1 : 0;
        return compile(short)(record) === holds;
      }),
      { seed: 11, numRuns: 5_000 },
    );
    expect(Math.min(seen.true, seen.false, seen.shorter)).toBeGreaterThan(500);
  });

  it('keeps its meaning for records of a partition when what is known of them is put in', () => {
    fc.assert(
      fc.property(predicate, candidate, word, (one, record, category) => {
        const known = { ...record, category };
        const special = specialise(one, (part) => (part.field === 'category' ? compile(part)(known) : undefined));
        return compile(special)(known) === compile(one)(known) && !JSON.stringify(special).includes('"category"');
      }),
      { seed: 12, numRuns: 3_000 },
    );
  });

  it('knows its neutral and absorbing parts', () => {
    const one = eq('category', 'a');
    expect([and(), or(), and(TRUE, one), or(FALSE, one)]).toEqual([TRUE, FALSE, one, one]);
    expect([and(one, FALSE), or(one, TRUE), not(TRUE), not(FALSE), not(not(one))]).toEqual([
      FALSE,
      TRUE,
      FALSE,
      TRUE,
      one,
    ]);
  });
});

describe('S1: the well-formed condition', () => {
  const sound: Candidate = {
    id: 'm',
    user_id: 'alice',
    sensitivity: 'public',
    category: 'c',
    occurred_at: T,
    created_at: T,
    updated_at: T,
  };
  it('lets a record through whose filterable fields are scalars of their types, with or without the optional ones', () => {
    expect(isWellFormed(sound)).toBe(true);
    expect(
      isWellFormed({ ...sound, agent_id: 'a', app_id: 'b', session_id: 'c', expires_at: T, version: NaN, content: 5 }),
    ).toBe(true);
  });

  const wrong: readonly unknown[] = [
    null,
    5,
    NaN,
    true,
    [],
    ['public'],
    [T],
    {},
    { $gt: '' },
    new Date(NaN),
    fakeDate,
    new String('alice'),
  ];
  it.each(['id', 'user_id', 'category', 'agent_id', 'app_id', 'session_id', 'sensitivity'])(
    'refuses a %s that is no text',
    (name) => {
      for (const bad of [...wrong, T]) expect(isWellFormed({ ...sound, [name]: bad })).toBe(false);
    },
  );
  it.each(['occurred_at', 'expires_at'])('refuses a %s that is no date', (name) => {
    for (const bad of [...wrong, '2026-01-01T00:00:00Z', 0])
      expect(isWellFormed({ ...sound, [name]: bad })).toBe(false);
  });
  it.each(['id', 'user_id', 'sensitivity', 'category', 'occurred_at'])('refuses a record without %s', (name) => {
    const { [name]: _, ...rest } = sound;
    expect(isWellFormed(rest)).toBe(false);
    expect(isWellFormed(Object.assign(Object.create({ [name]: sound[name] }) as object, rest) as Candidate)).toBe(
      false,
    );
  });
  it.each(['Public', 'PRIVATE', 'secret', '', 'public ', 'privat\u0435', ['public'], ['public', 'sensitive']])(
    'refuses the level %j',
    (level) => {
      expect(isWellFormed({ ...sound, sensitivity: level })).toBe(false);
    },
  );

  it('G25, S12: an expiry counts from its own moment on, and one that is not a date counts as expired', () => {
    const readable = (expires_at?: unknown) => {
      const record = { ...sound, ...(expires_at === undefined ? {} : { expires_at }) };
      return compile(unexpired(T))(record) && isWellFormed(record);
    };
    expect([readable(), readable(LATER), readable(T), readable(new Date(0))]).toEqual([true, true, false, false]);
    expect([null, 'never', 9e15, new Date(NaN), [LATER]].map(readable)).toEqual([false, false, false, false, false]);
  });
});
