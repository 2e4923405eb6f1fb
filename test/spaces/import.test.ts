import { expect, test } from '@jest/globals';
import { importerOf } from '../../src/internals.js';
import { recordDraft } from '../../src/memory/import.js';
import type { Principal } from '../../src/model/principal.js';
import { ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';

const ALICE = agentOf('alice');
const BOB = agentOf('bob');
const MALLORY = agentOf('mallory');
const TEAM = { space: 'team' };

const drafts = (...contents: string[]) => contents.map((content) => recordDraft({ content }, new Date()));
const sensitive = () => recordDraft({ content: 'hers alone', sensitivity: 'sensitive' }, new Date());

describeOnEachStore('importing into a space', (open) => {
  async function team(onErase: 'keep' | 'remove' = 'keep') {
    const opened = await open();
    const officer = opened.warden.space(ADMIN, 'team');
    await officer.create({
      onErase,
      members: [
        { user: 'alice', access: 'write' },
        { user: 'bob', access: 'read' },
        { user: 'officer', access: 'write' },
      ],
    });
    const importer = (who: Principal) => importerOf(opened.warden, who);
    return { ...opened, officer, importer };
  }

  test('the list and the policies decide on each record, and what the policies refuse comes back as refused', async () => {
    const { warden, importer } = await team();
    const [first, refused, last] = [...drafts('first'), sensitive(), ...drafts('last')];
    expect(await importer({ ...ADMIN, userId: 'officer' }).store(TEAM, [sensitive()])).toEqual([]);
    expect(await importer(ALICE).store(TEAM, [first!, last!])).toEqual([]);
    const export_ = { id: 'x', role: 'export', userId: 'alice' };
    expect(await importer(export_).store(TEAM, [refused!])).toEqual([refused]);
    expect(await warden.space({ ...ADMIN, userId: 'officer' }, 'team').count()).toBe(3);
    expect((await warden.users(ADMIN)).users).toEqual([]);
  });

  test('S9, S10: who may not write is answered as where there is no such space, after the same queries', async () => {
    const { warden, watch, importer } = await team();
    const seen: unknown[] = [];
    for (const [who, into] of [
      [BOB, TEAM],
      [MALLORY, TEAM],
      [ALICE, { space: 'absent' }],
      [ADMIN, TEAM],
    ] as const) {
      for (const act of [
        () => importer(who).assertMayCreate(into),
        () => importer(who).store(into, drafts('not to be there')),
      ]) {
        watch.calls.length = 0;
        seen.push([await outcome(act), watch.calls.map(({ method }) => method)]);
      }
    }
    for (const one of seen) expect(one).toEqual(['not_found', ['look']]);
    expect(await outcome(() => importer(ALICE).assertMayCreate(TEAM))).toBeUndefined();
    expect(await outcome(() => importer({ id: 'x', role: 'export' }).assertMayCreate(TEAM))).toBe('forbidden');
    expect(await warden.space(ALICE, 'team').count()).toBe(0);
  });

  test('G28: what was stored by an attempt that was cut off is left as it is, and the rest follows', async () => {
    const { warden, importer } = await team();
    const all = drafts('one', 'two', 'three');
    await importer(ALICE).store(TEAM, all.slice(0, 2));
    expect(await importer(ALICE).store(TEAM, all)).toEqual([]);
    expect(await warden.space(BOB, 'team').count()).toBe(3);
    expect((await warden.space(BOB, 'team').get(all[0]!.id))?.version).toBe(1);
  });

  test('S8: an import that is held between decision and write while its author is revoked lands nothing', async () => {
    const { warden, watch, again, importer } = await team();
    const elsewhere = (await again()).space(ADMIN, 'team');
    let held = 0;
    watch.before = async ({ method }) => {
      if (method === 'insert' && (held += 1) === 1) await elsewhere.grant({ user: 'alice' }, 'read');
    };
    expect(await outcome(() => importer(ALICE).store(TEAM, drafts('too late')))).toBe('not_found');
    expect(held).toBe(1);
    expect(await warden.space(ALICE, 'team').count()).toBe(0);
  });

  test('S8: one that was held while somebody else was let in lands, once', async () => {
    const { warden, watch, again, importer } = await team();
    const elsewhere = (await again()).space(ADMIN, 'team');
    watch.before = async ({ method }) => {
      if (method !== 'insert') return;
      watch.before = undefined;
      await elsewhere.grant({ user: 'carol' }, 'read');
    };
    await importer(ALICE).store(TEAM, drafts('held'));
    expect(await warden.space(BOB, 'team').count()).toBe(1);
  });

  test('G21: what was imported is of the user who imported it, and goes with that user where the space says so', async () => {
    const opened = await open({ acts: { wait: () => Promise.resolve() } });
    const { warden } = opened;
    const members = ['alice', 'bob'].map((user) => ({ user, access: 'write' as const }));
    await warden.space(ADMIN, 'team').create({ onErase: 'remove', members });
    await importerOf(warden, ALICE).store(TEAM, drafts('hers', 'hers too'));
    await importerOf(warden, BOB).store(TEAM, drafts('his'));
    await warden.scope(ALICE, 'alice').add('a diary');
    await warden.keys.erase(ADMIN, 'alice');
    const { memories } = await warden.space(BOB, 'team').list();
    expect(memories.map(({ content }) => content)).toEqual(['his']);
  });

  test('S24: an import into a space is on record under the pseudonym of the space', async () => {
    const { warden, importer } = await team();
    await importer(ALICE).store(TEAM, drafts('one', 'two'));
    await outcome(() => importer(BOB).store(TEAM, drafts('three')));
    const records = (await warden.audit(ADMIN).query()).filter(({ action }) => action === 'create');
    expect(records.map(({ subject, phase, outcome: how, count }) => [subject, phase, how, count])).toEqual([
      ['SharedMemory', 'intent', 'allowed', 2],
      ['SharedMemory', 'result', 'allowed', 2],
      ['SharedMemory', 'read', 'absent', 0],
    ]);
    expect(new Set(records.slice(1).map(({ owner }) => owner)).size).toBe(1);
  });
});
