import { expect, test } from '@jest/globals';
import { verifyCertificate } from '../../src/compliance/erase/certificate.js';
import type { OnErase } from '../../src/model/space-list.js';
import { ABSENT, ADMIN, agentOf, describeOnEachStore, outcome, ownerOf, policyFolder } from '../support/warden.js';
import { everyByte, partitionOf } from './support.js';

const ALICE = ownerOf('alice');
const BOB = ownerOf('bob');

describeOnEachStore('sharing a memory', (open) => {
  async function two(onErase: OnErase = 'keep', options: Parameters<typeof open>[0] = {}) {
    const opened = await open({ policies: await policyFolder(), ...options });
    const { warden } = opened;
    const admin = warden.space(ADMIN, 'team');
    await admin.create({
      onErase,
      members: [
        { user: 'alice', access: 'write' },
        { user: 'bob', access: 'write' },
      ],
    });
    const mine = warden.scope(ALICE, 'alice');
    return { ...opened, admin, mine, alice: warden.space(ALICE, 'team'), bob: warden.space(BOB, 'team') };
  }

  test('a shared memory is a copy of what its sharer may read, and what is private stays as it is', async () => {
    const { mine, bob } = await two();
    const { id } = await mine.add('Meet at the mill.', {
      level: 'public',
      category: 'plan',
      metadata: { at: 'noon' },
      speaker: 'Alice',
      occurredAt: '2026-02-03',
    });
    const shared = await mine.share(id, 'team');
    expect(shared).toMatchObject({ space: 'team', content: 'Meet at the mill.', level: 'public', category: 'plan' });
    expect(shared.id).not.toBe(id);
    expect(await bob.get(shared.id)).toMatchObject({ metadata: { at: 'noon' }, speaker: 'Alice' });
    await bob.update(shared.id, { content: 'Meet at the pier.' });
    expect(await mine.get(id)).toMatchObject({ content: 'Meet at the mill.', version: 1 });
    expect(await mine.count()).toBe(1);
  });

  test('sharing is decided on both sides, and nothing lands where one refuses', async () => {
    const { warden, mine, admin, bob, watch } = await two();
    const { id } = await mine.add('mine alone');
    const agent = warden.scope(agentOf('alice'), 'alice');
    watch.calls.length = 0;
    expect(await outcome(() => agent.share(id, 'team'))).toBe('forbidden');
    expect(watch.calls).toEqual([]);
    expect(await outcome(() => mine.share(ABSENT, 'team'))).toBe('not_found');
    expect(await outcome(() => mine.share(id, 'nowhere'))).toBe('not_found');
    await admin.grant({ user: 'alice' }, 'read');
    expect(await outcome(() => mine.share(id, 'team'))).toBe('not_found');
    await admin.revoke({ user: 'alice' });
    expect(await outcome(() => mine.share(id, 'team'))).toBe('not_found');
    expect(await outcome(() => warden.scope(BOB, 'bob').share(id, 'team'))).toBe('not_found');
    expect(await bob.count()).toBe(0);
  });

  test('S24: sharing is on record on both sides', async () => {
    const { warden, mine } = await two();
    const { id } = await mine.add('told');
    await mine.share(id, 'team');
    const records = (await warden.audit(ADMIN).query()).map(({ subject, action, phase, outcome: how }) =>
      [subject, action, phase, how].join(' '),
    );
    for (const record of ['Memory share intent allowed', 'SharedMemory create intent allowed'])
      expect(records).toContain(record);
    for (const record of ['SharedMemory create result allowed', 'Memory share result allowed'])
      expect(records).toContain(record);
  });

  test('a reference resolves as long as its reader is a member, and to nothing after that', async () => {
    const { warden, mine, bob, admin, alice } = await two();
    const { id } = await bob.add('The key is under the mat.');
    const note = await mine.add('Where the key is.', { metadata: { shared: { space: 'team', id } } });
    const read = (await mine.get(note.id))!;
    expect(await mine.resolve(read)).toMatchObject({ id, content: 'The key is under the mat.' });
    expect(await mine.resolve({ space: 'team', id })).toMatchObject({ id });
    await admin.revoke({ user: 'alice' });
    expect(await mine.resolve(read)).toBeNull();
    expect(await mine.resolve({ space: 'nowhere', id })).toBeNull();
    // The policies do not let this role into spaces at all.
    expect(await warden.scope({ id: 'job', role: 'export' }, 'alice').resolve({ space: 'team', id })).toBeNull();
    await admin.grant({ user: 'alice' }, 'read');
    expect(await mine.resolve(read)).toMatchObject({ id });
    await bob.delete(id);
    expect(await mine.resolve(read)).toBeNull();
    expect(await alice.get(id)).toBeNull();
  });

  test('G3: what is no reference to anything resolves to nothing, and what is neither a memory nor a reference is refused', async () => {
    const { mine } = await two();
    for (const given of [
      { userId: 'alice' },
      { userId: 'alice', metadata: { shared: 'team' } },
      { userId: 'alice', metadata: { shared: { space: '', id: 'x' } } },
      { userId: 'alice', metadata: { shared: { space: { $ne: '' }, id: 'x' } } },
      { userId: 'alice', metadata: { shared: { space: 'team', id: { $gt: '' } } } },
      { space: 'team', id: ABSENT },
    ])
      expect([given, await mine.resolve(given as never)]).toEqual([given, null]);
    for (const given of [
      null,
      'team',
      {},
      { metadata: { shared: { space: 'team', id: 'x' } } },
      { space: 'team', id: { $gt: '' } },
    ])
      expect([given, await outcome(() => mine.resolve(given as never))]).toEqual([given, 'invalid_argument']);
  });

  test('a member who is erased leaves what was written where the space keeps it, under a name that leads nowhere', async () => {
    const { warden, admin, alice, bob, driver } = await two('keep', { acts: { wait: () => Promise.resolve() } });
    const { id } = await alice.add('by alice');
    await bob.update(id, { content: 'by alice, amended' });
    await warden.scope(ALICE, 'alice').add('private');
    const certificate = await warden.keys.erase(ADMIN, 'alice');
    expect(certificate.shared).toEqual([{ space: expect.any(String), rule: 'keep', removed: 0 }]);
    expect(JSON.stringify(certificate)).not.toMatch(/alice|team/);
    expect(verifyCertificate(JSON.stringify(certificate), JSON.stringify(await warden.keys.publicKeys()))).toEqual(
      certificate,
    );
    expect(await bob.get(id)).toMatchObject({ content: 'by alice, amended' });
    expect((await admin.members()).members).toEqual([{ user: 'bob', access: 'write' }]);
    expect(await alice.get(id)).toBeNull();
    const [record] = await driver.maintenance.memories(partitionOf('team'), undefined, 10);
    expect(record?.author).toMatch(/^[0-9a-f]{32}$/);
  });

  test('G21: where the space removes, what an erased member wrote goes with its history, and nothing of others', async () => {
    const opened = await two('remove', { acts: { wait: () => Promise.resolve() } });
    const { warden, alice, bob, driver } = opened;
    await warden.space(ADMIN, 'kept').create({ onErase: 'keep', members: [{ user: 'alice', access: 'read' }] });
    const { id } = await alice.add('by alice');
    await alice.update(id, { content: 'by alice, later' });
    await alice.delete((await alice.add('deleted by alice')).id);
    for (let n = 0; n < 3; n += 1) await alice.add(`more ${n}`);
    const kept = await bob.add('by bob');
    const certificate = await warden.keys.erase(ADMIN, 'alice');
    expect(certificate.shared?.map(({ rule, removed }) => [rule, removed]).sort()).toEqual([
      ['keep', 0],
      ['remove', 4],
    ]);
    expect((await bob.list()).memories.map(({ id: one }) => one)).toEqual([kept.id]);
    expect(await driver.maintenance.tally(partitionOf('team'))).toEqual({ memories: 1, states: 0 });
    expect(await everyByte(opened)).not.toContain('alice');
    expect(await outcome(() => bob.add('still open'))).toMatchObject({ content: 'still open' });
  });

  test('an erased user of whom there is no list has none on the certificate', async () => {
    const { warden } = await two('remove', { acts: { wait: () => Promise.resolve() } });
    await warden.scope(ownerOf('carol'), 'carol').add('x');
    expect(await warden.keys.erase(ADMIN, 'carol')).not.toHaveProperty('shared');
  });

  test('S22: what a member who is being erased was about to write in a space does not land', async () => {
    const { warden, alice, bob, watch, again } = await two('remove', { acts: { wait: () => Promise.resolve() } });
    await alice.add('before');
    const officer = await again();
    let held = 0;
    watch.before = async ({ method }) => {
      if (method === 'insert' && (held += 1) === 1) await officer.keys.erase(ADMIN, 'alice');
    };
    expect(await outcome(() => alice.add('late'))).toBe('not_found');
    watch.before = undefined;
    expect([held, await bob.count(), await warden.space(BOB, 'team').count()]).toEqual([1, 0, 0]);
  });

  test.each(['fenced', 'spaces left', 'keys destroyed', 'swept'])(
    'an erasure that is cut off at "%s" goes on, and its certificate tells of the spaces all the same',
    async (at) => {
      let cut = true;
      const step = (name: string) => {
        if (cut && name === at) throw new Error('cut off');
      };
      const { warden, alice, bob } = await two('remove', { acts: { wait: () => Promise.resolve(), step } });
      await alice.add('by alice');
      await outcome(() => warden.keys.erase(ADMIN, 'alice'));
      cut = false;
      const [certificate] = await warden.keys.resumeErasures(ADMIN);
      expect(certificate?.shared).toEqual([{ space: expect.any(String), rule: 'remove', removed: 1 }]);
      expect(await bob.count()).toBe(0);
    },
  );
});
