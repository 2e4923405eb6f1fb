import { createMongoAbility, subject, type MongoAbility } from '@casl/ability';
import { Alarms } from '../../src/metrics/alarms.js';
import { systemClock } from '../../src/model/clock.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { principalKey, toPrincipal } from '../../src/model/principal.js';
import { Binding } from '../../src/policy/binding.js';
import { bindRule } from '../../src/policy/bind.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { parsePolicies } from '../../src/policy/load.js';
import { agentOf, row, userName } from './data.js';
import type { Figures } from './figures.js';
import { compete, microseconds, ratio, type Contender } from './rounds.js';
import type { Suite } from './suite.js';

const RULES = [10, 100];
// So few that most batches run between two turns of the system's scheduler.
const CALLS = 500;
const OWNER = 7;

/** A rule as a policy file writes it and, its placeholder bound, as CASL takes it. */
interface WrittenRule {
  readonly action: string;
  readonly subject: string;
  readonly inverted?: boolean;
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** The decision, the plan and the binding, with no store at all. */
export const decision: Suite = async (figures, { quick }) => {
  for (const count of RULES) await measure(figures, count, quick);
};

async function measure(figures: Figures, count: number, quick: boolean): Promise<void> {
  const rules = writtenRules(count);
  const set = parsePolicies([{ file: 'agent.yaml', text: policyText(rules) }]);
  const load = () => Promise.resolve(set);
  const engine = await PolicyEngine.start({
    load,
    clock: systemClock,
    alarms: new Alarms(),
    maxStaleMs: 1,
    cacheSize: 100,
  });
  const principal = toPrincipal(agentOf(OWNER));
  const key = principalKey(principal);
  const binding = engine.bind(principal, key);
  const casl: MongoAbility = createMongoAbility(rules.map((rule) => bound(rule)) as never);

  const { _id, ...fields } = row({ users: 1_000, each: 10 }, OWNER, 3);
  const record = { id: _id, ...fields } as unknown as MemoryRecord & Record<string, unknown>;
  const typed = subject('Memory', { ...record });
  if (!binding.decide('read', 'Memory', record) || !casl.can('read', typed))
    throw new Error('the record is not allowed');

  const policy = set.roles.get('agent');
  if (!policy) throw new Error('no policy');
  const fresh = () =>
    new Binding(
      '',
      policy,
      policy.rules.map((rule) => bindRule(rule, principal, new Date())),
      { from: -Infinity, until: Infinity },
    );
  const latencies = await compete(
    [
      many('decide', () => binding.decide('read', 'Memory', record)),
      many('casl', () => casl.can('read', typed)),
      many('plan', () => binding.plan('read', 'Memory')),
      many('bind', () => engine.bind(principal, key)),
      many('key_and_bind', () => engine.bind(principal)),
      many('first_bind', fresh, 10),
      many('first_bind_and_plan', () => fresh().plan('read', 'Memory'), 10),
    ],
    { rounds: quick ? 3 : 15, calls: quick ? 25 : 200 },
  );
  const nanoseconds = (name: string, calls = CALLS) => {
    const { value, spread } = microseconds(latencies, name, 0.5);
    return { value: (value / calls) * 1_000, spread: (spread / calls) * 1_000 };
  };
  const at = `decision.rules${count}`;
  const short = count === 10;
  figures.add({
    name: `${at}.decide_ns`,
    ...nanoseconds('decide'),
    unit: 'ns',
    ...(short ? { target: { max: 300 } } : {}),
  });
  figures.add({
    name: `${at}.casl_ns`,
    ...nanoseconds('casl'),
    unit: 'ns',
    note: 'createMongoAbility, the same rules',
  });
  figures.add({
    name: `${at}.decide_ratio`,
    ...ratio(latencies, 'decide', 'casl', 0.5),
    unit: 'x',
    note: 'of CASL with its own matcher',
  });
  figures.add({
    name: `${at}.plan_ns`,
    ...nanoseconds('plan'),
    unit: 'ns',
    ...(short ? { target: { max: 1_000 } } : {}),
    note: 'of a cached ability',
  });
  figures.add({
    name: `${at}.bind_ns`,
    ...nanoseconds('bind'),
    unit: 'ns',
    note: 'a principal that is cached, by its key',
  });
  figures.add({ name: `${at}.key_and_bind_ns`, ...nanoseconds('key_and_bind'), unit: 'ns', note: 'its key made too' });
  figures.add({
    name: `${at}.first_bind_ns`,
    ...nanoseconds('first_bind', 10),
    unit: 'ns',
    note: 'a principal seen for the first time',
  });
  figures.add({ name: `${at}.first_bind_and_plan_ns`, ...nanoseconds('first_bind_and_plan', 10), unit: 'ns' });
}

// A call is too short for a clock: many of them count as one.
function many(name: string, call: () => unknown, calls = CALLS): Contender {
  return {
    name,
    run() {
      let kept: unknown;
      for (let i = 0; i < calls; i += 1) kept = call();
      sink = kept;
    },
  };
}

let sink: unknown;
process.on('exit', () => void sink);

// The rule that allows is the one looked at last, after every denial and every other allowance: the longest way.
function writtenRules(count: number): WrittenRule[] {
  const user_id = '${principal.user_id}';
  const rules: WrittenRule[] = [
    { action: 'read', subject: 'Memory', conditions: { user_id, sensitivity: { $in: ['public', 'private'] } } },
  ];
  for (let i = 1; i < count; i += 1) {
    const inverted = i % 3 === 0;
    const conditions = inverted
      ? { category: `closed-${i}` }
      : { user_id, sensitivity: 'sensitive', category: `open-${i}` };
    rules.push({ action: 'read', subject: 'Memory', conditions, ...(inverted ? { inverted } : {}) });
  }
  // CASL looks from the end, so denials come last there too.
  return [...rules.filter((rule) => !rule.inverted), ...rules.filter((rule) => rule.inverted)];
}

function policyText(rules: readonly WrittenRule[]): string {
  return JSON.stringify({
    role: 'agent',
    rules: rules.map((rule, i) => ({ id: `rule-${i}`, ...rule, reason: `Rule ${i}.` })),
  });
}

function bound(rule: WrittenRule): WrittenRule {
  const { conditions } = rule;
  return { ...rule, conditions: 'user_id' in conditions ? { ...conditions, user_id: userName(OWNER) } : conditions };
}
