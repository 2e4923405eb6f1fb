import { expect, test } from '@jest/globals';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { spaceOwner } from '../../src/model/space.js';
import { exported, rowsOf } from '../compliance/export/support.js';
import { ADMIN, agentOf, describeOnEachStore, outcome, ownerOf, policyFolder } from '../support/warden.js';

const ALICE = agentOf('alice');

describeOnEachStore('S8, S27: a member who is revoked between the look at the list and the key', (open) => {
  test('writes nothing', async () => {
    let held: (() => Promise<void>) | undefined;
    const classify = async () => {
      const now = held;
      held = undefined;
      await now?.();
      return undefined;
    };
    const { warden } = await open({ classify });
    const admin = warden.space(ADMIN, 'team');
    await admin.create({ onErase: 'keep', members: [{ user: 'alice', access: 'write' }] });
    const alice = warden.space(ALICE, 'team');
    const { id } = await alice.add('first');
    const calls = {
      add: () => alice.add('late'),
      addMany: () => alice.addMany([{ content: 'late' }]),
      update: () => alice.update(id, { content: 'late' }),
    };
    for (const [name, call] of Object.entries(calls)) {
      held = () => admin.revoke({ user: 'alice' });
      expect([name, await outcome(call)]).toEqual([name, 'not_found']);
      await admin.grant({ user: 'alice' }, 'write');
      expect((await alice.list()).memories).toMatchObject([{ id, content: 'first' }]);
    }
  });

  test('is handed out nothing more by an export', async () => {
    const { warden, watch } = await open({ classify: false, policies: await policyFolder() });
    const admin = warden.space(ADMIN, 'team');
    await admin.create({ onErase: 'keep', members: [{ user: 'alice', access: 'write' }] });
    await warden.space(ALICE, 'team').add('of the team');
    let isRevoked = false;
    watch.before = async ({ method }) => {
      if (method !== 'revision' || isRevoked) return;
      isRevoked = true;
      await admin.revoke({ user: 'alice' });
    };
    const out = await exported({ warden }, ownerOf('alice'), { spaces: ['team'] });
    expect([isRevoked, rowsOf(out)]).toEqual([true, []]);
  });

  test('and again, where the first try was cut off behind the list, has no key to write with', async () => {
    const { warden, keys } = await open({ classify: false });
    const admin = warden.space(ADMIN, 'team');
    await admin.create({ onErase: 'keep', members: [{ user: 'alice', access: 'write' }] });
    await warden.space(ALICE, 'team').add('first');
    const space = { tenant: 'default', userId: spaceOwner('team') };
    const before = Number(await keys.epochOf(space));
    const pass = keys.rings.pass.bind(keys.rings);
    keys.rings.pass = () => {
      keys.rings.pass = pass;
      return Promise.reject(new MemwardenError('store_unavailable'));
    };
    expect(await outcome(() => admin.revoke({ user: 'alice' }))).toBe('store_unavailable');
    await admin.revoke({ user: 'alice' });
    expect(Number(await keys.epochOf(space))).toBeGreaterThan(before);
  });
});
