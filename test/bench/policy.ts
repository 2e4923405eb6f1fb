import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Alarms } from '../../src/metrics/alarms.js';
import { systemClock } from '../../src/model/clock.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { toPrincipal } from '../../src/model/principal.js';
import type { Binding } from '../../src/policy/binding.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { loadPolicyFolder, parsePolicies, type PolicyText } from '../../src/policy/load.js';
import type { PolicySet, RolePolicy } from '../../src/policy/policy-set.js';
import { agentOf, row, userName } from './data.js';
import type { Figures } from './figures.js';
import { compete, microseconds, ratio, summary, type Contender } from './rounds.js';
import type { Suite } from './suite.js';

const RULES = [10, 100, 1_000] as const;
const CALLS = 100;
const OWNER = 7;
/** Files of one role each; a file holds at most 64 Ki characters. */
const ROLES = 20;

/** The cost of a decision as the set grows, and of putting a set in force while it is asked. */
export const policy: Suite = async (figures, { quick }) => {
  await growth(figures, quick);
  await reload(figures, quick);
};

// Three ways for a set to grow: rules of the role that asks and of the subject asked about; of its other subjects and
// actions; of other roles.
async function growth(figures: Figures, quick: boolean): Promise<void> {
  const { _id, ...fields } = row({ users: 1_000, each: 10 }, OWNER, 3);
  const record = { id: _id, ...fields } as unknown as MemoryRecord & Record<string, unknown>;
  const contenders: Contender[] = [];
  for (const count of RULES) {
    for (const [grows, texts] of Object.entries(grown(count))) {
      const binding = await bindingOf(texts);
      if (!binding.decide('read', 'Memory', record)) throw new Error('the record is not allowed');
      contenders.push(many(`${grows}${count}`, callsOf(grows, count), () => binding.decide('read', 'Memory', record)));
    }
  }
  const latencies = await compete(contenders, { rounds: quick ? 3 : 9, calls: quick ? 25 : 100 });
  for (const grows of ['own', 'subjects', 'roles']) {
    for (const count of RULES) {
      const { value, spread } = microseconds(latencies, `${grows}${count}`, 0.5);
      figures.add({
        name: `policy.${grows}.rules${count}.decide_ns`,
        value: (value / callsOf(grows, count)) * 1_000,
        spread: (spread / callsOf(grows, count)) * 1_000,
        unit: 'ns',
        note: NOTES[grows] ?? '',
      });
    }
    const { value, spread } = ratio(latencies, `${grows}1000`, `${grows}10`, 0.5);
    const times = callsOf(grows, 10) / callsOf(grows, 1_000);
    figures.add({
      name: `policy.${grows}.growth`,
      value: value * times,
      spread: spread * times,
      unit: 'x',
      ...(grows === 'own' ? {} : { target: { max: 1.2 } }),
      note: '1,000 rules by 10',
    });
  }
}

// A decision that looks at a thousand rules is long enough for a clock by itself.
function callsOf(grows: string, count: number): number {
  return grows === 'own' ? Math.max(1, (CALLS * 10) / count) : CALLS;
}

const NOTES: Readonly<Record<string, string>> = {
  own: 'all rules are of this role, action and subject; the last one decides',
  subjects: 'ten rules are, the others of this role on other subjects',
  roles: 'ten rules are, the others of other roles',
};

function grown(count: number): Readonly<Record<'own' | 'subjects' | 'roles', readonly PolicyText[]>> {
  const others = (count - 10) / (ROLES - 1);
  return {
    own: parts('agent', memoryRules('own', count)),
    subjects: parts('agent', [...memoryRules('own', 10), ...userRules(count - 10)]),
    roles: [
      roleText('agent', memoryRules('own', 10)),
      ...Array.from({ length: ROLES - 1 }, (_, i) =>
        roleText(`role-${i}`, memoryRules(`other-${i}`, Math.round(others))),
      ),
    ],
  };
}

// The rule that allows is the one looked at last, as in the suite `decision`.
function memoryRules(name: string, count: number): object[] {
  const user_id = '${principal.user_id}';
  return Array.from({ length: count }, (_, i) => ({
    id: `${name}-${i}`,
    action: 'read',
    subject: 'Memory',
    conditions: i === 0 ? { user_id } : { category: `c-${i}` },
    reason: 'r',
    ...(i % 3 === 1 ? { inverted: true } : {}),
  }));
}

function userRules(count: number): object[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `user-${i}`,
    action: 'list',
    subject: 'User',
    conditions: { user_id: `u-${i}` },
    reason: 'r',
  }));
}

