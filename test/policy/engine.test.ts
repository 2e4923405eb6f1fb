import { describe, expect, it } from '@jest/globals';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { Alarms } from '../../src/metrics/alarms.js';
import type { Candidate } from '../../src/model/evaluate.js';
import { toPrincipal, type Principal } from '../../src/model/principal.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { parsePolicies } from '../../src/policy/load.js';
import type { PolicySet } from '../../src/policy/policy-set.js';
import { policyText } from './generate.js';

const START = Date.parse('2026-03-01T00:00:00Z');
const MINUTE = 60_000;
const RECORD: Candidate = { user_id: 'alice', sensitivity: 'private', category: 'work' };
const ALLOW = { action: 'read', subject: 'Memory', reason: 'r' };
const good = (...rules: object[]): PolicySet => parsePolicies([{ file: 'agent.yaml', text: policyText(rules) }]);
const bad = (): PolicySet => parsePolicies([{ file: 'agent.yaml', text: 'role: agent\n' }]);

async function engineOf(first: PolicySet, cacheSize = 100) {
  const state = { now: START, load: (): Promise<PolicySet> | PolicySet => first };
  const alarms = new Alarms();
  const engine = await PolicyEngine.start({
    load: async () => state.load(),
    clock: () => new Date(state.now),
    alarms,
    maxStaleMs: 5 * MINUTE,
    cacheSize,
  });
  const reads = (who: Partial<Principal> = {}) =>
    engine.bind(toPrincipal({ id: 'p', role: 'agent', ...who })).decide('read', 'Memory', RECORD);
  return { state, alarms, engine, reads };
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof MemwardenError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

describe('the policy engine', () => {
  it('invariant 1: lets an unknown role, a role without rules and another role do nothing', async () => {
    const { engine } = await engineOf(good());
    for (const role of ['agent', 'admin', 'constructor', 'toString', 'Agent']) {
      const binding = engine.bind(toPrincipal({ id: 'p', role }));
      expect(binding.plan('read', 'Memory')).toEqual({ kind: 'none' });
      expect(binding.decide('read', 'Memory', RECORD)).toBe(false);
      expect(binding.decidingRule('read', 'Memory', RECORD)).toBeUndefined();
    }
  });

  it('does not start on policies that do not load', async () => {
    const start = PolicyEngine.start({
      load: async () => bad(),
      clock: () => new Date(),
      alarms: new Alarms(),
      maxStaleMs: 0,
      cacheSize: 1,
    });
    await expect(start).rejects.toMatchObject({ code: 'policy_invalid' });
  });

  it('S5: serves the last good set after a failed reload, with an alarm, then denies every call, and recovers', async () => {
    const { state, alarms, engine, reads } = await engineOf(good(ALLOW));
    const { revision } = engine;
    state.load = bad;
    await expect(engine.reload()).rejects.toMatchObject({ code: 'policy_invalid' });
    expect([engine.stale, engine.revision, alarms.count('policy_reload_failed'), reads()]).toEqual([
      true,
      revision,
      1,
      true,
    ]);
    state.now = START + 5 * MINUTE;
    expect(reads()).toBe(true);
    // Failing again later does not begin the time anew.
    await expect(engine.reload()).rejects.toBeDefined();
    state.now = START + 5 * MINUTE + 1;
    expect(codeOf(reads)).toBe('policy_unavailable');
    expect(codeOf(() => reads({ role: 'unknown' }))).toBe('policy_unavailable');
    expect(alarms.count('policy_reload_failed')).toBe(2);
    state.load = () => good(ALLOW);
    await expect(engine.reload()).resolves.toBe(revision);
    expect([engine.stale, reads()]).toEqual([false, true]);
  });

  it('drops every cached binding with a reload', async () => {
    const { state, engine, reads } = await engineOf(good(ALLOW));
    expect(reads()).toBe(true);
    state.load = () => good();
    await engine.reload();
    expect(reads()).toBe(false);
  });

  it('shows one set or the other to calls during a reload, and keeps a bound call on its set', async () => {
    const { state, engine, reads } = await engineOf(good(ALLOW));
    let finish = (_: PolicySet) => {};
    state.load = () => new Promise<PolicySet>((resolve) => (finish = resolve));
    const before = engine.bind(toPrincipal({ id: 'p', role: 'agent' }));
    const reload = engine.reload();
    await new Promise(setImmediate);
    expect([reads(), engine.stale]).toEqual([true, false]);
    finish(good());
    await reload;
    expect(reads()).toBe(false);
    expect(before.decide('read', 'Memory', RECORD)).toBe(true);
  });

  it('never lets a slow reading of older files replace a newer one', async () => {
    const { state, engine, reads } = await engineOf(good());
    const finish: (() => void)[] = [];
    const sets = [good(ALLOW), good()];
    state.load = () => {
      const set = sets.shift() as PolicySet;
      return new Promise<PolicySet>((resolve) => finish.push(() => resolve(set)));
    };
    const reloads = [engine.reload(), engine.reload()];
    // Whatever has begun is finished, the last to begin first.
    for (let i = 0; i < 4; i += 1) {
      await new Promise(setImmediate);
      finish.pop()?.();
    }
    await Promise.all(reloads);
    expect(reads()).toBe(false);
  });

  it('S4: ends a cached binding at the nearest time limit', async () => {
    const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();
    const { state, reads } = await engineOf(
      good(
        { ...ALLOW, not_before: at(10), not_after: at(40) },
        { ...ALLOW, inverted: true, not_before: at(20), not_after: at(30) },
      ),
    );
    const times = [0, 9.999, 10, 19.999, 20, 29.999, 30, 39.999, 40, 1000];
    const seen = times.map((minutes) => {
      state.now = START + minutes * MINUTE;
      return reads();
    });
    expect(seen).toEqual([false, false, true, true, false, false, true, true, false, false]);
  });

  it('S4: ends a cached binding at the nearest time limit behind it too, where a clock is set back', async () => {
    const { state, reads } = await engineOf(
      good({ ...ALLOW, not_before: new Date(START + 10 * MINUTE).toISOString() }),
    );
    const seen = [20, 9, 11, 0].map((minutes) => {
      state.now = START + minutes * MINUTE;
      return reads();
    });
    expect(seen).toEqual([true, false, true, false]);
  });

  it('S4: keeps a bounded number of bindings, and one for each principal', async () => {
    const { engine } = await engineOf(good(ALLOW), 2);
    const bind = (id: string) => engine.bind(toPrincipal({ id, role: 'agent' }));
    const [one, two] = [bind('1'), bind('2')];
    expect(bind('1')).toBe(one);
    expect(two).not.toBe(one);
    bind('3');
    expect(bind('2')).not.toBe(two);
  });

  it('S4: keeps the bindings of principals apart that differ in any fact', async () => {
    const { reads } = await engineOf(good({ ...ALLOW, conditions: { user_id: '${principal.user_id}' } }));
    expect([reads({ userId: 'alice' }), reads({ userId: 'bob' }), reads(), reads({ userId: 'alice' })]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});
