import type { Issue } from '../errors/memwarden-error.js';
import { conditionFields, isPair } from '../model/actions.js';
import { conditionTemplates, type Report } from './condition-template.js';
import { toMoment } from '../model/moment.js';
import type { FactTest, Rule } from './policy-set.js';
import type { RuleSource, SoundRule } from './schema.js';
import type { YamlSource } from './yaml-source.js';

type FactSource = NonNullable<NonNullable<RuleSource['principal']>['purpose']>;

/** The actions that are asked field by field; a rule that limited another to fields would limit nothing. */
const ON_FIELDS: ReadonlySet<string> = new Set(['create', 'read', 'update', 'reclassify']);

/**
 * Checks what a rule means.
 *
 * @param rule the parts of it whose shape is right
 * @param issues takes what is wrong; the result is a rule only where nothing is
 */
export function toRule(rule: SoundRule, index: number, source: YamlSource, issues: Issue[]): Partial<Rule> {
  const path = ['rules', index];
  const report: Report = (at, code, message, atKey = false) =>
    void issues.push(source.issue([...path, ...at], code, message, atKey));
  const actions = [...new Set([rule.action ?? []].flat())];
  const subjects = [...new Set([rule.subject ?? []].flat())];
  for (const subject of subjects) {
    actions.forEach((action) => {
      const at = Array.isArray(rule.action) ? ['action', rule.action.indexOf(action)] : ['action'];
      if (!isPair(subject, action)) report(at, 'no_such_pair', `${subject} has no action ${action}`);
    });
    if (rule.fields && subject !== 'Memory' && subject !== 'SharedMemory')
      report(['fields'], 'fields', `${subject} has no fields`, true);
  }
  const whole = actions.filter((action) => !ON_FIELDS.has(action));
  const noFields = subjects.some((subject) => subject !== 'Memory' && subject !== 'SharedMemory');
  if (rule.fields && !noFields && whole.length > 0)
    report(['fields'], 'fields', `${whole.join(', ')} is of a whole memory; give it a rule without fields`, true);
  const approvable = actions.includes('export') && rule.inverted !== true;
  if (rule.requires_approval && !approvable)
    report(['requires_approval'], 'approval', 'write it on a rule that allows export', true);
  const conditions = rule.conditions && conditionsOf(rule.conditions, subjects, report);
  const notBefore = rule.not_before === undefined ? undefined : toMoment(rule.not_before);
  const notAfter = rule.not_after === undefined ? undefined : toMoment(rule.not_after);
  if (notBefore && notAfter && notBefore >= notAfter)
    report(['not_after'], 'time_bounds', 'write a not_after later than not_before');
  return {
    ...(rule.id === undefined ? {} : { id: rule.id }),
    ...(rule.reason === undefined ? {} : { reason: rule.reason }),
    inverted: rule.inverted ?? false,
    actions,
    subjects,
    facts: factTests(rule.principal, report),
    ...(conditions ? { conditions } : {}),
    ...(rule.fields ? { fields: rule.fields } : {}),
    ...(notBefore ? { notBefore } : {}),
    ...(notAfter ? { notAfter } : {}),
    ...(rule.requires_approval ? { approvalOverUsers: rule.requires_approval.over_users } : {}),
  };
}

// A rule on several subjects must make sense on each; its comparisons are the same on all of them.
function conditionsOf(
  written: NonNullable<SoundRule['conditions']>,
  subjects: readonly Rule['subjects'][number][],
  report: Report,
) {
  const [templates] = subjects.map((subject) =>
    conditionTemplates(written, conditionFields(subject), (at, ...rest) => report(['conditions', ...at], ...rest)),
  );
  return templates;
}

function factTests(principal: RuleSource['principal'], report: Report): FactTest[] {
  if (!principal) return [];
  const { purpose, attributes } = principal;
  if (Object.keys(principal).length === 0) report(['principal'], 'empty_conditions', 'remove it', true);
  if (attributes && Object.keys(attributes).length === 0)
    report(['principal', 'attributes'], 'empty_conditions', 'remove it', true);
  if (purpose !== undefined && factValues(purpose).some((value) => typeof value !== 'string')) {
    report(['principal', 'purpose'], 'type', 'write text; a purpose is a word');
  }
  const tests = (fact: FactTest['fact'], test: FactSource): FactTest[] => {
    if (typeof test !== 'object') return [{ fact, oneOf: [test] }];
    const at = fact === 'purpose' ? ['purpose'] : ['attributes', fact.attribute];
    if (Object.keys(test).length === 0) report(['principal', ...at], 'empty_conditions', 'write $eq or $in');
    return [
      ...(test.$eq === undefined ? [] : [{ fact, oneOf: [test.$eq] }]),
      ...(test.$in ? [{ fact, oneOf: test.$in }] : []),
    ];
  };
  return [
    ...(purpose === undefined ? [] : tests('purpose', purpose)),
    ...Object.entries(attributes ?? {}).flatMap(([attribute, test]) => tests({ attribute }, test)),
  ];
}

function factValues(test: FactSource): readonly unknown[] {
  return typeof test === 'object' ? [...(test.$eq === undefined ? [] : [test.$eq]), ...(test.$in ?? [])] : [test];
}
