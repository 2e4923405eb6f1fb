import { describe, expect, it } from '@jest/globals';
import { ACTIONS, ACTIONS_OF, conditionFields, isPair, SUBJECTS } from '../../src/model/actions.js';
import { fieldNamed, FIELDS, FILTERABLE, SEALED, UNHIDEABLE } from '../../src/model/fields.js';
import { DEFAULT_LEVEL, isLevel, LEVELS, rank } from '../../src/model/levels.js';
import { toMemory } from '../../src/model/memory.js';
import { ALL, conditionOf, isNone, NONE, planOf } from '../../src/model/plan.js';
import { eq, FALSE, TRUE } from '../../src/model/predicate.js';

describe('the field table', () => {
  it('S1: every filterable field is a string, a level or a date', () => {
    const types = FIELDS.filter((field) => field.filterable).map((field) => field.type as string);
    expect(types.length).toBe(FILTERABLE.size);
    expect(types.filter((type) => !['string', 'enum', 'date'].includes(type))).toEqual([]);
  });

  it('invariant 5: no sealed field is filterable or sortable', () => {
    expect(FIELDS.filter((field) => field.sealed && (field.filterable || field.sortable))).toEqual([]);
    expect([...SEALED].sort()).toEqual(['content', 'metadata', 'speaker', 'vector']);
    for (const name of SEALED) expect(FILTERABLE.has(name as never)).toBe(false);
  });

  it('invariant 7: a vector is in no memory, whatever was opened and permitted', () => {
    const at = new Date();
    const times = { occurred_at: at, created_at: at, updated_at: at };
    const record = {
      id: 'i',
      tenant: 't',
      user_id: 'u',
      sensitivity: 'public',
      category: 'c',
      version: 1,
      ...times,
    } as const;
    const vector = { modelId: 'm', values: Float32Array.of(1) };
    const memory = toMemory({ ...record, vector: 'sealed' }, { content: 'text', vector }, () => true);
    expect(memory).toMatchObject({ id: 'i', content: 'text' });
    expect(memory).not.toHaveProperty('vector');
  });

  it("names each field and each property once; owner, id and version are nobody's to write", () => {
    expect(new Set(FIELDS.map((field) => field.name)).size).toBe(FIELDS.length);
    expect(new Set(FIELDS.map((field) => field.property)).size).toBe(FIELDS.length);
    for (const name of ['id', 'user_id', 'version', 'created_at', 'updated_at'])
      expect(fieldNamed(name)?.writable).toBe(false);
    expect([...UNHIDEABLE].sort()).toEqual(['id', 'user_id']);
    for (const name of ['__proto__', 'constructor', 'toString', 'tenant']) expect(fieldNamed(name)).toBeUndefined();
  });
});

describe('the action table', () => {
  it('is closed: it has these pairs and no others', () => {
    const pairs = SUBJECTS.flatMap((subject) =>
      ACTIONS.filter((action) => isPair(subject, action)).map((action) => `${subject} ${action}`),
    );
    expect(pairs.length).toBe(Object.values(ACTIONS_OF).flat().length);
    expect(pairs.length).toBe(32);
    expect(isPair('Memory', 'erase')).toBe(false);
    expect(isPair('User', 'read')).toBe(false);
    expect(isPair('Memory', 'manage' as never)).toBe(false);
    expect(() => isPair('all' as never, 'read')).toThrow();
  });

  it('has every subject and action of the design, neither manage nor all', () => {
    expect([...SUBJECTS].sort()).toEqual([
      'AuditRecord',
      'Credential',
      'Export',
      'Key',
      'Memory',
      'Policy',
      'SharedMemory',
      'Tenant',
      'User',
    ]);
    expect([...ACTIONS].sort()).toEqual([
      'administer',
      'approve',
      'audit',
      'create',
      'delete',
      'erase',
      'explain',
      'export',
      'grant',
      'list',
      'read',
      'reclassify',
      'share',
      'update',
    ]);
  });

  it('lets conditions on memories name every filterable field, on users and exports the owner alone, else none', () => {
    expect(conditionFields('Memory')).toBe(FILTERABLE);
    expect([...conditionFields('User')]).toEqual([['user_id', 'string']]);
    expect(SUBJECTS.filter((subject) => conditionFields(subject).size === 0)).toEqual([
      'AuditRecord',
      'Policy',
      'Key',
      'Credential',
      'Tenant',
    ]);
  });
});

describe('S2: the levels', () => {
  it('are an enum, letter by letter, private where none is named', () => {
    expect(LEVELS).toEqual(['public', 'private', 'sensitive']);
    expect(DEFAULT_LEVEL).toBe('private');
    for (const value of ['Public', 'public ', '', 'toString', 0, null, undefined, ['public'], new String('public')]) {
      expect(isLevel(value)).toBe(false);
    }
    expect(LEVELS.every(isLevel)).toBe(true);
  });

  it('have a rank that is not their alphabetical order', () => {
    expect(LEVELS.map(rank)).toEqual([0, 1, 2]);
    expect([...LEVELS].sort()).not.toEqual(LEVELS);
  });
});

describe('a plan', () => {
  it('is none, all or where, and gives back its condition', () => {
    const condition = eq('category', 'a');
    expect([planOf(FALSE), planOf(TRUE), planOf(condition)]).toEqual([NONE, ALL, { kind: 'where', condition }]);
    expect([NONE, ALL, planOf(condition)].map(conditionOf)).toEqual([FALSE, TRUE, condition]);
    expect([NONE, ALL, planOf(condition)].map(isNone)).toEqual([true, false, false]);
  });
});
