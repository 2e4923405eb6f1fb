import { expect, test } from '@jest/globals';
import { recordDraft } from '../../src/memory/import.js';
import { parsePolicies } from '../../src/policy/load.js';
import { importerOf } from '../../src/internals.js';
import { soundRecord } from '../support/raw.js';
import { ADMIN, describeOnEachStore, outcome, policyFolder } from '../support/warden.js';

// What a reviewer with fresh eyes broke; each break is a test now.
const CLERK = { id: 'c', role: 'clerk' };
const ALL = '{ id: all, action: [create, read, update, explain], subject: Memory, reason: r }';
const clerk = (...rules: string[]) =>
  policyFolder({ clerk: `rules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}` });
const ID = '01890000-0000-7000-8000-00000000000a';

describeOnEachStore('what a reviewer broke', (open) => {
  test('S6, S7: a right to reclassify that is limited to the expiry lowers no level', async () => {
    const rule = '{ id: expiry, action: reclassify, subject: Memory, fields: [expires_at], reason: r }';
    const { warden } = await open({ policies: await clerk(ALL, rule) });
    const memory = warden.scope(CLERK, 'alice');
    const { id } = await memory.add('secret', { level: 'sensitive', ttl: 60_000 });
    expect(await outcome(() => memory.update(id, { level: 'public' }))).toBe('not_found');
    expect(await memory.update(id, { expiresAt: null })).not.toHaveProperty('expiresAt');
  });

  test('S7: an update that lowers the level needs the right to update what else it changes', async () => {
    const rules = [
      '{ id: lowers, action: [reclassify, delete], subject: Memory, reason: r }',
      '{ id: frozen, action: update, subject: Memory, inverted: true, conditions: { category: approved }, reason: r }',
    ];
    const { warden } = await open({ policies: await clerk(ALL, ...rules) });
    const memory = warden.scope(CLERK, 'alice');
    const { id } = await memory.add('draft', { level: 'private' });
    const forged = { category: 'approved', content: 'forged' };
    expect(await outcome(() => memory.update(id, forged))).toBe('not_found');
    expect(await outcome(() => memory.update(id, { ...forged, level: 'public' }))).toBe('not_found');
    expect(await memory.update(id, { content: 'shown', level: 'public' })).toMatchObject({ level: 'public' });
  });

  test('S6: who may update but not delete ends no memory by giving it a moment to live', async () => {
    const { warden } = await open({ policies: await clerk(ALL) });
    const memory = warden.scope(CLERK, 'alice');
    const { id } = await memory.add('stays');
    expect(await outcome(() => memory.update(id, { ttl: 1 }))).toBe('not_found');
    expect(await memory.get(id)).toMatchObject({ content: 'stays' });
  });

  test('S7: explain withholds what became of a rule that asks of a hidden field', async () => {
    const rules = [
      '{ id: hides, action: read, subject: Memory, inverted: true, fields: [agent_id], reason: r }',
      '{ id: tells, action: share, subject: Memory, conditions: { agent_id: doctor }, reason: r }',
    ];
    const { warden } = await open({ policies: await clerk(ALL, ...rules) });
    const { id } = await warden.scope(ADMIN, 'alice').add('x', { agentId: 'doctor' });
    const { id: other } = await warden.scope(ADMIN, 'alice').add('x', { agentId: 'porter' });
    for (const one of [id, other]) {
      const explained = await warden.scope(CLERK, 'alice').explain(one, 'share');
      expect(explained).not.toHaveProperty('rule');
      expect(explained.considered.find((rule) => rule.id === 'tells')?.outcome).toBe('withheld');
    }
  });

  test('G9: an import that is sent again does not bring a deleted memory back', async () => {
    const { warden } = await open();
    const importer = importerOf(warden, ADMIN);
    const drafts = [ID, ID.replace(/a$/, 'b')].map((id) => recordDraft({ content: 'x' }, new Date(), id));
    await importer.store({ user: 'alice' }, drafts);
    const memory = warden.scope(ADMIN, 'alice');
    await memory.delete(ID);
    expect(await importer.store({ user: 'alice' }, drafts)).toEqual([]);
    expect(await memory.get(ID)).toBeNull();
    expect(await memory.count()).toBe(1);
  });

  test('S1, invariant 10: a sealed field in another form is absent, with an alarm, and blocks no list', async () => {
    const { warden, raw } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('sound');
    const planted = [
      { metadata: '"HIV positi' },
      { content: { canary: 1 } },
      { version: 2 ** 53 },
      { metadata: '[1]' },
    ];
    for (const [i, more] of planted.entries())
      await raw.plant('alice', soundRecord('alice', `${ID.slice(0, -1)}${i}`, more));
    expect((await memory.list()).memories.map((one) => one.id)).toEqual([id]);
    for (const i of planted.keys()) expect(await outcome(() => memory.get(`${ID.slice(0, -1)}${i}`))).toBeNull();
    expect(warden.alarmCount('malformed_record')).toBeGreaterThanOrEqual(planted.length);
  });
});

test.each(['delete', 'explain', 'share', 'export'])(
  'S7: fields on %s, which nothing asks field by field, are a load error',
  (action) => {
    const rule = { id: 'one', action, subject: 'Memory', fields: ['content'], reason: 'r' };
    const text = JSON.stringify({ role: 'clerk', rules: [rule] });
    expect(() => parsePolicies([{ file: 'clerk.yaml', text }])).toThrow(/fields: .*whole memory/);
  },
);

test.each(['legal ', 'a\u200bb', 'legal\n', '$principal.user_id', '$(principal.user_id)'])(
  'invariant 3: the operand %j, which no stored value equals, is a load error',
  (operand) => {
    const rule = { id: 'one', action: 'read', subject: 'Memory', conditions: { category: operand }, reason: 'r' };
    const text = JSON.stringify({ role: 'clerk', rules: [rule] });
    expect(() => parsePolicies([{ file: 'clerk.yaml', text }])).toThrow(/operand/);
  },
);
