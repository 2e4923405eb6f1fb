import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { toFilter } from '../../../src/memory/selection.js';
import type { ExportedUser } from '../../../src/model/export.js';
import { insideOf } from '../../../src/warden.js';
import {
  ADMIN,
  agentOf,
  describeOnEachStore,
  outcome,
  ownerOf,
  policyFolder,
  type Opened,
} from '../../support/warden.js';
import { exported, idsOf, jwksOf, outIn, rowsOf, verified } from './support.js';

const ANALYST = { id: 'analyst', role: 'analyst', userId: 'ana' };
const OFFICER = { ...ADMIN, userId: 'officer' };
// Reads and exports what is not sensitive of the spaces whose lists have it, and all of users; may not grant.
const analyst = `rules:
  - id: analyst-shared
    action: [read, export]
    subject: SharedMemory
    conditions: { sensitivity: { $in: [public, private] } }
    reason: r
  - { id: analyst-memories, action: [read, export], subject: Memory, reason: r }
`;
const HERS = ['the door code', 'the alarm code', 'a secret'];
const LEVELS = ['public', 'private', 'sensitive'] as const;

const nothing = () => Promise.resolve();
const linesOf = (out: string) =>
  readFileSync(`${out}.users.ndjson`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ExportedUser);
const parts = (out: string) => linesOf(out).map(({ user_id: user, space, count }) => [user, space, count]);
const contents = (out: string) => rowsOf(out).map(({ content }) => content as string);

