import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { compile, type Candidate } from '../../src/model/evaluate.js';
import type { Attribute, Principal } from '../../src/model/principal.js';
import { TRUE } from '../../src/model/predicate.js';
import { bindRule, type BoundRule } from '../../src/policy/bind.js';
import { parsePolicies } from '../../src/policy/load.js';
import type { Rule } from '../../src/policy/policy-set.js';
import { policyText, principal, rule } from './generate.js';

const NOW = new Date('2026-03-01T00:00:00Z');
const RECORD: Candidate = { user_id: 'alice', category: 'work', sensitivity: 'public', occurred_at: NOW };

function ruleOf(more: object): Rule {
  const text = policyText([{ action: 'read', subject: 'Memory', reason: 'r', ...more }]);
  return parsePolicies([{ file: 'p.yaml', text }]).roles.get('agent')?.rules[0] as Rule;
}

function bind(more: object, who: Partial<Principal> = {}): BoundRule {
  return bindRule(ruleOf(more), { id: 'p', role: 'agent', ...who }, NOW);
}

function hits(bound: BoundRule, record = RECORD): boolean {
  return bound.applies && compile(bound.conditions ?? TRUE)(record);
}

const own = { conditions: { user_id: '${principal.user_id}' } };
const ofTeam = { conditions: { category: '${principal.attributes.team}', user_id: 'alice' } };