function parts(role: string, rules: readonly object[]): PolicyText[] {
  const files = Math.ceil(rules.length / 500);
  return Array.from({ length: files }, (_, i) => roleText(`${role}-part-${i}`, rules.slice(i * 500, (i + 1) * 500)));
}

function roleText(role: string, rules: readonly object[]): PolicyText {
  return { file: `${role}.yaml`, text: JSON.stringify({ role, rules }) };
}

// A file holds some 800 rules; those of one role are parsed in parts and put together.
async function bindingOf(texts: readonly PolicyText[]): Promise<Binding> {
  const parsed = parsePolicies(texts);
  const roles = new Map<string, RolePolicy>();
  for (const policy of parsed.roles.values()) {
    const role = policy.role.replace(/-part-\d+$/, '');
    const there = roles.get(role);
    roles.set(role, there ? { ...there, rules: [...there.rules, ...policy.rules] } : { ...policy, role });
  }
  const set: PolicySet = { revision: parsed.revision, roles };
  return (await engineOf(() => Promise.resolve(set))).bind(toPrincipal(agentOf(OWNER)));
}

function engineOf(load: () => Promise<ReturnType<typeof parsePolicies>>): Promise<PolicyEngine> {
  return PolicyEngine.start({ load, clock: systemClock, alarms: new Alarms(), maxStaleMs: 60_000, cacheSize: 100 });
}

// A set of 1,000 rules on disk, put in force again and again while decisions are asked for all the time.
async function reload(figures: Figures, quick: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'memwarden-bench-policies-'));
  try {
    await writePolicies(folder, ROLES, -1);
    const engine = await engineOf(() => loadPolicyFolder(folder));
    const principal = toPrincipal(agentOf(OWNER));
    const record = { user_id: userName(OWNER), sensitivity: 'private', category: 'general' };
    const state = { running: true, asked: 0, failed: 0, longest: 0 };
    const load = underLoad(state, () => engine.bind(principal).decide('read', 'Memory', record));
    const all: number[] = [];
    const one: number[] = [];
    for (let i = 0; i < (quick ? 5 : 20); i += 1) {
      await writePolicies(folder, ROLES, i);
      all.push(await timed(() => engine.reload()));
      await writePolicies(folder, 1, i + 1_000);
      one.push(await timed(() => engine.reload()));
    }
    state.running = false;
    await load;
    figures.add({
      name: 'policy.reload_ms',
      ...summary(one),
      unit: 'ms',
      target: { max: 100 },
      note: '1,000 rules in 20 files, one of which has changed',
    });
    figures.add({
      name: 'policy.reload_all_ms',
      ...summary(all),
      unit: 'ms',
      target: { max: 100 },
      note: '1,000 rules in 20 files, all of which have changed',
    });
    figures.add({
      name: 'policy.reload_failed_decisions',
      value: state.failed,
      target: { max: 0 },
      note: `of ${state.asked} while it reloads`,
    });
    figures.add({
      name: 'policy.reload_longest_wait_ms',
      value: state.longest,
      unit: 'ms',
      note: 'between two decisions',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

// Another text each time, so that nothing is known from before.
async function writePolicies(folder: string, files: number, turn: number): Promise<void> {
  for (let i = 0; i < files; i += 1) {
    const role = i === 0 ? 'agent' : `role-${i}`;
    await writeFile(join(folder, `${role}.yaml`), `# ${turn}\n${yamlOf(role, 1_000 / ROLES)}`);
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

async function underLoad(
  state: { running: boolean; asked: number; failed: number; longest: number },
  decide: () => boolean,
): Promise<void> {
  let last = performance.now();
  while (state.running) {
    let allowed = false;
    try {
      allowed = decide();
    } catch {
      allowed = false;
    }
    state.asked += 1;
    if (!allowed) state.failed += 1;
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    state.longest = Math.max(state.longest, now - last);
    last = now;
  }
}

function yamlOf(role: string, count: number): string {
  const rules = Array.from(
    { length: count },
    (_, i) => `  - id: ${role}-${i}
    action: [read, explain]
    subject: Memory
    conditions:
      user_id: \${principal.user_id}
      sensitivity: { $in: [public, private] }${i === 0 ? '' : `\n      category: c-${i}`}
    reason: Rule ${i} of ${role}.
`,
  );
  return `role: ${role}\nrules:\n${rules.join('')}`;
}

function many(name: string, calls: number, call: () => unknown): Contender {
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
