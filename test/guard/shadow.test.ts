import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import type { Difference } from '../../src/index.js';
import { soundRecord } from '../support/raw.js';
import { ABSENT, ADMIN, agentOf, describeOnEachStore, EXPORT, outcome, policyFolder } from '../support/warden.js';

const told = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const AGENT = readFileSync(join(PACKAGED_POLICIES, 'agent.yaml'), 'utf8').replace(/^role: agent\n/m, '');
/** Reads and keeps public memories alone. */
const STRICT = AGENT.replace('{ $in: [public, private] }', 'public');
/** Reads and keeps every memory. */
const LOOSE = AGENT.replace('      sensitivity: { $in: [public, private] }\n', '');

const short = ({ on, action, level, field, live, candidate, liveRules, candidateRules }: Difference) =>
  [on, action, level, field, `${live} -> ${candidate}`, liveRules, candidateRules].filter((part) => part !== undefined);

describeOnEachStore('shadow mode', (open, store) => {
  async function shadowed(agent: string, onDifference?: (difference: Difference) => unknown) {
    const differences: Difference[] = [];
    const listener = onDifference ?? ((difference: Difference) => void differences.push(difference));
    const policies = await policyFolder({ agent });
    const opened = await open({ shadow: { policies, onDifference: listener } });
    const admin = opened.warden.scope(ADMIN, 'alice');
    const ids = {
      public: (await admin.add('PUBLIC-TEXT', { level: 'public' })).id,
      private: (await admin.add('PRIVATE-TEXT', { level: 'private' })).id,
      sensitive: (await admin.add('SENSITIVE-TEXT', { level: 'sensitive' })).id,
    };
    return { ...opened, policies, differences, ids, agent: opened.warden.scope(agentOf('alice'), 'alice') };
  }

  test('the same policies beside themselves differ nowhere, and every decision was compared', async () => {
    const { warden, agent, ids, differences } = await shadowed(AGENT);
    for (const id of [...Object.values(ids), ABSENT, 'nothing']) {
      await agent.get(id);
      await outcome(() => agent.update(id, { content: 'y' }));
    }
    await agent.list();
    await agent.count({ keyword: 'x' });
    await agent.history(ids.public);
    await agent.explain(ids.public);
    await outcome(() => warden.scope(agentOf('bob'), 'alice').list());
    await warden.users(EXPORT);
    await told();
    expect(differences).toEqual([]);
    expect(warden.shadowReport()).toMatchObject({ differing: 0, failed: 0, unlisted: 0, differences: [] });
    expect(warden.shadowReport()!.compared).toBeGreaterThan(20);
  });

  test('what a stricter candidate would take away is told once and counted each time; nobody gets another answer', async () => {
    const { warden, agent, ids, differences } = await shadowed(STRICT);
    expect((await agent.get(ids.private))?.content).toBe('PRIVATE-TEXT');
    expect((await agent.list()).memories).toHaveLength(2);
    expect((await agent.list()).memories).toHaveLength(2);
    await told();
    expect(differences.map(short)).toEqual([
      ['record', 'read', 'private', 'allowed -> denied', ['agent-own-memories'], []],
    ]);
    expect(differences[0]).toMatchObject({
      role: 'agent',
      subject: 'Memory',
      liveRevision: warden.policyRevision,
      candidateRevision: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { differing, differences: counted } = warden.shadowReport()!;
    expect([differing, counted.map(({ count }) => count)]).toEqual([3, [3]]);
  });

  test('S10: what a looser candidate would give is known where a miss by id looked at it, and the miss stays a miss', async () => {
    const { agent, ids, differences } = await shadowed(LOOSE);
    expect(await agent.get(ids.sensitive)).toBeNull();
    expect(await outcome(() => agent.delete(ids.sensitive))).toBe('not_found');
    expect(await agent.get(ABSENT)).toBeNull();
    expect((await agent.list()).memories).toHaveLength(2);
    await told();
    expect(differences.map(short)).toEqual([
      ['record', 'read', 'sensitive', 'denied -> allowed', [], ['agent-own-memories']],
      ['record', 'delete', 'sensitive', 'denied -> allowed', [], ['agent-own-memories']],
    ]);
  });

  test('whole plans are compared too: a partition that opens or closes, and the list of users', async () => {
    const { warden, agent, differences, policies } = await shadowed(
      'rules:\n  - { id: agent-lists-users, action: list, subject: User, reason: r }\n',
    );
    await writeFile(join(policies, 'export.yaml'), 'role: export\nrules: []\n');
    await warden.reloadPolicies();
    await agent.list();
    expect(await outcome(() => warden.users(agentOf('alice')))).toBe('forbidden');
    await warden.users(EXPORT);
    await told();
    const plans = differences.filter(({ on }) => on === 'plan').map((one) => [one.subject, one.role, ...short(one)]);
    expect(plans).toEqual([
      ['Memory', 'agent', 'plan', 'read', 'allowed -> denied', ['agent-own-memories'], []],
      ['User', 'agent', 'plan', 'list', 'denied -> allowed', [], ['agent-lists-users']],
      ['User', 'export', 'plan', 'list', 'allowed -> denied', ['export-lists-users'], []],
    ]);
  });

  // What follows does not depend on the store.
  if (store !== 'embedded') return;

  test('writes are compared: rights, and the highest level of a role', async () => {
    const { agent, differences } = await shadowed(STRICT.replace('maximum_level: sensitive', 'maximum_level: private'));
    const { id } = await agent.add('x', { level: 'public' });
    await agent.add('x', { level: 'sensitive' });
    await agent.update(id, { level: 'private' });
    await told();
    expect(differences.map(short)).toEqual(
      expect.arrayContaining([
        ['record', 'create', 'sensitive', 'allowed -> denied', ['maximum_level'], ['maximum_level']],
        ['record', 'read', 'private', 'allowed -> denied', ['agent-own-memories'], []],
      ]),
    );
  });

  test('S7: fields that one set shows and the other withholds are named', async () => {
    const { agent, ids, differences } = await shadowed(
      AGENT.replace(
        'action: [read, update, delete, explain]',
        'action: read\n    fields: [sensitivity, occurred_at, content, category, created_at, updated_at, version]',
      ),
    );
    await agent.get(ids.public);
    await told();
    const fields = differences.map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['metadata', 'speaker', 'expires_at', 'classified_by']));
    expect(fields).not.toContain('content');
    expect(new Set(differences.map(({ live, candidate }) => `${live} ${candidate}`))).toEqual(
      new Set(['allowed denied']),
    );
  });

  test('an event holds no content, no user and no id', async () => {
    const { agent, ids, differences, warden } = await shadowed(STRICT);
    await agent.list();
    await outcome(() => agent.get(ids.sensitive));
    await told();
    expect(differences.length).toBeGreaterThan(0);
    expect(JSON.stringify([differences, warden.shadowReport()])).not.toMatch(/TEXT|alice|bot/);
    for (const id of Object.values(ids)) expect(JSON.stringify(differences)).not.toContain(id);
  });

  test.each([
    ['throws', () => { throw new Error('of the listener'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('of the listener'))],
  ])('a listener that %s harms nobody', async (_, listener) => {
    const { agent, ids, warden } = await shadowed(STRICT, listener);
    expect((await agent.get(ids.private))?.content).toBe('PRIVATE-TEXT');
    await told();
    expect(warden.shadowReport()).toMatchObject({ differing: 1 });
  });

  test('users are compared one by one where the candidate lists only some', async () => {
    const { warden, policies, differences } = await shadowed(AGENT);
    const some =
      'role: export\nrules:\n  - { id: some, action: list, subject: User, conditions: { user_id: bob }, reason: r }\n';
    await writeFile(join(policies, 'export.yaml'), some);
    await warden.reloadPolicies();
    expect((await warden.users(EXPORT)).users).toHaveLength(1);
    await told();
    expect(differences.map((one) => [one.subject, ...short(one)])).toEqual([
      ['User', 'record', 'list', 'allowed -> denied', ['export-lists-users'], []],
    ]);
  });

  test('what was missed although the live set allows it tells nothing of policies', async () => {
    const { warden, agent, ids, differences, watch } = await shadowed(STRICT);
    watch.answer = ({ method }, result) => (method === 'findOne' ? null : result);
    expect(await agent.get(ids.private)).toBeNull();
    await told();
    const compared = warden.shadowReport()!.compared;
    expect(await agent.get(ids.public)).toBeNull();
    await told();
    expect([differences, warden.shadowReport()!.compared]).toEqual([[], compared]);
  });

  test('a candidate that refuses the principal itself is a difference, and the call goes on', async () => {
    const numeric =
      'rules:\n  - { id: by-tier, action: read, subject: Memory, principal: { attributes: { tier: 3 } }, reason: r }\n';
    const { warden, ids, differences } = await shadowed(numeric);
    const agent = warden.scope({ ...agentOf('alice'), attributes: { tier: 'three' } }, 'alice');
    expect(await agent.get(ids.public)).not.toBeNull();
    await told();
    expect(differences.map(short)).toContainEqual([
      'record', 'read', 'public', 'allowed -> denied', ['agent-own-memories'], [],
    ]); // prettier-ignore
  });

  test('S1: what is malformed or of another tenant is compared by nobody', async () => {
    const { agent, raw, differences } = await shadowed(LOOSE);
    const id = '01890000-0000-7000-8000-00000000000a';
    await raw.plant('alice', soundRecord('alice', id, { sensitivity: 'Public' }));
    expect(await agent.get(id)).toBeNull();
    await told();
    expect(differences).toEqual([]);
  });

  test('a candidate that does not load is refused at the start, and later goes on as it was', async () => {
    const broken = await policyFolder({ agent: 'rules: [\n' });
    expect(await outcome(() => open({ shadow: { policies: broken } }))).toBe('policy_invalid');
    const { warden, agent, policies, ids } = await shadowed(STRICT);
    await writeFile(join(policies, 'agent.yaml'), 'role: [');
    await warden.reloadPolicies();
    expect((await agent.get(ids.private))?.content).toBe('PRIVATE-TEXT');
    expect(warden.shadowReport()).toMatchObject({ failed: 1, differing: 1 });
    expect([warden.ready, warden.alarmCount('policy_reload_failed')]).toEqual([true, 0]);
  });

  test('a new candidate is compared after a reload, under its own revision', async () => {
    const { warden, agent, policies, ids, differences } = await shadowed(STRICT);
    await agent.get(ids.private);
    const next = join(policies, 'agent.yaml.next');
    await writeFile(next, `role: agent\n${STRICT.replace('sensitivity: public', 'sensitivity: private')}`);
    await rename(next, join(policies, 'agent.yaml'));
    await warden.reloadPolicies();
    await agent.get(ids.private);
    await agent.get(ids.public);
    await told();
    expect(differences.map(({ level }) => level)).toEqual(['private', 'public']);
    expect(new Set(differences.map(({ candidateRevision }) => candidateRevision)).size).toBe(2);
  });
});
