import { expect, test } from '@jest/globals';
import type { SharedSpace } from '../../src/memory/shared-space.js';
import type { Classify } from '../../src/model/classifier.js';
import type { Level } from '../../src/model/levels.js';
import { ADMIN, agentOf, describeOnEachStore, outcome, type OpenOptions } from '../support/warden.js';

const ALICE = agentOf('alice');
const BOB = agentOf('bob');
const MALLORY = agentOf('mallory');
const OFFICER = { ...ADMIN, userId: 'officer' };

// Texts name the level that they ask for.
const byName: Classify = ({ content }) => {
  const found = /ask:(\w+)/.exec(content);
  return found ? { level: found[1] as Level, ruleId: `asked-${found[1]}` } : undefined;
};

async function swept(space: SharedSpace, dryRun = false): Promise<string[]> {
  const raises: string[] = [];
  for await (const { from, to, ruleId } of space.classify({ dryRun })) raises.push(`${from} ${to} ${ruleId}`);
  return raises.sort();
}

describeOnEachStore('classifying what is stored in a space', (open, store) => {
  // What is decided of a list alone comes to the same on every store, and more than a batch takes long.
  const testOnce = store === 'embedded' ? test : () => undefined;
  async function team(onErase: 'keep' | 'remove' = 'keep', options: OpenOptions = {}) {
    const opened = await open({ ...options, classify: byName });
    // What was stored without a classifier.
    const before = await opened.again({ classify: false });
    await before.space(ADMIN, 'team').create({
      onErase,
      members: [
        { user: 'alice', access: 'write' },
        { user: 'bob', access: 'read' },
        { user: 'officer', access: 'write' },
      ],
    });
    return { ...opened, before, officer: before.space(ADMIN, 'team') };
  }

  test('it raises what a member may read and update to what its text asks for, and never lowers anything', async () => {
    const { before, warden } = await team();
    const space = before.space(OFFICER, 'team');
    await space.addMany([
      { content: 'ask:private', level: 'public' },
      { content: 'ask:sensitive', level: 'public' },
      { content: 'ask:public', level: 'private' },
      { content: 'nothing', level: 'public' },
      { content: 'ask:private', level: 'sensitive' },
    ]);
    const alice = warden.space(ALICE, 'team');
    const raises = ['public private asked-private', 'public sensitive asked-sensitive'];
    expect(await swept(alice, true)).toEqual(raises);
    expect((await space.list()).memories.map(({ version }) => version)).toEqual([1, 1, 1, 1, 1]);
    expect(await swept(alice)).toEqual(raises);
    expect(await swept(alice)).toEqual([]);
    const told = (await warden.space(OFFICER, 'team').list()).memories.map(
      ({ content, level }) => `${content} ${level}`,
    );
    expect(told.sort()).toEqual([
      'ask:private private',
      'ask:private sensitive',
      'ask:public private',
      'ask:sensitive sensitive',
      'nothing public',
    ]);
  });

  test('what somebody lowered again is passed over', async () => {
    const { before, warden } = await team();
    const { id } = await before.space(ALICE, 'team').add('ask:private', { level: 'public' });
    const officer = warden.space(OFFICER, 'team');
    expect(await swept(officer)).toHaveLength(1);
    await officer.update(id, { level: 'public' });
    expect(await swept(officer)).toEqual([]);
    expect((await officer.history(id)).map(({ after }) => after?.level)).toEqual(['public', 'private', 'public']);
  });

  test('S9, S10: who is no member to write finds what somebody finds where there is no such space, and raises nothing', async () => {
    const { before, warden, watch, officer } = await team();
    await before.space(ALICE, 'team').add('ask:private', { level: 'public' });
    const seen: unknown[] = [];
    for (const dryRun of [true, false])
      for (const [who, name] of [
        [BOB, 'team'],
        [MALLORY, 'team'],
        [ADMIN, 'team'],
        [ALICE, 'absent'],
      ] as const) {
        watch.calls.length = 0;
        seen.push([await swept(warden.space(who, name), dryRun), watch.calls.map(({ method }) => method)]);
      }
    for (const one of seen) expect(one).toEqual([[], ['find']]);
    expect(await outcome(() => swept(warden.space({ id: 'x', role: 'export' }, 'team')))).toBe('forbidden');
    expect((await officer.members()).members).toHaveLength(3);
    expect((await before.space(BOB, 'team').list()).memories[0]).toMatchObject({ level: 'public', version: 1 });
  });

  testOnce('the list is asked again for each batch: a revocation ends what is under way', async () => {
    const { before, warden, officer } = await team();
    const space = before.space(ALICE, 'team');
    await space.addMany(Array.from({ length: 260 }, () => ({ content: 'ask:private', level: 'public' as const })));
    let raised = 0;
    for await (const _ of warden.space(ALICE, 'team').classify()) {
      if ((raised += 1) === 1) await officer.grant({ user: 'alice' }, 'read');
    }
    expect(raised).toBe(250);
    expect(await before.space(BOB, 'team').count({ level: 'public' })).toBe(10);
  });

  test.each([
    ['somebody is let in: it lands, once', false],
    ['its member is revoked: nothing lands', true],
  ])('S8: a raise is held between decision and write while %s', async (_, revokes) => {
    const { before, warden, watch, officer } = await team();
    const { id } = await before.space(ALICE, 'team').add('ask:private', { level: 'public' });
    let held = 0;
    watch.before = async ({ method }) => {
      if (method !== 'replace' || (held += 1) > 1) return;
      if (revokes) await officer.revoke({ user: 'alice' });
      else await officer.grant({ user: 'carol' }, 'read');
    };
    const said = await outcome(() => swept(warden.space(ALICE, 'team')));
    watch.before = undefined;
    const after = await before.space(BOB, 'team').get(id);
    const expected = revokes ? [1, 'not_found', 1] : [2, ['public private asked-private'], 2];
    expect([held, said, after?.version]).toEqual(expected);
  });

  test('G21: what was raised is its author’s still, and goes with the author where the space says so', async () => {
    const { before, warden } = await team('remove', { acts: { wait: () => Promise.resolve() } });
    await before.scope(ALICE, 'alice').add('a diary');
    await before.space(ALICE, 'team').add('ask:private of hers', { level: 'public' });
    await before.space(OFFICER, 'team').add('ask:private of his', { level: 'public' });
    expect(await swept(warden.space(OFFICER, 'team'))).toHaveLength(2);
    expect(await warden.space(BOB, 'team').count({ level: 'private' })).toBe(2);
    await before.keys.erase(ADMIN, 'alice');
    expect((await before.space(BOB, 'team').list()).memories.map(({ content }) => content)).toEqual([
      'ask:private of his',
    ]);
  });

  test('S24: a raise is on record with intent and result under the pseudonym of the space', async () => {
    const { before, warden } = await team();
    await before.space(ALICE, 'team').add('ask:private', { level: 'public' });
    await swept(warden.space(ALICE, 'team'));
    const records = (await warden.audit(ADMIN).query()).filter(({ act }) => act === 'classify');
    expect(
      records.map(({ subject, action, phase, count, outcome: how }) => [subject, action, phase, count, how]),
    ).toEqual([
      ['SharedMemory', 'update', 'intent', 1, 'allowed'],
      ['SharedMemory', 'update', 'result', 1, 'allowed'],
    ]);
    expect(records[0]!.owner).toBe(records[1]!.owner);
  });
});
