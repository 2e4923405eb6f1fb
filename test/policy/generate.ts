import fc from 'fast-check';
import { LEVELS } from '../../src/model/levels.js';
import type { Candidate } from '../../src/model/evaluate.js';
import type { Principal } from '../../src/model/principal.js';

// Few values, so that rules and candidates meet often.
export const WORDS = ['a', 'b', 'ab', 'A', '\u{fffd}', '\u{1f600}', 'alice', 'bob'] as const;
export const TIMES = ['2026-01-01T00:00:00Z', '2026-06-01T12:00:00.500Z', '1969-12-31T23:59:59Z'] as const;
export const TEXT_FIELDS = ['user_id', 'category', 'agent_id', 'session_id'] as const;
export const DATE_FIELDS = ['occurred_at', 'expires_at'] as const;
export const CONTENT_FIELDS = ['category', 'content', 'session_id'] as const;

const word = fc.constantFrom(...WORDS);
const time = fc.constantFrom(...TIMES);
const level = fc.constantFrom(...LEVELS);
const range = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
const wordOperand = fc.oneof(
  { weight: 4, arbitrary: word },
  fc.constantFrom('${principal.user_id}', '${principal.attributes.team}', '${principal.id}'),
);
const timeOperand = fc.oneof({ weight: 4, arbitrary: time }, fc.constant('${principal.attributes.since}'));
const levelOperand = fc.oneof({ weight: 4, arbitrary: level }, fc.constant('${principal.attributes.clearance}'));

function tests(operand: fc.Arbitrary<string>, ordered: boolean): fc.Arbitrary<unknown> {
  const some = fc.array(operand, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    operand,
    some.map(($in) => ({ $in })),
    ...(ordered
      ? [fc.tuple(range, operand).map(([op, value]) => ({ [op]: value })), fc.boolean().map(($exists) => ({ $exists }))]
      : [operand.map(($eq) => ({ $eq }))]),
  );
}

const conditions = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom(...TEXT_FIELDS), tests(wordOperand, true)),
      fc.tuple(fc.constantFrom(...DATE_FIELDS), tests(timeOperand, true)),
      fc.tuple(fc.constant('sensitivity'), tests(levelOperand, false)),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((pairs) => Object.fromEntries(pairs) as Record<string, unknown>);

const anyRule = fc.record(
  {
    action: fc.subarray(['read', 'update', 'delete'], { minLength: 1 }),
    subject: fc.constant('Memory'),
    reason: fc.constant('r'),
    inverted: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    conditions: fc.option(conditions, { nil: undefined, freq: 6 }),
    fields: fc
      .option(fc.subarray([...CONTENT_FIELDS], { minLength: 1 }), { nil: undefined, freq: 2 })
      .map((fields) => fields),
    principal: fc.option(fc.record({ attributes: fc.record({ team: word }) }), { nil: undefined, freq: 1 }),
  },
  { requiredKeys: ['action', 'subject', 'reason'] },
);

/** A rule as a policy file holds it, its id apart. Only what is asked field by field may be limited to fields. */
export const rule = anyRule.map((one) =>
  one.fields && one.action.includes('delete') ? { ...one, action: ['read', 'update'] } : one,
);

/** Rules of one role as a policy text; JSON is YAML. */
export function policyText(rules: readonly object[], role = 'agent'): string {
  return JSON.stringify({ role, rules: rules.map((one, i) => ({ id: `rule-${i}`, ...one })) });
}

/** A principal whose facts fit what `rule` compares them with; some are missing. */
export const principal: fc.Arbitrary<Principal> = fc
  .record(
    {
      userId: word,
      attributes: fc.record({ team: word, since: time, clearance: level }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  .map((facts) => ({ id: 'p', role: 'agent', ...facts }));

const hostile = fc.constantFrom<unknown>(
  undefined,
  null,
  5,
  NaN,
  true,
  [],
  ['a'],
  ['public', 'sensitive'],
  { $ne: null },
  {},
  new Date(NaN),
  'Public',
  '',
  ['2026'],
  [new Date(0)],
);
const honest = {
  id: word,
  user_id: word,
  sensitivity: level,
  category: word,
  agent_id: fc.option(word, { nil: undefined }),
  session_id: fc.option(word, { nil: undefined }),
  occurred_at: time.map((at) => new Date(at)),
  created_at: time.map((at) => new Date(at)),
  updated_at: time.map((at) => new Date(at)),
  expires_at: fc.option(
    time.map((at) => new Date(at)),
    { nil: undefined },
  ),
} as const;

/** A record as a store may hold it past every validator. */
export const candidate: fc.Arbitrary<Candidate> = fc
  .tuple(
    fc.record(honest),
    fc.dictionary(fc.constantFrom(...Object.keys(honest)), hostile, { maxKeys: 1 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([sound, faults, isHostile, isTyped]) => ({
    ...sound,
    ...(isHostile ? faults : {}),
    ...(isTyped ? { __caslSubjectType__: 'User', constructor: { modelName: 'User' } } : {}),
  }));
