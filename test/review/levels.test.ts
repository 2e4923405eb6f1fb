import '../support/fresh-lmdb.js';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ruleClassifier } from '../../src/classify/rules.js';
import type { Difference } from '../../src/metrics/differences.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, policyFolder } from '../support/warden.js';

describe('The classifier', () => {
  const classify = ruleClassifier();
  test.each([
    ['a no-break space', '4111\u00a01111\u00a01111\u00a01111'],
    ['a thin space', '4111\u202f1111\u202f1111\u202f1111'],
    ['a no-break hyphen', '4111\u20111111\u20111111\u20111111'],
    ['full width', '\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11'],
  ])('finds a card that is written with %s', (_, number) => {
    expect(classify({ content: `my card is ${number}` })).toMatchObject({ level: 'sensitive' });
  });
});

describeOnEachStore('Levels by themselves', (open) => {
  test('a raise does not lift the expiry that a rule asks of what the role creates', async () => {
    const policies = await policyFolder({
      scribe: `rules:
  - { id: s-creates, action: create, subject: Memory, conditions: { expires_at: { $lt: 2026-04-01T00:00:00Z } }, reason: r }
`,
    });
    const clock = handClock();
    const { warden } = await open({ policies, clock, defaultTtlMs: { private: 60_000 } });
    const scribe = warden.scope({ id: 's', role: 'scribe' }, 'alice');
    expect(await outcome(() => scribe.add({ content: 'She takes insulin', level: 'sensitive' }))).toBe('forbidden');
    await scribe.add({ content: 'She takes insulin', level: 'private' });
    const [kept] = (await warden.scope(ADMIN, 'alice').list()).memories;
    expect(kept?.level).toBe('sensitive');
    expect(kept?.expiresAt).toBeDefined();
  });

  test('a classifier cannot lower a level, nor change what is stored', async () => {
    const { warden } = await open({
      classify: (text) => {
        (text as { content: string }).content = 'changed';
        return { level: 'public', ruleId: 'r' };
      },
    });
    const admin = warden.scope(ADMIN, 'alice');
    const { id } = await admin.add({ content: 'x', level: 'sensitive', metadata: { a: 'b' } });
    await admin.update(id, { content: 'y' });
    expect(await admin.get(id)).toMatchObject({ level: 'sensitive', content: 'y' });
  });

  test('a shadow that allows everything decides nothing and tells neither text, user nor id', async () => {
    const told: Difference[] = [];
    const candidate = await policyFolder({
      agent: 'rules:\n  - { id: all, action: [read, explain, delete, update], subject: Memory, reason: r }\n',
    });
    const { warden } = await open({
      shadow: { policies: candidate, onDifference: (one: Difference) => void told.push(one) },
    });
    const { id } = await warden
      .scope(ADMIN, 'alice')
      .add({ content: 'canary insulin', level: 'sensitive', category: 'cat-canary' });
    const agent = warden.scope(agentOf('alice'), 'alice');
    expect(await agent.get(id)).toBeNull();
    expect((await agent.list()).memories).toEqual([]);
    expect(await outcome(() => agent.delete(id))).toBe('not_found');
    expect(await outcome(() => agent.explain(id))).toBe('not_found');
    expect(await outcome(() => warden.scope(agentOf('bob'), 'alice').list())).toBe('forbidden');
    await new Promise((done) => setImmediate(done));
    const text = JSON.stringify([told, warden.shadowReport()]);
    expect(told.length).toBeGreaterThan(0);
    for (const word of ['canary', 'alice', 'bob', id]) expect(text).not.toContain(word);
  });

  test('a folder that is swapped for a broken or an empty one opens nothing', async () => {
    const one = await policyFolder();
    const broken = await policyFolder({ agent: 'rules:\n  - { id: x, action: read' });
    const link = `${one}-link`;
    await symlink(one, link);
    const { warden } = await open({ policies: link });
    const { id } = await warden.scope(ADMIN, 'alice').add({ content: 'x', level: 'sensitive' });
    const agent = warden.scope(agentOf('alice'), 'alice');
    await rm(link);
    await symlink(broken, link);
    expect(await outcome(() => warden.reloadPolicies())).toBe('policy_invalid');
    expect(await agent.get(id)).toBeNull();
    await rm(link);
    expect(await outcome(() => warden.reloadPolicies())).toBe('policy_invalid');
    expect(await agent.get(id)).toBeNull();
    await writeFile(join(one, 'agent.yaml'), '');
    await symlink(one, link);
    expect(await outcome(() => warden.reloadPolicies())).toBe('policy_invalid');
    expect(await agent.get(id)).toBeNull();
    await rm(link);
  });
});