describeOnEachStore('G23: exports of shared spaces', (open, store) => {
  async function team(options: Parameters<typeof open>[0] = {}): Promise<Opened> {
    const policies = options.policies ?? (await policyFolder({ analyst }));
    const opened = await open({ classify: false, acts: { wait: () => Promise.resolve() }, ...options, policies });
    const { warden } = opened;
    const members = [
      { user: 'alice', access: 'write' },
      { user: 'bob', access: 'write' },
      { user: 'ana', access: 'read' },
    ] as const;
    for (const [name, onErase] of [
      ['team', 'remove'],
      ['club', 'keep'],
    ] as const)
      await warden.space(ADMIN, name).create({ onErase, members });
    await warden.space(ADMIN, 'apart').create({ onErase: 'remove', members: members.slice(0, 2) });
    for (const user of ['alice', 'bob']) await warden.space(ownerOf(user), 'apart').add(`apart, of ${user}`);
    const shared = warden.space(ownerOf('alice'), 'team');
    for (const [at, content] of HERS.entries()) await shared.add(content, { level: LEVELS[at]! });
    await warden.space(ownerOf('bob'), 'team').add('of bob');
    await warden.space(ownerOf('alice'), 'club').add('in the club');
    await warden.scope(ownerOf('alice'), 'alice').add('of alice alone');
    return opened;
  }

  test('G23: exactly the shared memories that the principal may read and export, of spaces whose list it is on', async () => {
    const opened = await team();
    const out = await exported(opened, ANALYST, { spaces: ['team', 'club'] });
    const read = [];
    for (const name of ['club', 'team'])
      for await (const one of opened.warden.space(ANALYST, name).getAll()) read.push(one.id);
    expect(idsOf(out)).toEqual(read);
    expect(contents(out)).toEqual(['in the club', 'of bob', 'the alarm code', 'the door code']);
    expect(rowsOf(out).every((row) => !('user_id' in row) && !('author' in row))).toBe(true);
    expect(rowsOf(out).map(({ space }) => space)).toEqual(['club', 'team', 'team', 'team']);
    const { counts, query } = await verified(opened, out);
    expect(counts).toEqual({
      users: 0,
      memories: 4,
      levels: { public: 1, private: 3 },
      spaces: [
        { space: 'club', memories: 1, levels: { private: 1 } },
        { space: 'team', memories: 3, levels: { public: 1, private: 2 } },
      ],
    });
    expect(query).toMatchObject({ users: 0, spaces: 2 });
    // The second implementation agrees, and sees a line that was changed.
    const keys = join(dirname(out), 'keys.json');
    writeFileSync(keys, await jwksOf(opened));
    const python = () => execFileSync('python3', ['tools/verify-export.py', `${out}.manifest.json`, '--keys', keys]);
    expect(python().toString()).toContain('verified: 4 memories');
    for (const format of ['json', 'csv'] as const) {
      const again = await exported(opened, ANALYST, { spaces: ['team'], format });
      if (format === 'json') expect(idsOf(again)).toEqual(read.slice(1));
      else expect(readFileSync(again, 'utf8').split('\r\n')[1]).toMatch(/,"team"$/);
    }
  });

  test('G6: a space that is not there and one of others are exported alike; whose policies export none is refused', async () => {
    const opened = await team();
    const { warden } = opened;
    const [others, absent] = [
      await exported(opened, ANALYST, { spaces: ['apart'] }),
      await exported(opened, ANALYST, { spaces: ['never'] }),
    ];
    const bare = (out: string) => {
      const [{ read_at: _, ...line } = { space: '' }, ...more] = linesOf(out);
      return [{ ...line, space: 'x' }, more, readFileSync(out, 'utf8')];
    };
    expect(bare(others)).toEqual(bare(absent));
    expect(bare(absent)).toEqual([{ space: 'x', count: 0, levels: {}, policy: warden.policyRevision }, [], '']);
    // An admin is on no list, and may do everything else.
    expect(contents(await exported(opened, ADMIN, { spaces: ['team'] }))).toEqual([]);
    for (const principal of [agentOf('alice'), { id: 'x', role: 'nobody' }]) {
      const out = outIn();
      expect(await outcome(() => warden.export(principal, { spaces: ['team'], out }))).toBe('forbidden');
      expect(existsSync(`${out}.export-state.ndjson`)).toBe(false);
    }
    for (const bad of [{}, { spaces: [] }, { spaces: ['\u{e000}space:team'] }, { users: 'all', spaces: [1] }])
      expect(await outcome(() => warden.export(ADMIN, { ...(bad as object), out: outIn() }))).toBe('invalid_argument');
  });

  test('G23: all spaces are those that the principal reads, in the order of their ids, whatever others there are', async () => {
    const opened = await team();
    const { warden } = opened;
    const named = await exported(opened, ANALYST, { spaces: ['team', 'club'] });
    const all = await exported(opened, ANALYST, { spaces: 'all' });
    expect(contents(all)).toEqual(contents(named));
    expect(parts(all)).toEqual(parts(named));
    const manifest = await verified(opened, all);
    expect(manifest).toMatchObject({ query: { users: 0, spaces: 'all' } });
    expect(manifest.counts.spaces?.map(({ space }) => space)).toEqual(['club', 'team']);
    // Who may grant is told of every space, and reads none whose list it is not on.
    const none = await exported(opened, ADMIN, { spaces: 'all' });
    expect([rowsOf(none), readFileSync(`${none}.users.ndjson`, 'utf8')]).toEqual([[], '']);
    await warden.space(ADMIN, 'team').revoke({ user: 'ana' });
    expect(parts(await exported(opened, ANALYST, { spaces: 'all' }))).toEqual([[undefined, 'club', 1]]);
    const both = await exported(opened, ANALYST, { users: ['alice'], spaces: 'all' });
    expect(parts(both)).toEqual([
      ['alice', undefined, 1],
      [undefined, 'club', 1],
    ]);
    const out = outIn();
    expect(await outcome(() => warden.export(agentOf('alice'), { spaces: 'all', out }))).toBe('forbidden');
    expect(existsSync(out)).toBe(false);
    expect(await outcome(() => warden.export(ANALYST, { spaces: 'some' as 'all', out }))).toBe('invalid_argument');
    expect(await outcome(() => warden.export(ANALYST, { spaces: 'all', format: 'zip', out }))).toBe('invalid_argument');
  });

  test('S27: an export of all spaces that was cut off goes on, with those that came and without those that went meanwhile', async () => {
    const opened = await team();
    const { warden } = opened;
    const out = outIn();
    const stop = new AbortController();
    const cut = { spaces: 'all', out, onProgress: () => stop.abort(), signal: stop.signal } as const;
    await warden.export(OFFICER, { ...cut, signal: AbortSignal.abort() });
    await warden.space(ADMIN, 'team').grant({ user: 'officer' }, 'read');
    await warden.space(ADMIN, 'apart').grant({ user: 'officer' }, 'read');
    expect((await warden.export(OFFICER, cut)).complete).toBe(false);
    await warden.space(ADMIN, 'apart').revoke({ user: 'officer' });
    expect(await warden.export(OFFICER, { spaces: 'all', out })).toMatchObject({ complete: true });
    expect(contents(out).sort()).toEqual([...HERS, 'of bob'].sort());
  });

  test("GDPR 15: a user's own export holds what the user wrote in spaces, and nothing that others wrote there", async () => {
    const opened = await team();
    const out = await exported(opened, ownerOf('alice'), { users: ['alice'] });
    expect(parts(out)).toEqual([
      ['alice', undefined, 1],
      ['alice', 'apart', 1],
      ['alice', 'club', 1],
      ['alice', 'team', 3],
    ]);
    expect(contents(out).sort()).toEqual([...HERS, 'in the club', 'of alice alone', 'apart, of alice'].sort());
    expect((await verified(opened, out)).counts).toMatchObject({ users: 1, memories: 6 });
    // A member who exports somebody else is not told who wrote what.
    expect(parts(await exported(opened, ANALYST, { users: ['alice', 'ana'] }))).toEqual([
      ['alice', undefined, 1],
      ['ana', undefined, 0],
    ]);
  });

  test('GDPR 15: an officer who may grant is told where a user wrote, and gets it where the list has the officer', async () => {
    const opened = await team();
    await opened.warden.space(ADMIN, 'team').grant({ user: 'officer' }, 'read');
    const out = await exported(opened, OFFICER, { users: ['alice'], recipient: 'Alice Doe' });
    expect(linesOf(out).map(({ space, count, withheld }) => [space, count, withheld])).toEqual([
      [undefined, 1, undefined],
      ['apart', 0, true],
      ['club', 0, true],
      ['team', 3, undefined],
    ]);
    expect(contents(out).sort()).toEqual([...HERS, 'of alice alone'].sort());
    expect((await verified(opened, out)).counts.spaces?.map(({ space }) => space)).toEqual(['apart', 'club', 'team']);
    const { disclosures } = await opened.warden.audit(ADMIN).report('alice');
    const told = disclosures.filter(({ act }) => act === 'export.authored');
    expect(told.map(({ recipient, count, kinds }) => [recipient, count, kinds])).toEqual([
      ['Alice Doe', 3, { public: 1, private: 1, sensitive: 1 }],
    ]);
    const zip = await exported(opened, OFFICER, { users: ['alice'], format: 'zip', out: outIn(undefined, 'zip') });
    expect((await verified(opened, zip)).counts.memories).toBe(4);
  });

  test('S21: of who was erased a space that removes exports nothing, one that keeps exports it as nobody’s', async () => {
    const opened = await team();
    await opened.warden.keys.erase(ADMIN, 'alice');
    const out = await exported(opened, ANALYST, { spaces: ['team', 'club'] });
    expect(contents(out)).toEqual(['in the club', 'of bob']);
    expect(parts(await exported(opened, OFFICER, { users: ['alice'] }))).toEqual([['alice', undefined, 0]]);
  });

  test('S27: an export that was cut off drops what the list, or a write, has changed since, and keeps the rest', async () => {
    const opened = await team();
    const { warden } = opened;
    const cut = async () => {
      const stop = new AbortController();
      const order = { users: ['alice'], spaces: ['club', 'team'], out: outIn() };
      const options = { ...order, signal: stop.signal };
      const onProgress = ({ spaces = 0 }) => void (spaces === 2 && stop.abort());
      expect((await warden.export(ANALYST, { ...options, onProgress })).complete).toBe(false);
      return async () => {
        expect((await warden.export(ANALYST, order)).complete).toBe(true);
        await verified(opened, order.out);
        return contents(order.out);
      };
    };
    const whole = ['in the club', 'of bob', 'the alarm code', 'the door code'];
    const first = await cut();
    expect((await first()).filter((one) => one !== 'of alice alone')).toEqual(whole);
    const second = await cut();
    await warden.space(ADMIN, 'team').revoke({ user: 'ana' });
    expect(await second()).not.toEqual(expect.arrayContaining(['of bob']));
    await warden.space(ADMIN, 'team').grant({ user: 'ana' }, 'read');
    const third = await cut();
    await warden.space(ownerOf('bob'), 'team').add('and one more');
    expect(await third()).toContain('and one more');
  });

  test('S27: no page of a space is written that was decided under a list which has changed', async () => {
    const opened = await team();
    const { warden, watch } = opened;
    let revoked = false;
    watch.before = async ({ method, args }) => {
      const [query] = args as [{ partition?: { userId: string } }];
      if (revoked || method !== 'find' || !query.partition?.userId.endsWith('space:team')) return;
      revoked = true;
      await warden.space(ADMIN, 'team').revoke({ user: 'ana' });
    };
    const out = await exported(opened, ANALYST, { spaces: ['team'] });
    expect([revoked, contents(out)]).toEqual([true, []]);
  });

  test('an approval is asked for by the number of users who wrote in a space, and serves the same spaces alone', async () => {
    const policies = await policyFolder({
      analyst: analyst.replace('reason: r\n', 'reason: r\n    requires_approval: { over_users: 1 }\n'),
    });
    const { warden } = await team({ policies });
    const ask = async (spaces: string[], more = {}) =>
      warden.export(ANALYST, { spaces, out: outIn(), ...more }).then(
        ({ memories }) => memories,
        (error: { code: string; detail: { id: string } }) => error,
      );
    expect(await ask(['club'])).toBe(1);
    const asked = (await ask(['team'])) as { code: string; detail: { id: string } };
    expect(asked.code).toBe('approval_required');
    // Whether others wrote there is not told to who is on no list.
    expect(await ask(['apart'])).toBe(0);
    await warden.exportApprovals.approve(ADMIN, asked.detail.id);
    expect(await ask(['team'], { approval: asked.detail.id })).toBe(3);
    expect(await ask(['team', 'club'], { approval: asked.detail.id })).toMatchObject({ code: 'approval_required' });
  });

  test('an approval of all spaces is asked for by the number of users who wrote in those that are read', async () => {
    const limited = (over: number) =>
      analyst.replace('reason: r', `requires_approval: { over_users: ${over} }\n    reason: r`);
    const asked = async (over: number) => {
      const opened = await team({ policies: await policyFolder({ analyst: limited(over) }) });
      return outcome(() => opened.warden.export(ANALYST, { spaces: 'all', out: outIn() }));
    };
    // Two wrote in the one, one in the other, and the third is not of the analyst's.
    expect(await asked(2)).toBe('approval_required');
    expect(await asked(3)).toMatchObject({ complete: true });
  });

  test('G7: what one user wrote is exported to nobody else who may not grant, whatever is asked of the guard', async () => {
    const { warden } = await team();
    const { guard } = insideOf(warden);
    const sink = { hold: () => 0, turn: nothing, release: nothing, discard: nothing };
    const count = async (asker: object, author?: string) =>
      (await guard.export(guard.space(asker, 'team'), { filter: toFilter({}), author }, sink)).count;
    expect([await count(ANALYST), await count(ANALYST, 'alice'), await count(ANALYST, 'ana')]).toEqual([3, 0, 0]);
    await warden.space(ADMIN, 'team').grant({ user: 'officer' }, 'read');
    expect(await count(OFFICER, 'alice')).toBe(3);
  });

  if (store === 'embedded')
    test('a part that no longer is what was counted does not verify, in either implementation', async () => {
      const opened = await team();
      const out = await exported(opened, ANALYST, { spaces: ['team'] });
      const file = `${out}.users.ndjson`;
      writeFileSync(file, readFileSync(file, 'utf8').replace('"team"', '"club"'));
      expect(await outcome(() => verified(opened, out))).toBe('manifest_invalid');
    });
});
