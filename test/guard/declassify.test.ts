import { expect, test } from '@jest/globals';
import { LEVELS } from '../../src/model/levels.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, ownerOf, policyFolder } from '../support/warden.js';

const HOUR = 3_600_000;

describeOnEachStore('declassifying', (open) => {
  test.each([
    ['private', 'public'],
    ['sensitive', 'private'],
    ['sensitive', 'public'],
  ] as const)('S6: lowering %s to %s is reclassify: an admin may, an agent and the owner may not', async (from, to) => {
    const { warden } = await open({ policies: await policyFolder() });
    const admin = warden.scope(ADMIN, 'alice');
    const { id } = await admin.add('text', { level: from });
    for (const principal of [agentOf('alice'), ownerOf('alice')]) {
      expect(await outcome(() => warden.scope(principal, 'alice').update(id, { level: to }))).toBe('not_found');
      expect(
        await outcome(() => warden.scope(principal, 'alice').update(id, { level: to, content: 'x', category: 'y' })),
      ).toBe('not_found');
    }
    expect(await admin.get(id)).toMatchObject({ level: from, content: 'text', version: 1 });
    expect(await admin.update(id, { level: to })).toMatchObject({ level: to, version: 2 });
  });

  test.each([
    ['moving it later', { expiresAt: '2026-03-01T14:00:00.001Z' }],
    ['moving it later by ttl', { ttl: 2 * HOUR + 1 }],
    ['removing it', { expiresAt: null }],
  ] as const)('S6: an expiry: %s is reclassify: an admin may, an agent may not', async (_, change) => {
    const { warden } = await open({ clock: handClock() });
    const agent = warden.scope(agentOf('alice'), 'alice');
    const { id } = await agent.add('text', { ttl: 2 * HOUR });
    expect(await outcome(() => agent.update(id, change))).toBe('not_found');
    expect(await agent.get(id)).toMatchObject({ expiresAt: new Date('2026-03-01T14:00:00.000Z'), version: 1 });
    expect(await warden.scope(ADMIN, 'alice').update(id, change)).toMatchObject({ version: 2 });
  });

  test('S6: moving an expiry earlier, leaving it where it is and giving a first one need no reclassify', async () => {
    const { warden } = await open({ clock: handClock() });
    const agent = warden.scope(agentOf('alice'), 'alice');
    const { id } = await agent.add('text');
    expect(await agent.update(id, { ttl: 2 * HOUR })).toMatchObject({ version: 2 });
    expect(await agent.update(id, { ttl: 2 * HOUR })).toMatchObject({ version: 2 });
    expect(await agent.update(id, { ttl: HOUR })).toMatchObject({ version: 3 });
    expect(await outcome(() => agent.update(id, { ttl: 2 * HOUR }))).toBe('not_found');
  });

  test('S6: reclassify is decided on the record before and after', async () => {
    const rules = (sensitivity: string) => `rules:
  - { id: clerk-all, action: [create, read, update], subject: Memory, reason: r }
  - { id: clerk-lower, action: reclassify, subject: Memory, conditions: { sensitivity: { $in: ${sensitivity} } }, reason: r }
`;
    for (const [levels, from, to, allowed] of [
      ['[sensitive]', 'sensitive', 'private', false],
      ['[private]', 'sensitive', 'private', false],
      ['[sensitive, private]', 'sensitive', 'private', true],
      ['[sensitive, private]', 'private', 'public', false],
    ] as const) {
      const { warden } = await open({ policies: await policyFolder({ clerk: rules(levels) }) });
      const { id } = await warden.scope(ADMIN, 'alice').add('text', { level: from });
      const done = await outcome(() => warden.scope({ id: 'c', role: 'clerk' }, 'alice').update(id, { level: to }));
      expect(done).toEqual(allowed ? expect.objectContaining({ level: to }) : 'not_found');
    }
  });

  test('S6: raising while the expiry moves later is reclassify too', async () => {
    const { warden } = await open({ clock: handClock() });
    const agent = warden.scope(agentOf('alice'), 'alice');
    const { id } = await agent.add('text', { level: 'public', ttl: HOUR });
    expect(await outcome(() => agent.update(id, { level: 'private', ttl: 2 * HOUR }))).toBe('not_found');
    expect(await agent.update(id, { level: 'private' })).toMatchObject({ level: 'private' });
  });

  test('S6: raising needs update before and create at the new level', async () => {
    const rules = `rules:
  - { id: clerk-read, action: read, subject: Memory, reason: r }
  - { id: clerk-update, action: update, subject: Memory, conditions: { sensitivity: { $in: [public, sensitive] } }, reason: r }
  - { id: clerk-create, action: create, subject: Memory, conditions: { sensitivity: { $in: [public, private] } }, reason: r }
`;
    const { warden } = await open({ policies: await policyFolder({ clerk: rules }) });
    const clerk = warden.scope({ id: 'c', role: 'clerk' }, 'alice');
    const of = async (level: (typeof LEVELS)[number]) => (await warden.scope(ADMIN, 'alice').add('text', { level })).id;
    expect(await outcome(async () => clerk.update(await of('public'), { level: 'sensitive' }))).toBe('not_found');
    expect(await outcome(async () => clerk.update(await of('private'), { level: 'sensitive' }))).toBe('not_found');
    expect(await clerk.update(await of('public'), { level: 'private' })).toMatchObject({ level: 'private' });
  });

  test('S6: an answer above the read level carries id, userId and level only, on add, addMany and update', async () => {
    const { warden } = await open();
    const agent = warden.scope(agentOf('alice'), 'alice');
    const bare = { id: expect.any(String), userId: 'alice', level: 'sensitive' };
    const given = {
      level: 'sensitive',
      category: 'health',
      speaker: 'Dr. Who',
      metadata: { a: 1 },
      sessionId: 's',
      ttl: HOUR,
    } as const;
    expect(await agent.add('secret', given)).toStrictEqual(bare);
    expect(await agent.add([{ role: 'user', content: 'secret' }], { level: 'sensitive' })).toStrictEqual([bare]);
    expect(await agent.addMany([{ content: 'secret', ...given }])).toStrictEqual([bare]);
    const { id } = await agent.add('soon secret', { level: 'private', speaker: 'me' });
    expect(await agent.update(id, { level: 'sensitive' })).toStrictEqual({ ...bare, id });
    expect(await agent.get(id)).toBeNull();
    expect(await warden.scope(ADMIN, 'alice').get(id)).toMatchObject({
      content: 'soon secret',
      speaker: 'me',
      version: 2,
    });
  });

  test('maximum_level bounds what a role writes, on add and on update, whatever its rules say; default_level fills in', async () => {
    const rules = `default_level: public
maximum_level: private
rules:
  - { id: clerk-all, action: [create, read, update, delete], subject: Memory, reason: r }
`;
    const { warden, watch } = await open({ policies: await policyFolder({ clerk: rules }) });
    const clerk = warden.scope({ id: 'c', role: 'clerk' }, 'alice');
    const { id, level } = await clerk.add('text');
    expect(level).toBe('public');
    watch.calls.length = 0;
    expect(await outcome(() => clerk.add('text', { level: 'sensitive' }))).toBe('forbidden');
    expect(await outcome(() => clerk.update(id, { level: 'sensitive' }))).toBe('forbidden');
    expect(watch.calls).toEqual([]);
    expect(await clerk.update(id, { level: 'private' })).toMatchObject({ level: 'private' });
    const { id: high } = await warden.scope(ADMIN, 'alice').add('text', { level: 'sensitive' });
    expect(await outcome(() => clerk.update(high, { content: 'what stays above is above' }))).toBe('not_found');
  });
});
