import { expect, test } from '@jest/globals';
import { searchAcross } from '../../src/memory/across.js';
import type { SharedSpace } from '../../src/memory/shared-space.js';
import { spaceOwner } from '../../src/model/space.js';
import { ABSENT, ADMIN, agentOf, describeOnEachStore, EXPORT, outcome, policyFolder } from '../support/warden.js';
import { everyByte, partitionOf } from './support.js';

const ALICE = agentOf('alice');
const BOB = agentOf('bob');
const MALLORY = agentOf('mallory');

async function raised(space: SharedSpace): Promise<unknown[]> {
  const raises: unknown[] = [];
  for await (const raise of space.classify()) raises.push(raise);
  return raises;
}

// Every call of a member, by what it answers where there is nothing.
const CALLS: Readonly<
  Record<string, { call: (space: SharedSpace, id: string) => Promise<unknown>; nothing: unknown }>
> = {
  get: { call: (space, id) => space.get(id), nothing: null },
  list: { call: (space) => space.list(), nothing: { memories: [] } },
  listKeyword: { call: (space) => space.list({ keyword: 'harbour' }), nothing: { memories: [] } },
  count: { call: (space) => space.count(), nothing: 0 },
  search: { call: (space) => space.search('harbour', { fill: 'recent' }), nothing: [] },
  add: { call: (space) => space.add('new'), nothing: 'not_found' },
  addMany: { call: (space) => space.addMany([{ content: 'a' }, { content: 'b' }]), nothing: 'not_found' },
  update: { call: (space, id) => space.update(id, { content: 'changed' }), nothing: 'not_found' },
  updateVersion: { call: (space, id) => space.update(id, { content: 'c', ifVersion: 9 }), nothing: 'not_found' },
  delete: { call: (space, id) => space.delete(id), nothing: 'not_found' },
  deleteMany: { call: (space) => space.deleteMany({ category: 'general' }), nothing: 0 },
  deleteAll: { call: (space) => space.deleteAll(), nothing: 0 },
  history: { call: (space, id) => space.history(id), nothing: 'not_found' },
  explain: { call: (space, id) => space.explain(id), nothing: 'not_found' },
  classify: { call: (space) => raised(space), nothing: [] },
};

