import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Guard } from '../../src/guard/guard.js';
import type { Principal } from '../../src/model/principal.js';
import { DEFAULT_TENANT } from '../../src/model/tenant.js';

// Parts that could run into one another where keys were joined without their lengths.
const part = fc.constantFrom('a', 'b', 'a/b', '1:a', ';', 'string:1:a;', 'undefined:9:undefined;', 'true');
const principal = fc.record(
  {
    id: part,
    role: part,
    userId: part,
    purpose: part,
    attributes: fc.dictionary(part, fc.oneof(part, fc.boolean(), fc.constant(1)), { maxKeys: 2 }),
  },
  { requiredKeys: ['id', 'role'] },
);

test('G31, S4: an access that is kept is only ever that of the same principal and the same owner', () => {
  const guard = new Guard({ tenant: DEFAULT_TENANT } as never);
  let kept = 0;
  const seen = new Set<unknown>();
  fc.assert(
    fc.property(principal, part, (who, owner) => {
      const access = guard.access(who, owner);
      kept += Number(seen.has(access));
      seen.add(access);
      expect(access.partition).toEqual({ tenant: 'default', userId: owner });
      const { attributes = {}, ...rest } = access.principal;
      expect({ ...rest, attributes: { ...attributes } }).toEqual({ attributes: {}, ...who });
    }),
    { seed: 31, numRuns: 5_000, verbose: 1 },
  );
  expect(kept).toBeGreaterThan(20);
});

test('an access that is kept does not follow what its caller does to the principal', () => {
  const guard = new Guard({ tenant: DEFAULT_TENANT } as never);
  const who: { -readonly [key in keyof Principal]: Principal[key] } = { id: 'bot', role: 'agent', userId: 'alice' };
  const first = guard.access(who, 'alice');
  who.role = 'admin';
  expect(first.principal.role).toBe('agent');
  expect(guard.access(who, 'alice').principal.role).toBe('admin');
  expect(guard.access({ ...who, role: 'agent' }, 'alice')).toBe(first);
  expect(Object.isFrozen(first.principal)).toBe(true);
});
