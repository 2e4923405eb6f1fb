import { ACTIONS_OF, isPair, type Action } from '../model/actions.js';
import { LEVELS } from '../model/levels.js';
import type { PolicyFile, RuleSource } from '../policy/schema.js';

/** A change of one role's file that the tests should notice. */
export interface Mutant {
  /** The rule (or role) and what was changed: `agent-own-memories: drop condition user_id`. Unique, and stable. */
  readonly name: string;
  readonly role: string;
  readonly file: PolicyFile;
}

type Change = readonly [what: string, rule: RuleSource | undefined];
type Conditions = NonNullable<RuleSource['conditions']>;
type Tests = Extract<Conditions[string], object>;

/** Every mutant of a file: rules, actions, conditions, values, operators, facts, fields, limits and levels. */
export function mutantsOf(file: PolicyFile): Mutant[] {
  const { role } = file;
  const ofRules = file.rules.flatMap((rule, i) =>
    changesOf(rule).map(([what, changed]): Mutant => {
      const rules = file.rules.flatMap((one, other) => (other !== i ? [one] : changed ? [changed] : []));
      return { name: `${rule.id}: ${what}`, role, file: { ...file, rules } };
    }),
  );
  return [...ofRules, ...levelMutants(file)];
}

function levelMutants(file: PolicyFile): Mutant[] {
  const { role, default_level = 'private', maximum_level = 'sensitive' } = file;
  const change = (key: 'default_level' | 'maximum_level', now: string) =>
    LEVELS.filter((level) => level !== now).map((level) => ({
      name: `${role}: ${key} ${level}`,
      role,
      file: { ...file, [key]: level },
    }));
  return [...change('default_level', default_level), ...change('maximum_level', maximum_level)];
}

function changesOf(rule: RuleSource): Change[] {
  return [
    ['drop rule', undefined],
    rule.inverted ? ['allow instead', without(rule, 'inverted')] : ['deny instead', { ...rule, inverted: true }],
    ...actionChanges(rule),
    ...conditionChanges(rule),
    ...principalChanges(rule),
    ...fieldChanges(rule),
    ...(rule.not_before === undefined ? [] : [['drop not_before', without(rule, 'not_before')] as const]),
    ...(rule.not_after === undefined ? [] : [['drop not_after', without(rule, 'not_after')] as const]),
  ];
}

function actionChanges(rule: RuleSource): Change[] {
  const actions = [rule.action].flat();
  const [first, ...subjects] = [rule.subject].flat();
  const fewer =
    actions.length > 1
      ? actions.map((action): Change => [`drop action ${action}`, withActions(rule, actions, action)])
      : [];
  const possible: readonly Action[] = first ? ACTIONS_OF[first] : [];
  const more = possible.filter(
    (action) => !actions.includes(action) && subjects.every((subject) => isPair(subject, action)),
  );
  return [
    ...fewer,
    ...more.map((action): Change => [`add action ${action}`, { ...rule, action: [...actions, action] }]),
  ];
}

function withActions(rule: RuleSource, actions: readonly Action[], dropped: Action): RuleSource {
  return { ...rule, action: actions.filter((action) => action !== dropped) };
}

function conditionChanges(rule: RuleSource): Change[] {
  const { conditions } = rule;
  if (!conditions) return [];
  return Object.entries(conditions).flatMap(([field, test]) => {
    const tests: Tests = typeof test === 'object' ? test : { $eq: test };
    const put = (changed: Tests | undefined): RuleSource => {
      const { [field]: _, ...others } = conditions;
      const all: Conditions = changed && Object.keys(changed).length > 0 ? { ...others, [field]: changed } : others;
      return Object.keys(all).length > 0 ? { ...rule, conditions: all } : without(rule, 'conditions');
    };
    return [
      [`drop condition ${field}`, put(undefined)] as const,
      ...operatorChanges(field, tests).map(([what, changed]): Change => [what, put(changed)]),
    ];
  });
}

// Each operator by those that are one slip away.
const SLIPS: Readonly<Record<string, readonly (keyof Tests)[]>> = {
  $eq: ['$gte', '$lte'],
  $gt: ['$gte', '$lt'],
  $gte: ['$gt', '$lte'],
  $lt: ['$lte', '$gt'],
  $lte: ['$lt', '$gte'],
};

function operatorChanges(field: string, tests: Tests): (readonly [what: string, tests: Tests])[] {
  const isLevel = field === 'sensitivity';
  return Object.entries(tests).flatMap(([operator, operand]) => {
    const { [operator as keyof Tests]: _, ...others } = tests;
    const found: (readonly [string, Tests])[] = [];
    if (Object.keys(others).length > 0) found.push([`drop ${operator} of ${field}`, others]);
    if (operator === '$exists') found.push([`flip $exists of ${field}`, { ...others, $exists: operand !== true }]);
    if (operator === '$in' && Array.isArray(operand)) found.push(...listChanges(field, others, operand));
    if (typeof operand !== 'string') return found;
    if (isLevel) found.push(...levelChanges(others, [operand]));
    else
      for (const slip of SLIPS[operator] ?? [])
        found.push([`${slip} for ${operator} of ${field}`, { ...others, [slip]: operand }]);
    return found;
  });
}

function listChanges(field: string, others: Tests, operand: readonly string[]): (readonly [string, Tests])[] {
  const fewer =
    operand.length < 2
      ? []
      : operand.map(
          (one) => [`drop ${one} from ${field}`, { ...others, $in: operand.filter((other) => other !== one) }] as const,
        );
  return field === 'sensitivity' ? [...fewer, ...levelChanges(others, operand)] : fewer;
}

function levelChanges(others: Tests, levels: readonly string[]): (readonly [string, Tests])[] {
  const more = LEVELS.filter((level) => !levels.includes(level));
  return more.map((level) => [`widen sensitivity to ${level}`, { ...others, $in: [...levels, level] }]);
}

function principalChanges(rule: RuleSource): Change[] {
  const { principal } = rule;
  if (!principal) return [];
  const { purpose, attributes = {} } = principal;
  const put = (left: typeof principal): RuleSource =>
    Object.keys(left).length > 0 ? { ...rule, principal: left } : without(rule, 'principal');
  const found: Change[] = [];
  const names = Object.keys(attributes);
  if (purpose !== undefined) found.push(['drop purpose', put(without(principal, 'purpose'))]);
  for (const name of names) {
    const { [name]: _, ...others } = attributes;
    const left = names.length > 1 ? { ...principal, attributes: others } : without(principal, 'attributes');
    found.push([`drop attribute ${name}`, put(left)]);
  }
  return found;
}

function fieldChanges(rule: RuleSource): Change[] {
  const { fields } = rule;
  if (!fields) return [];
  const fewer = fields.map((field): Change => [
    `drop field ${field}`,
    { ...rule, fields: fields.filter((one) => one !== field) },
  ]);
  return [['drop fields', without(rule, 'fields')], ...(fields.length > 1 ? fewer : [])];
}

function without<T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = from;
  return rest;
}