describe('S4: binding a rule to a principal', () => {
  it('puts each fact in place of its placeholder, as the value that it is', () => {
    const who = { userId: 'alice', purpose: 'work', attributes: { team: '${principal.id}' } };
    const conditions = {
      user_id: '${principal.user_id}',
      category: '${principal.purpose}',
      agent_id: '${principal.id}',
      app_id: '${principal.role}',
      session_id: { $in: ['${principal.attributes.team}', 'x'] },
    };
    expect(bind({ conditions }, who)).toMatchObject({
      applies: true,
      conditions: {
        of: [
          { field: 'user_id', op: 'eq', value: 'alice' },
          { field: 'category', op: 'eq', value: 'work' },
          { field: 'agent_id', op: 'eq', value: 'p' },
          { field: 'app_id', op: 'eq', value: 'agent' },
          // A value that looks like a placeholder is not bound again.
          { field: 'session_id', op: 'in', value: ['${principal.id}', 'x'] },
        ],
      },
    });
  });

  it('an allowance that names a missing fact does not apply, and says which', () => {
    expect(bind(own)).toMatchObject({ applies: false, because: 'missing_fact', fact: 'user_id' });
    expect(bind(ofTeam)).toMatchObject({ applies: false, because: 'missing_fact', fact: 'attributes.team' });
    expect(bind({ conditions: { category: { $in: ['work', '${principal.purpose}'] } } })).toMatchObject({
      applies: false,
    });
    expect(bind({ principal: { purpose: 'care' } })).toMatchObject({
      applies: false,
      because: 'missing_fact',
      fact: 'purpose',
    });
  });

  it('a denial that names a missing fact applies as if that comparison were true, and the others still count', () => {
    expect(hits(bind({ ...own, inverted: true }))).toBe(true);
    expect(hits(bind({ ...ofTeam, inverted: true }))).toBe(true);
    expect(hits(bind({ ...ofTeam, inverted: true }), { ...RECORD, user_id: 'bob' })).toBe(false);
    expect(hits(bind({ principal: { attributes: { suspended: true } }, inverted: true }))).toBe(true);
    const listed = { conditions: { category: { $in: ['home', '${principal.purpose}'] } }, inverted: true };
    expect(hits(bind(listed))).toBe(true);
  });

  it('an attribute that only a prototype has is missing', () => {
    const attributes = Object.create({ team: 'work' }) as Record<string, Attribute>;
    expect(bind(ofTeam, { attributes })).toMatchObject({ applies: false, because: 'missing_fact' });
    expect(bind({ principal: { attributes: { toString: 'x' } } }, { attributes: {} })).toMatchObject({
      because: 'missing_fact',
    });
  });

  const wrong: readonly [name: string, rule: object, value: unknown][] = [
    ['null', ofTeam, null],
    ['an empty text', ofTeam, ''],
    ['a number where a text is compared', ofTeam, 5],
    ['a boolean where a text is compared', ofTeam, true],
    ['a list', ofTeam, ['work']],
    ['an operator', ofTeam, { $ne: null }],
    ['half a surrogate pair', ofTeam, '\ud800'],
    ['a level that no level is', { conditions: { sensitivity: '${principal.attributes.team}' } }, 'secret'],
    ['a list of levels', { conditions: { sensitivity: { $in: ['${principal.attributes.team}'] } } }, ['public']],
    ['a time that is a word', { conditions: { occurred_at: { $gt: '${principal.attributes.team}' } } }, 'work'],
    [
      'a time that only a lenient parser reads',
      { conditions: { occurred_at: { $gt: '${principal.attributes.team}' } } },
      'May 1',
    ],
    ['a number as a time', { conditions: { occurred_at: { $gt: '${principal.attributes.team}' } } }, 0],
    [
      'a day that no month has',
      { conditions: { occurred_at: { $gt: '${principal.attributes.team}' } } },
      '2026-02-30T00:00:00Z',
    ],
    ['a text where true is expected of who asks', { principal: { attributes: { team: true } } }, 'true'],
    ['a text where a number is expected of who asks', { principal: { attributes: { team: { $in: [1, 2] } } } }, '1'],
  ];

  it.each(wrong.flatMap(([name, rule, value]) => [false, true].map((inverted) => ({ name, rule, value, inverted }))))(
    'a fact that is $name throws invalid_principal (inverted: $inverted) and the error does not hold it',
    ({ rule: more, value, inverted }) => {
      let thrown: unknown;
      try {
        bind({ ...more, inverted }, { attributes: { team: value as Attribute } });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(MemwardenError);
      expect(thrown).toMatchObject({ code: 'invalid_principal', detail: { argument: 'attributes.team' } });
      expect((thrown as Error).message).toBe('The principal is malformed. (argument: attributes.team)');
    },
  );

  it('a condition on who asks holds where the fact is one of the values, of the same type', () => {
    const facts = {
      principal: { purpose: { $in: ['care', 'billing'] }, attributes: { trained: true, grade: { $eq: 3 } } },
    };
    const attributes = { trained: true, grade: 3 };
    expect(bind(facts, { purpose: 'care', attributes }).applies).toBe(true);
    expect(bind(facts, { purpose: 'fun', attributes })).toMatchObject({
      applies: false,
      because: 'fact',
      fact: 'purpose',
    });
    expect(bind(facts, { purpose: 'care', attributes: { ...attributes, trained: false } })).toMatchObject({
      fact: 'attributes.trained',
    });
    expect(hits(bind({ ...facts, inverted: true }, { purpose: 'fun', attributes }))).toBe(false);
  });

  it('time bounds hold from not_before on and until not_after', () => {
    const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds).toISOString();
    expect(bind({ not_before: at(0) }).applies).toBe(true);
    expect(bind({ not_before: at(1) })).toMatchObject({ applies: false, because: 'time' });
    expect(bind({ not_after: at(0) })).toMatchObject({ applies: false, because: 'time' });
    expect(bind({ not_after: at(1) }).applies).toBe(true);
  });

  it('a principal with fewer facts is never allowed more by an allowance, nor less by a denial', () => {
    fc.assert(
      fc.property(rule, principal, (one, who) => {
        const full = bind(one, who);
        const { id, role } = who;
        const bare = bindRule(ruleOf(one), { id, role }, NOW);
        if (hits(bare) && !hits(full)) expect(one.inverted).toBe(true);
        if (hits(full) && !hits(bare)) expect(one.inverted ?? false).toBe(false);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
