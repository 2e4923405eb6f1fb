import { describe, expect, test } from '@jest/globals';
import type { JwtOptions } from '../../src/config/jwt.js';
import { grantOf } from '../../src/identity/claims.js';

const options = (more: Partial<JwtOptions>): JwtOptions => ({
  issuer: 'i',
  audience: 'a',
  keys: { kind: 'jwks', keys: [] },
  roles: { officers: { role: 'admin', users: 'none' }, staff: 'agent' },
  ...more,
});
const grant = (payload: object, more: Partial<JwtOptions> = {}) => grantOf(payload as never, options(more));

describe('What the claims of a token let its holder be', () => {
  test('a role comes from the table alone, and the first of the table counts', () => {
    expect(grant({ role: 'staff' })).toEqual({ role: 'agent', users: [], purposes: [] });
    expect(grant({ role: ['staff', 'officers', 'other'] })?.role).toBe('admin');
    const none = [
      undefined,
      null,
      '',
      'admin',
      'agent',
      'STAFF',
      'staff ',
      ['admin'],
      [['staff']],
      { staff: true },
      7,
      [],
      '__proto__',
      'constructor',
      'toString',
    ];
    for (const role of none) expect([role, grant({ role })]).toEqual([role, undefined]);
  });

  test('a claim is found on its way, by own names alone', () => {
    const claims = { role: ['realm_access', 'roles'] };
    expect(grant({ realm_access: { roles: ['staff'] } }, { claims })?.role).toBe('agent');
    expect(grant({ 'https://x.example/role': 'staff' }, { claims: { role: 'https://x.example/role' } })?.role).toBe(
      'agent',
    );
    for (const payload of [{}, { realm_access: 'staff' }, { realm_access: ['staff'] }, { realm_access: null }])
      expect(grant(payload, { claims })).toBeUndefined();
    const inherited = { role: 'staff', user: '', ...{ claims: { role: ['__proto__', 'role'] } } };
    expect(grant(inherited, { claims: { role: ['__proto__', 'role'] } })).toBeUndefined();
  });

  test('G27: a user claim that is missing or malformed refuses the token; it never widens what it may do', () => {
    const role = 'staff';
    const claims = { user: 'sub' };
    expect(grant({ role, sub: 'alice' }, { claims })?.users).toEqual(['alice']);
    for (const sub of [undefined, null, '', '*', 7, ['alice'], { $ne: 1 }, 'a\u0000', 'x'.repeat(300)])
      expect([sub, grant({ role, sub }, { claims })]).toEqual([
        sub,
        sub === '*' ? expect.objectContaining({ users: ['*'] }) : undefined,
      ]);
    const several = { users: 'may' };
    expect(grant({ role, may: ['alice', 'bob', 'alice'] }, { claims: several })?.users).toEqual(['alice', 'bob']);
    expect(grant({ role, may: 'any' }, { claims: several })?.users).toEqual(['any']);
    for (const may of [
      undefined,
      [],
      [''],
      ['alice', 7],
      [null],
      {},
      Array.from({ length: 1_001 }, (_, at) => `u${at}`),
    ])
      expect(grant({ role, may }, { claims: several })).toBeUndefined();
  });

  test('any user, or none, is said by the configuration and never by a token', () => {
    const roles = { staff: { role: 'agent', users: 'any' }, officers: { role: 'admin', users: 'none' } } as const;
    expect(grant({ role: 'staff', sub: 'x' }, { roles, claims: { user: 'sub' } })?.users).toBe('any');
    expect(grant({ role: 'officers', sub: 'x' }, { roles, claims: { user: 'sub' } })?.users).toEqual([]);
  });

  test('purposes and attributes come from the claims that are named; of another type they refuse the token', () => {
    const claims = { purposes: 'why', attributes: { ward: 'dept', senior: ['hr', 'senior'], level: 'level' } };
    expect(grant({ role: 'staff', why: ['care'], dept: 'b', hr: { senior: true }, level: 0 }, { claims })).toEqual({
      role: 'agent',
      users: [],
      purposes: ['care'],
      attributes: { ward: 'b', senior: true, level: 0 },
    });
    expect(grant({ role: 'staff' }, { claims })).toEqual({ role: 'agent', users: [], purposes: [] });
    for (const wrong of [
      { dept: '' },
      { dept: null },
      { dept: ['b'] },
      { dept: {} },
      { dept: '\ud800' },
      { why: 7 },
      { why: [''] },
      { why: {} },
    ])
      expect([wrong, grant({ role: 'staff', ...wrong }, { claims })]).toEqual([wrong, undefined]);
    const roles = { staff: { role: 'agent', purposes: 'any' } } as const;
    expect(grant({ role: 'staff', why: 7 }, { claims, roles })?.purposes).toBe('any');
  });
});
