import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Alarms } from '../../src/metrics/alarms.js';
import { compile, type Candidate } from '../../src/model/evaluate.js';
import type { FieldName } from '../../src/model/fields.js';
import { conditionOf } from '../../src/model/plan.js';
import { toPrincipal, type Principal } from '../../src/model/principal.js';
import { isWellFormed } from '../../src/model/well-formed.js';
import type { Binding } from '../../src/policy/binding.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { parsePolicies } from '../../src/policy/load.js';
import { candidate, CONTENT_FIELDS, policyText, principal, rule } from './generate.js';

const NOW = new Date('2026-03-01T00:00:00Z');
const alice: Principal = { id: 'p', role: 'agent', userId: 'alice' };
const SOUND: Candidate = {
  id: 'm',
  user_id: 'alice',
  sensitivity: 'private',
  category: 'work',
  occurred_at: NOW,
  created_at: NOW,
  updated_at: NOW,
};

async function bound(text: string, who: Principal): Promise<Binding> {
  const load = () => Promise.resolve(parsePolicies([{ file: 'p.yaml', text }]));
  const engine = await PolicyEngine.start({
    load,
    clock: () => NOW,
    alarms: new Alarms(),
    maxStaleMs: 0,
    cacheSize: 10,
  });
  return engine.bind(toPrincipal(who));
}

function allow(more: object = {}): object {
  return { action: 'read', subject: 'Memory', reason: 'r', ...more };
}

describe('the plan', () => {
  it('is none without a rule, all under a rule without conditions, else where', async () => {
    expect((await bound(policyText([]), alice)).plan('read', 'Memory')).toEqual({ kind: 'none' });
    expect((await bound(policyText([allow()]), alice)).plan('read', 'Memory')).toEqual({ kind: 'all' });
    const own = await bound(policyText([allow({ conditions: { user_id: '${principal.user_id}' } })]), alice);
    const condition = { kind: 'compare', field: 'user_id', op: 'eq', value: 'alice' };
    expect(own.plan('read', 'Memory')).toEqual({ kind: 'where', condition });
    expect(own.plan('update', 'Memory')).toEqual({ kind: 'none' });
  });

  it('is none where a denial without conditions meets any allowance', async () => {
    const binding = await bound(policyText([allow({ inverted: true }), allow()]), alice);
    expect(binding.plan('read', 'Memory')).toEqual({ kind: 'none' });
    expect(binding.decide('read', 'Memory', SOUND)).toBe(false);
  });

  it('S7: of a use of fields is the conjunction of the plans of the fields', async () => {
    const binding = await bound(
      policyText([
        allow(),
        allow({ inverted: true, fields: ['content'], conditions: { category: 'health' } }),
        allow({ inverted: true, fields: ['session_id'], conditions: { category: 'work' } }),
      ]),
      alice,
    );
    const lets = (fields: FieldName[], category: string) =>
      compile(conditionOf(binding.plan('read', 'Memory', fields)))({ ...SOUND, category });
    expect([lets([], 'health'), lets(['content'], 'health'), lets(['session_id'], 'health')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([lets([], 'work'), lets(['content'], 'work'), lets(['session_id'], 'work')]).toEqual([true, true, false]);
    expect(lets(['content', 'session_id'], 'home')).toBe(true);
    expect(lets(['content', 'session_id'], 'work') || lets(['content', 'session_id'], 'health')).toBe(false);
  });

  it('S7: of a field that no rule allows is none although the record may be read', async () => {
    const binding = await bound(policyText([allow({ fields: ['category'] })]), alice);
    expect(binding.plan('read', 'Memory').kind).toBe('all');
    expect(binding.plan('read', 'Memory', ['content']).kind).toBe('none');
  });

  it('G1, S1: agrees with the decision on random rule sets and hostile records, with and without fields', async () => {
    let cases = 0;
    let allowed = 0;
    let mixed = 0;
    const sample = fc.tuple(
      fc.array(rule, { maxLength: 6 }),
      principal,
      fc.array(candidate, { minLength: 12, maxLength: 12 }),
      fc.subarray([...CONTENT_FIELDS]),
    );
    await fc.assert(
      fc.asyncProperty(sample, async ([rules, who, candidates, fields]) => {
        const binding = await bound(policyText(rules), who);
        const test = compile(conditionOf(binding.plan('read', 'Memory', fields)));
        const decides = (one: Candidate) =>
          [undefined, ...fields].every((field) => binding.decide('read', 'Memory', one, field));
        const results = candidates.map((one) => decides(one) && isWellFormed(one));
        expect(candidates.map((one) => test(one) && isWellFormed(one))).toEqual(results);
        const named = candidates.map((one) => binding.decidingRule('read', 'Memory', one)?.inverted === false);
        expect(named).toEqual(candidates.map((one) => binding.decide('read', 'Memory', one)));
        cases += results.length;
        allowed += results.filter(Boolean).length;
        mixed += results.includes(true) && results.includes(false) ? 1 : 0;
      }),
      { seed: 3, numRuns: 450 },
    );
    expect(cases).toBeGreaterThanOrEqual(5_000);
    expect(allowed / cases).toBeGreaterThan(0.05);
    expect(allowed / cases).toBeLessThan(0.95);
    expect(mixed).toBeGreaterThan(30);
  });

  it('invariant 2: is the same whatever the order of the rules; a denial wins', async () => {
    const sample = fc
      .array(rule, { minLength: 2, maxLength: 6 })
      .chain((rules) =>
        fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length }), principal, candidate),
      );
    await fc.assert(
      fc.asyncProperty(sample, async ([rules, shuffled, who, one]) => {
        const [first, second] = [await bound(policyText(rules), who), await bound(policyText(shuffled), who)];
        const asked = [undefined, ...CONTENT_FIELDS];
        const answers = (binding: Binding) => asked.map((field) => binding.decide('read', 'Memory', one, field));
        expect(answers(second)).toEqual(answers(first));
        const denial = first.rules.some(
          (part) =>
            part.applies &&
            part.rule.inverted &&
            part.rule.actions.includes('read') &&
            !part.rule.fields &&
            (!part.conditions || compile(part.conditions)(one)),
        );
        if (denial) expect(answers(first)).not.toContain(true);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('asks nothing of what a document says about itself', async () => {
    const binding = await bound(policyText([{ ...allow(), action: 'list', subject: 'User' }]), alice);
    expect(binding.decide('read', 'Memory', { ...SOUND, __caslSubjectType__: 'User' })).toBe(false);
    expect(binding.decide('list', 'User', { user_id: 'alice', __caslSubjectType__: 'Memory' })).toBe(true);
  });
});