describeOnEachStore('a shared space', (open, store) => {
  // What is decided of a list and of policies alone comes to the same on every store, and is shown on one.
  const testOnce = store === 'embedded' ? test : () => undefined;
  async function team(options: Parameters<typeof open>[0] = {}) {
    const opened = await open(options);
    const { warden } = opened;
    const admin = warden.space(ADMIN, 'team');
    await admin.create({
      onErase: 'keep',
      members: [
        { user: 'alice', access: 'write' },
        { user: 'bob', access: 'read' },
      ],
    });
    const alice = warden.space(ALICE, 'team');
    const bob = warden.space(BOB, 'team');
    const { id } = await alice.add('The harbour opens at six.', { level: 'public' });
    return { ...opened, admin, alice, bob, id };
  }

  testOnce(
    'a member with write access writes, one with read access reads, and neither names a user in the answer',
    async () => {
      const { alice, bob, id } = await team();
      const read = await bob.get(id);
      expect(read).toMatchObject({ id, space: 'team', content: 'The harbour opens at six.', level: 'public' });
      expect(Object.keys(read ?? {})).not.toContain('userId');
      expect(JSON.stringify(read)).not.toMatch(/alice|author/);
      expect((await alice.update(id, { content: 'The harbour opens at seven.' })).version).toBe(2);
      expect((await bob.history(id)).map(({ event }) => event)).toEqual(['create', 'update']);
      expect(await bob.count()).toBe(1);
    },
  );

  testOnce('who is a member to read changes nothing, and is answered as if nothing were there', async () => {
    const { bob, alice, id } = await team();
    for (const name of ['add', 'addMany', 'update', 'updateVersion', 'delete', 'deleteMany', 'deleteAll'] as const)
      expect([name, await outcome(() => CALLS[name]!.call(bob, id))]).toEqual([name, CALLS[name]!.nothing]);
    expect(await alice.list()).toMatchObject({ memories: [{ id, version: 1 }] });
  });

  test('S9, S10: a space that one is no member of is answered like one that does not exist, after the same queries', async () => {
    const { warden, watch, id } = await team();
    for (const [name, { call, nothing }] of Object.entries(CALLS)) {
      const seen = await Promise.all(
        ['team', 'nowhere'].map(async (spaceId) => {
          const space = warden.space(MALLORY, spaceId);
          const answer = await outcome(() => call(space, id));
          return { answer, spaceId };
        }),
      );
      expect([name, ...seen.map(({ answer }) => answer)]).toEqual([name, nothing, nothing]);
      const queries = [];
      for (const spaceId of ['team', 'nowhere']) {
        watch.calls.length = 0;
        await outcome(() => call(warden.space(MALLORY, spaceId), id));
        queries.push(watch.calls.map(({ method }) => method));
      }
      expect([name, queries[0]]).toEqual([name, queries[1]]);
    }
  });

  testOnce(
    'S9: what the policies refuse alone is forbidden, for spaces that exist and that do not, and nothing is asked',
    async () => {
      const { warden, watch, id } = await team();
      watch.calls.length = 0;
      for (const spaceId of ['team', 'nowhere']) {
        const space = warden.space(EXPORT, spaceId);
        for (const { call } of Object.values(CALLS)) expect(await outcome(() => call(space, id))).toBe('forbidden');
        const asAgent = warden.space(ALICE, spaceId);
        expect(await outcome(() => asAgent.grant({ user: 'mallory' }, 'read'))).toBe('forbidden');
        expect(await outcome(() => asAgent.members())).toBe('forbidden');
        expect(await outcome(() => asAgent.create({ onErase: 'keep' }))).toBe('forbidden');
        expect(await outcome(() => asAgent.add('x', { level: 'sensitive' }))).toBe('forbidden');
      }
      expect(watch.calls).toEqual([]);
    },
  );

  testOnce('an admin who is on no list grants and reads nothing; granting itself is on record', async () => {
    const { warden, admin, id } = await team();
    expect(await admin.get(id)).toBeNull();
    expect(await outcome(() => warden.space(ADMIN, 'nowhere').grant({ user: 'x' }, 'read'))).toBe('not_found');
    expect(await outcome(() => warden.space(ADMIN, 'nowhere').members())).toBe('not_found');
    expect(await outcome(() => admin.create({ onErase: 'remove' }))).toBe('space_exists');
    const officer = { ...ADMIN, userId: 'officer' };
    await admin.grant({ user: 'officer' }, 'read');
    expect(await warden.space(officer, 'team').get(id)).toMatchObject({ id });
    const acts = [];
    for (const record of await warden.audit(ADMIN).query())
      if (record.action === 'grant') acts.push([record.act, record.phase, record.outcome]);
    expect(acts).toContainEqual(['space.grant', 'result', 'allowed']);
  });

  testOnce('levels are as they are for a user: an agent neither writes nor reads what is sensitive', async () => {
    const { warden, admin, alice, id } = await team();
    await admin.grant({ user: 'officer' }, 'write');
    const officer = warden.space({ ...ADMIN, userId: 'officer' }, 'team');
    await officer.update(id, { level: 'sensitive' });
    expect(await alice.get(id)).toBeNull();
    expect(await outcome(() => alice.history(id))).toBe('not_found');
    expect(await officer.get(id)).toMatchObject({ level: 'sensitive' });
  });

  testOnce(
    'a member by an attribute is who has that value of that type, and nobody by what is missing (S4)',
    async () => {
      const { warden, admin, id } = await team();
      await admin.grant({ attribute: 'ward', value: 7 }, 'read');
      const as = (attributes: Record<string, string | number | boolean>) =>
        warden.space({ id: 'bot', role: 'agent', userId: 'carol', attributes }, 'team').get(id);
      expect(await as({ ward: 7 })).toMatchObject({ id });
      for (const attributes of [{ ward: '7' }, { ward: 70 }, { Ward: 7 }, { other: 7 }, {}])
        expect(await as(attributes as Record<string, number>)).toBeNull();
      await admin.revoke({ attribute: 'ward', value: 7 });
      expect(await as({ ward: 7 })).toBeNull();
    },
  );

  testOnce('G8: names of members and of spaces never match by prefix, pattern, case or look', async () => {
    const { warden, id, alice } = await team();
    for (const userId of ['alic', 'alicee', 'Alice', 'al*', '.*', 'аlice', 'a_ice', 'alice '])
      expect(await warden.space(agentOf(userId), 'team').get(id)).toBeNull();
    for (const spaceId of ['tea', 'teamm', 'Team', '*', 'te.m', 'team ', 'tеam', 'team/list'])
      expect(await warden.space(ALICE, spaceId).get(id)).toBeNull();
    expect(await alice.get(id)).not.toBeNull();
  });

  testOnce(
    'S3: no user has the name of a space: what is shared is in no partition, and no partition in a space',
    async () => {
      const { warden, driver, id, raw, keys } = await team();
      const name = spaceOwner('team');
      for (const act of [() => warden.scope(ADMIN, name), () => warden.space(ADMIN, name)])
        expect(await outcome(async () => act())).toMatch(/^invalid_/);
      expect(await outcome(() => warden.keys.erase(ADMIN, name))).toBe('invalid_owner');
      await warden.scope(agentOf('team'), 'team').add('The diary of a user whose name is team.');
      expect(await warden.scope(ADMIN, 'team').get(id)).toBeNull();
      expect(await warden.scope(ADMIN, 'team').count()).toBe(1);
      expect((await warden.users(ADMIN)).users.map(({ userId }) => userId)).toEqual(['team']);
      expect(await raw.memories()).toHaveLength(1);
      expect(await driver.maintenance.tally(partitionOf('team'))).toEqual({ memories: 1, states: 0 });
      const rings = await keys.store.rings(undefined, 10);
      expect(rings.map(({ userId }) => userId).sort()).toEqual(['team', name].sort());
    },
  );

  test('a revocation is in force at the next request, in every process', async () => {
    const { admin, alice, id, again } = await team();
    const other = await again();
    const [bob, elsewhere] = [other.space(BOB, 'team'), other.space(ALICE, 'team')];
    expect(await bob.search('harbour')).toHaveLength(1);
    await elsewhere.add('written by the other process');
    await admin.revoke({ user: 'bob' });
    await admin.grant({ user: 'alice' }, 'read');
    for (const [name, { call, nothing }] of Object.entries(CALLS))
      expect([name, await outcome(() => call(bob, id))]).toEqual([name, nothing]);
    expect(await outcome(() => elsewhere.add('too late'))).toBe('not_found');
    expect(await alice.count()).toBe(2);
    await admin.grant({ user: 'bob' }, 'read');
    expect(await bob.search('harbour')).toHaveLength(1);
  });

  test('S8: a write is held between decision and write while its author is revoked: nothing lands', async () => {
    const { watch, again, alice, id } = await team();
    const officer = (await again()).space(ADMIN, 'team');
    for (const name of ['add', 'update', 'delete', 'deleteAll']) {
      let held = 0;
      watch.before = async ({ method }) => {
        if (method !== 'insert' && method !== 'replace' && method !== 'remove') return;
        if ((held += 1) === 1) await officer.revoke({ user: 'alice' });
      };
      const result = await outcome(() => CALLS[name]!.call(alice, id));
      watch.before = undefined;
      expect([name, held, result]).toEqual([name, 1, 'not_found']);
      await officer.grant({ user: 'alice' }, 'write');
      expect(await alice.list()).toMatchObject({ memories: [{ id, version: 1 }] });
    }
  });

  test('S8: a write that was held while somebody else was let in lands', async () => {
    const { watch, again, alice } = await team();
    const officer = (await again()).space(ADMIN, 'team');
    watch.before = async ({ method }) => {
      if (method !== 'insert') return;
      watch.before = undefined;
      await officer.grant({ user: 'carol' }, 'read');
    };
    await alice.add('held');
    expect(await alice.count()).toBe(2);
  });

  testOnce('S12: a cursor goes on in its own space alone, and not after a revocation', async () => {
    const { warden, admin, alice } = await team();
    await warden.space(ADMIN, 'other').create({ onErase: 'keep', members: [{ user: 'alice', access: 'write' }] });
    await alice.add('second');
    const { cursor = '' } = await alice.list({ limit: 1 });
    expect((await alice.list({ limit: 1, cursor })).memories).toHaveLength(1);
    const elsewhere = [warden.space(ALICE, 'other'), warden.scope(ALICE, 'alice'), warden.space(BOB, 'team')];
    for (const handle of elsewhere)
      expect(await outcome(() => handle.list({ limit: 1, cursor }))).toBe('invalid_cursor');
    await admin.revoke({ user: 'alice' });
    // Not an empty page, which would say that this was all of it.
    expect(await outcome(() => alice.list({ limit: 1, cursor }))).toBe('invalid_cursor');
    expect(await alice.list({ limit: 1 })).toEqual({ memories: [] });
  });

  testOnce(
    'S13, G7: searches merge mine and shared by score alone: no statistic of one view enters another',
    async () => {
      const { warden, alice } = await team();
      const mine = warden.scope(ALICE, 'alice');
      await mine.add('I met Ruth at the harbour.', { occurredAt: '2026-01-01' });
      await mine.add('Ruth sails.', { occurredAt: '2026-01-02' });
      const alone = await mine.search('harbour');
      const [shared] = await alice.search('harbour');
      const merged = await searchAcross([mine, alice, warden.space(ALICE, 'nowhere')], 'harbour');
      expect(merged).toHaveLength(2);
      expect(merged).toEqual(expect.arrayContaining([...alone, shared]));
      expect(merged.map(({ score }) => score)).toEqual([...merged.map(({ score }) => score)].sort((a, b) => b - a));
      for (let n = 0; n < 20; n += 1) await alice.add(`The harbour of day ${n}.`);
      expect((await mine.search('harbour')).map(({ score }) => score)).toEqual(alone.map(({ score }) => score));
      expect(await searchAcross([mine, alice], 'harbour', { limit: 3 })).toHaveLength(3);
      expect(await outcome(() => searchAcross([{} as never], 'harbour'))).toBe('invalid_argument');
    },
  );

  testOnce('S13: the view of who is a member is not that of who is none', async () => {
    const { warden, bob } = await team();
    const mallory = warden.space(MALLORY, 'team');
    expect(await mallory.search('harbour')).toEqual([]);
    expect(await bob.search('harbour')).toHaveLength(1);
    expect(await mallory.search('harbour')).toEqual([]);
  });

  testOnce('explain says that the access list refused, and which rule would have allowed', async () => {
    const { bob, id } = await team();
    expect(await bob.explain(id)).toMatchObject({ allowed: true, rule: { id: 'agent-shared-memories' } });
    expect(await bob.explain(id, 'update')).toMatchObject({ allowed: false, refusedBy: 'access_list' });
  });

  testOnce('a rule on SharedMemory alone decides in spaces, and none on Memory does', async () => {
    const rules = `rules:
  - id: own
    action: [create, read]
    subject: Memory
    reason: All memories.
  - id: notices
    action: [create, read]
    subject: SharedMemory
    conditions: { category: notice }
    reason: Notices.
`;
    const { warden } = await open({ policies: await policyFolder({ porter: rules }) });
    const porter = { id: 'p', role: 'porter', userId: 'pat' };
    await warden.space(ADMIN, 'hall').create({ onErase: 'keep', members: [{ user: 'pat', access: 'write' }] });
    const hall = warden.space(porter, 'hall');
    const { id } = await hall.add('Lift out of order.', { category: 'notice' });
    expect(await outcome(() => hall.add('Lift out of order.'))).toBe('forbidden');
    expect(await hall.get(id)).toMatchObject({ category: 'notice' });
    expect(await outcome(() => hall.update(id, { content: 'x' }))).toBe('forbidden');
    expect(await outcome(() => warden.space(porter, 'elsewhere').add('x', { category: 'notice' }))).toBe('not_found');
  });

  testOnce(
    'a rule that may grant where a condition on records holds grants nothing: a space as a whole has no record',
    async () => {
      const rules = `rules:
  - id: some
    action: grant
    subject: SharedMemory
    conditions: { category: notice }
    reason: Notices.
`;
      const { warden } = await open({ policies: await policyFolder({ porter: rules }) });
      const porter = { id: 'p', role: 'porter' };
      expect(await outcome(() => warden.space(porter, 'hall').create({ onErase: 'keep' }))).toBe('forbidden');
    },
  );

  testOnce('malformed members, rules and ids are refused', async () => {
    const { warden, admin } = await team();
    const bad: readonly unknown[] = [{}, { user: '' }, { user: 'a', attribute: 'b', value: 1 }, { user: ['a'] }, null];
    for (const member of [...bad, { attribute: 'a' }, { user: { $ne: 1 } }, { attribute: 'a', value: { $gt: '' } }])
      expect(await outcome(() => admin.grant(member as never, 'read'))).toBe('invalid_argument');
    for (const access of ['admin', 'READ', '', undefined, { $in: ['read'] }])
      expect(await outcome(() => admin.grant({ user: 'x' }, access as never))).toBe('invalid_argument');
    for (const space of [{}, { onErase: 'maybe' }, { onErase: 'keep', authors: {} }, { onErase: 'keep', members: bad }])
      expect(await outcome(() => warden.space(ADMIN, 'new').create(space as never))).toBe('invalid_argument');
    for (const id of ['', ' \u0000', undefined, {}, ['team'], 'x'.repeat(257)])
      expect(await outcome(async () => warden.space(ADMIN, id as never))).toBe('invalid_argument');
    expect((await admin.members()).members).toHaveLength(2);
  });

  testOnce('a list takes 1,000 members and no more', async () => {
    const { warden } = await open();
    const big = warden.space(ADMIN, 'big');
    const members = Array.from({ length: 1_000 }, (_, n) => ({ user: `u${n}`, access: 'read' }) as const);
    await big.create({ onErase: 'keep', members });
    expect(await outcome(() => big.grant({ user: 'one more' }, 'read'))).toBe('invalid_argument');
    await big.grant({ user: 'u7' }, 'write');
    expect((await big.members()).members).toHaveLength(1_000);
  });

  test('S19: a list that somebody changed below counts as absent, with an alarm', async () => {
    const { warden, driver, alice, id } = await team();
    await warden.space(ADMIN, 'mine').create({ onErase: 'keep', members: [{ user: 'mallory', access: 'write' }] });
    const names = await driver.values.list('space.lists', 10);
    const [planted, target] = ['mine', 'team'].map((spaceId) => names.find(({ key }) => key.endsWith(`:${spaceId}`))!);
    await driver.values.replace('space.lists', target!.key, target!.version, planted!.value);
    expect(await warden.space(MALLORY, 'team').get(id)).toBeNull();
    expect(await alice.get(id)).toBeNull();
    expect(warden.alarmCount('malformed_record')).toBeGreaterThan(0);
  });

  test('G17, S26: no member, author or content is in clear in the store or the log, and the space has a pseudonym', async () => {
    const opened = await open();
    const { warden } = opened;
    const member = agentOf('canary-member-5d1f');
    await warden.space(ADMIN, 'canary-space').create({
      onErase: 'keep',
      members: [{ user: member.userId, access: 'write' }],
    });
    const space = warden.space(member, 'canary-space');
    const { id } = await space.add('canary-content-77aa');
    await space.get(id);
    const bytes = await everyByte(opened);
    for (const canary of ['canary-member-5d1f', 'canary-content-77aa']) expect(bytes).not.toContain(canary);
    const records = (await warden.audit(ADMIN).query()).filter(({ subject }) => subject === 'SharedMemory');
    expect(records.map(({ action }) => action)).toEqual(expect.arrayContaining(['grant', 'create', 'read']));
    expect(new Set(records.map(({ owner }) => owner)).size).toBeLessThanOrEqual(2);
    expect(JSON.stringify(records)).not.toMatch(/canary/);
  });

  test('G14: a rotation seals memories, states and the access list of a space anew, and nothing is unreadable', async () => {
    const { warden, alice, bob, id, keys, driver } = await team({ acts: { wait: () => Promise.resolve() } });
    await alice.update(id, { content: 'changed' });
    const before = (await keys.store.ring(partitionOf('team')))!.versions.map(({ keyId }) => keyId);
    const result = await warden.keys.rotateAll(ADMIN, new Date(Date.now() + 1_000));
    expect(result).toMatchObject({ users: 1, rows: 3, refused: 0 });
    const after = (await keys.store.ring(partitionOf('team')))!.versions.map(({ keyId }) => keyId);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    expect(await driver.maintenance.countNotUnder(partitionOf('team'), after[0])).toBe(0);
    expect(await bob.get(id)).toMatchObject({ content: 'changed' });
    expect(await bob.history(id)).toHaveLength(2);
    expect(await outcome(() => warden.space(MALLORY, 'team').get(ABSENT))).toBeNull();
  });

  test('G25: what expires in a space is purged with the rest', async () => {
    let now = new Date('2026-03-01T00:00:00Z');
    const { warden, alice, driver } = await team({ clock: () => now });
    await alice.add('for an hour', { ttl: 3_600_000 });
    now = new Date('2026-03-01T01:00:00Z');
    expect(await alice.count()).toBe(1);
    expect(await warden.purge()).toMatchObject({ deleted: 1 });
    expect(await driver.maintenance.tally(partitionOf('team'))).toEqual({ memories: 1, states: 0 });
  });

  if (store === 'mongodb')
    test('the collections of spaces are made with validators and indexes like those of users', async () => {
      const { warden } = await team();
      const findings = await warden.diagnose();
      for (const name of ['shared_memories', 'shared_history', 'shared_partitions'])
        expect(findings).toContainEqual(expect.objectContaining({ check: `validator of ${name}`, ok: true }));
    });
});
