import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { isMemwardenError, MemwardenError } from '../../src/errors/memwarden-error.js';
import { toPrincipal, type Principal } from '../../src/model/principal.js';
import { bindRule } from '../../src/policy/bind.js';
import { parsePolicies } from '../../src/policy/load.js';
import type { PolicySet } from '../../src/policy/policy-set.js';
import { refusedFiles } from './refused-files.js';
import { policyText, rule } from './generate.js';

const SEEDS = [
  ...readdirSync(PACKAGED_POLICIES)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(PACKAGED_POLICIES, name), 'utf8')),
  ...refusedFiles().map((file) => file.text),
];

/** The set, or undefined where it was refused as it should be: by a policy_invalid that says where. */
function load(text: string): PolicySet | undefined {
  try {
    return parsePolicies([{ file: 'fuzzed.yaml', text }]);
  } catch (error) {
    if (!(error instanceof MemwardenError) || error.code !== 'policy_invalid') throw error;
    const lines = text.split('\n').length;
    const astray = error.issues.filter(
      ({ line, column, message }) => line < 1 || line > lines || column < 1 || message === '',
    );
    if (error.issues.length === 0 || astray.length > 0) throw new Error('an issue says nowhere', { cause: error });
    return undefined;
  }
}

const keys = fc.constantFrom(
  'role',
  'rules',
  'id',
  'action',
  'subject',
  'conditions',
  'fields',
  'principal',
  'attributes',
  'reason',
  'inverted',
  'not_after',
  'user_id',
  'sensitivity',
  '$in',
  '$gt',
  '$exists',
  '__proto__',
  'toString',
  '<<',
);
const leaves = fc.constantFrom<unknown>(
  'read',
  'Memory',
  'public',
  '${principal.user_id}',
  '${',
  'agent',
  '2026-01-01T00:00:00Z',
  null,
  1,
  true,
  '',
  [],
  {},
  NaN,
  Infinity,
  -0,
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaves,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(keys, tie('tree'), { maxKeys: 6 }),
  ),
}));

describe('nothing but a MemwardenError ever comes out', () => {
  it('of the loader, whatever text it is given', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.stringMatching(/^[\s[\]{}:,?\-&*!|>'"%@`#a<$~.\\]{0,200}$/),
    );
    let refused = 0;
    fc.assert(
      fc.property(text, (one) => void (refused += load(one) ? 0 : 1)),
      { seed: 6, numRuns: 600 },
    );
    expect(refused).toBe(600);
  });

  it('of the loader, whatever is cut out of, doubled in or put into a policy file', () => {
    const edit = fc.record({
      seed: fc.constantFrom(...SEEDS),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(30),
      put: fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom('\n', '  ', ': ', '- ', '{', ']', '&a ', '*a', '"', '!!str ', '${'),
      ),
    });
    let loaded = 0;
    fc.assert(
      fc.property(edit, ({ seed, at, cut, put }) => {
        const place = Math.floor(at * seed.length);
        if (load(seed.slice(0, place) + put + seed.slice(place + cut))) loaded += 1;
      }),
      { seed: 7, numRuns: 800 },
    );
    expect(loaded).toBeGreaterThan(0);
  });

  it('of the loader, whatever tree it is given', () => {
    let refused = 0;
    fc.assert(
      fc.property(tree, fc.boolean(), (value, whole) => {
        refused += load(stringify(whole ? value : { role: 'agent', rules: [value] }) ?? '') ? 0 : 1;
      }),
      { seed: 8, numRuns: 600 },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('of the binder, whatever facts a principal has', () => {
    const facts = fc.record(
      {
        userId: fc.anything(),
        purpose: fc.anything(),
        attributes: fc.dictionary(
          fc.constantFrom('team', 'since', 'clearance', '__proto__'),
          fc.oneof(fc.anything(), fc.string(), fc.constantFrom('a', 'public', '2026-01-01T00:00:00Z')),
        ),
      },
      { requiredKeys: [] },
    );
    let bound = 0;
    fc.assert(
      fc.property(rule, facts, fc.boolean(), (one, who, checks) => {
        const rules = parsePolicies([{ file: 'p.yaml', text: policyText([one]) }]).roles.get('agent')?.rules ?? [];
        try {
          const principal = { id: 'p', role: 'agent', ...who } as Principal;
          const asked = checks ? toPrincipal(principal) : principal;
          bound += rules.map((each) => bindRule(each, asked, new Date(0))).length;
        } catch (error) {
          if (!isMemwardenError(error, 'invalid_principal')) throw error;
        }
      }),
      { seed: 9, numRuns: 800 },
    );
    expect(bound).toBeGreaterThan(100);
  });
});
