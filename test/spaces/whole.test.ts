import { expect, test } from '@jest/globals';
import { verifyCertificate } from '../../src/compliance/erase/certificate.js';
import { spaceOwner } from '../../src/model/space.js';
import { ADMIN, agentOf, describeOnEachStore, EXPORT, outcome, policyFolder } from '../support/warden.js';
import { everyByte, partitionOf } from './support.js';

const ALICE = agentOf('alice');
const BOB = agentOf('bob');
const MALLORY = agentOf('mallory');
const atOnce = { acts: { wait: () => Promise.resolve() } };

describeOnEachStore('spaces as a whole', (open) => {
  async function three(options: Parameters<typeof open>[0] = {}) {
    const opened = await open(options);
    const { warden } = opened;
    const make = (name: string, members: readonly { user: string; access: 'read' | 'write' }[]) =>
      warden.space(ADMIN, name).create({ onErase: 'remove', members });
    await make('b', [
      { user: 'alice', access: 'write' },
      { user: 'bob', access: 'read' },
    ]);
    await make('a', [{ user: 'alice', access: 'read' }]);
    await make('c', [{ user: 'bob', access: 'write' }]);
    return opened;
  }

  test('a principal lists the spaces that it reads, with what it may do there, and who may grant lists them all', async () => {
    const { warden } = await three();
    expect(await warden.spaces(ALICE)).toEqual({
      spaces: [
        { id: 'a', access: 'read' },
        { id: 'b', access: 'write' },
      ],
    });
    expect((await warden.spaces(BOB)).spaces.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(await warden.spaces(ADMIN)).toEqual({ spaces: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
    expect(await warden.spaces(MALLORY)).toEqual({ spaces: [] });
    await warden.space(ADMIN, 'a').revoke({ user: 'alice' });
    expect((await warden.spaces(ALICE)).spaces.map(({ id }) => id)).toEqual(['b']);
  });

  test('S9: who may do nothing with spaces is refused, whatever there is, and it is on record', async () => {
    const { warden } = await three({ policies: await policyFolder() });
    expect(await outcome(() => warden.spaces(EXPORT))).toBe('forbidden');
    expect(await outcome(() => warden.spaces({ id: 'x', role: 'nobody' }))).toBe('forbidden');
    const told = (await warden.audit(ADMIN).query()).filter(({ act }) => act === 'spaces');
    expect(told.map(({ outcome: how, subject }) => [how, subject])).toEqual([
      ['denied', 'SharedMemory'],
      ['denied', 'SharedMemory'],
    ]);
  });

  test('S12, G7: pages of spaces go on behind the last that was shown, for one principal alone, and those of others change nothing', async () => {
    const { warden } = await three();
    const before = await warden.spaces(ALICE, { limit: 1 });
    await warden.space(ADMIN, 'aa').create({ onErase: 'keep' });
    expect(await warden.spaces(ALICE, { limit: 1 })).toEqual(before);
    const { cursor = '' } = before;
    expect(await warden.spaces(ALICE, { limit: 1, cursor })).toEqual({ spaces: [{ id: 'b', access: 'write' }] });
    expect(await outcome(() => warden.spaces(BOB, { cursor }))).toBe('invalid_cursor');
    expect(await outcome(() => warden.spaces(ALICE, { limit: 0 }))).toBe('invalid_argument');
  });

  test('G21: an erased space is gone with its list and key, for everybody, and a signed certificate says so', async () => {
    const opened = await three(atOnce);
    const { warden, keys, driver } = opened;
    const { id } = await warden.space(ALICE, 'b').add('canary of the erased space');
    await warden.space(ALICE, 'b').update(id, { content: 'changed' });
    expect(await outcome(() => warden.keys.eraseSpace(ALICE, 'b'))).toBe('forbidden');
    expect(await outcome(() => warden.keys.eraseSpace(ADMIN, 'absent'))).toBe('not_found');
    const certificate = await warden.keys.eraseSpace(ADMIN, 'b');
    expect(certificate).toMatchObject({ deleted: { memories: 1, states: 1 } });
    // The key of the space, that of its pseudonym, and the secret of its one author.
    expect(certificate.keyIds).toHaveLength(3);
    expect(JSON.stringify(certificate)).not.toContain(spaceOwner('b'));
    expect(verifyCertificate(JSON.stringify(certificate), JSON.stringify(await warden.keys.publicKeys()))).toEqual(
      certificate,
    );
    for (const who of [ALICE, BOB, ADMIN]) expect(await warden.space(who, 'b').get(id)).toBeNull();
    expect((await warden.spaces(ADMIN)).spaces.map(({ id: one }) => one)).toEqual(['a', 'c']);
    expect(await outcome(() => warden.space(ADMIN, 'b').members())).toBe('not_found');
    expect(await keys.store.ring(partitionOf('b'))).toBeUndefined();
    expect(await driver.maintenance.tally(partitionOf('b'))).toEqual({ memories: 0, states: 0 });
    expect(await everyByte(opened)).not.toContain(`${spaceOwner('b')}\u{e000}list`);
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
    // The name is free again, and nothing of before comes with it.
    await warden.space(ADMIN, 'b').create({ onErase: 'keep', members: [{ user: 'bob', access: 'write' }] });
    expect(await warden.space(BOB, 'b').list()).toEqual({ memories: [] });
    expect(await warden.space(BOB, 'b').add('anew')).toMatchObject({ space: 'b' });
  });

  test.each(['begun', 'keys destroyed', 'swept', 'swept again'])(
    'S22: an erasure of a space that is cut off at "%s" answers nothing of it, and goes on with the others',
    async (at) => {
      let cut = true;
      const step = (name: string) => {
        if (cut && name === at) throw new Error('cut off');
      };
      const { warden } = await three({ acts: { wait: () => Promise.resolve(), step } });
      const { id } = await warden.space(ALICE, 'b').add('x');
      await outcome(() => warden.keys.eraseSpace(ADMIN, 'b'));
      expect(await warden.space(ALICE, 'b').get(id)).toBeNull();
      expect((await warden.spaces(ALICE)).spaces.map(({ id: one }) => one)).toEqual(['a']);
      cut = false;
      expect(await warden.keys.resumeErasures(ADMIN)).toHaveLength(1);
      expect((await warden.spaces(ADMIN)).spaces.map(({ id: one }) => one)).toEqual(['a', 'c']);
    },
  );
});
