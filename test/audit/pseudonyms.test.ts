import { createHash, createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { RingPseudonyms } from '../../src/crypto/keys/ring-pseudonyms.js';
import { formatReport, REPORT_FORMATS } from '../../src/compliance/report-formats.js';
import type { Keys } from '../../src/wiring/keys.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, ownerOf } from '../support/warden.js';

const CANARY = 'canary-4f9d1c77-user';

/** Every text in a record, with the path that it stands under. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => textsOf(one, `${path}.${key}`));
}

// What somebody would try who has the log and a list of user ids.
function guesses(userId: string): string[] {
  const digests = ['sha256', 'sha512', 'sha1', 'md5'].flatMap((name) =>
    [userId, `default/${userId}`, `default${userId}`].map((text) => createHash(name).update(text).digest()),
  );
  const keyed = ['', userId, 'default', 'memwarden pseudonym 1'].map((key) =>
    createHmac('sha256', key)
      .update(`memwarden pseudonym 1\n2\n7:default${Buffer.byteLength(userId)}:${userId}`)
      .digest(),
  );
  return [
    userId,
    ...[...digests, ...keyed].flatMap((one) => [one.toString('hex'), one.toString('base64url').slice(0, 22)]),
  ];
}

describeOnEachStore('S26: users in the log', (open, store) => {
  test('G21, S26: no text of the log names a user, and after an erase nothing links a record to one; the log still verifies', async () => {
    const { warden, keys } = await open({ acts: { wait: async () => undefined } });
    const mine = warden.scope(ownerOf(CANARY), CANARY);
    const { id } = await warden.scope(ADMIN, CANARY).add({ content: 'secret words', category: 'private-category' });
    const agent = { id: `phone:${CANARY}`, role: 'agent', userId: CANARY, purpose: `care of ${CANARY}` };
    await warden.scope(agent, CANARY).get(id);
    await warden.scope(agent, CANARY).list({ keyword: 'words' });
    await warden.scope(agent, CANARY).search('secret words');
    await warden.scope(agent, CANARY).context('secret words');
    for await (const _ of warden.scope(ADMIN, CANARY).classify()) expect(_).toBeUndefined();
    await outcome(() => mine.get(id));
    await outcome(() => warden.scope(agentOf('bob'), CANARY).get(id));
    await warden.scope({ id: CANARY, role: 'admin' }, 'bob').count();
    const records = await warden.audit(ADMIN).query();
    expect(records.length).toBeGreaterThan(6);
    const dictionary = new Set([CANARY, 'bob', 'alice', id].flatMap(guesses));
    for (const record of records) {
      for (const [path, text] of textsOf(record)) {
        expect([path, text.includes(CANARY), dictionary.has(text)]).toEqual([path, false, false]);
        expect(text).not.toMatch(/secret|words|private-category/);
      }
      expect(JSON.stringify(record)).not.toContain(id);
    }
    // The intent of the user's first memory is older than the user's key.
    const owner = records.find(({ action, phase }) => action === 'create' && phase === 'result')!.owner!;
    // While the key lives it links: the check below is not empty.
    expect((await freshOn(keys).pseudonymOf('default', CANARY)).pseudonym).toBe(owner);
    expect(await warden.audit(ADMIN).query({ user: CANARY })).not.toHaveLength(0);

    await warden.keys.erase(ADMIN, CANARY);
    expect((await freshOn(keys).pseudonymOf('default', CANARY)).lasting).toBe(false);
    const fresh = freshOn(keys);
    for (const user of [CANARY, 'bob', 'alice', ...Array.from({ length: 200 }, (_, n) => `user-${n}`)]) {
      const { pseudonym, digest } = await fresh.pseudonymOf('default', user);
      const linked = records.filter((record) =>
        textsOf(record).some(([, text]) => text === pseudonym || text === digest([id])),
      );
      expect([user, linked.length]).toEqual([user, 0]);
    }
    // A user who comes back under the id is somebody else to the log.
    await warden.scope(ADMIN, CANARY).add('somebody new');
    const again = await freshOn(keys).pseudonymOf('default', CANARY);
    expect([again.lasting, again.pseudonym === owner]).toEqual([true, false]);
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
    expect(store).toMatch(/embedded|mongodb/);
  });

  test('S26: principal ids that are end users are pseudonyms, those of staff are not', async () => {
    const { warden } = await open();
    await warden.scope(ADMIN, 'carol').add('x');
    for (const id of ['alice', 'user:alice', 'alice@phone', 'carol', 'malice', 'bot'])
      await outcome(() => warden.scope({ id, role: 'agent', userId: 'alice' }, 'alice').count());
    const counts = (await warden.audit(ADMIN).query()).filter(({ act }) => act === 'count');
    expect(counts.map(({ principal }) => principal.id)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'malice',
      'bot',
    ]);
    expect(counts.every(({ principal }) => principal.id !== undefined || principal.self !== undefined)).toBe(true);
    const [first] = counts;
    expect(first?.principal.self).toBe(first?.owner);
    const requests = new Set(counts.map(({ request }) => request));
    expect(requests.size).toBe(counts.length);
  });

  test('G24: every release of a memory has date, recipient, purpose, kinds and number, and nothing else is a disclosure', async () => {
    const clock = handClock('2026-03-01T12:00:00.000Z');
    const { warden } = await open({ clock });
    const alice = warden.scope(ADMIN, 'alice');
    const added = await alice.addMany([
      { content: 'a', level: 'public' },
      { content: 'b' },
      { content: 'c', level: 'sensitive' },
    ]);
    const asked = { id: '=cmd()', role: 'admin', purpose: 'second opinion' };
    clock.forward(60_000);
    await warden.scope(asked, 'alice').list();
    clock.forward(60_000);
    await warden.scope(agentOf('alice'), 'alice').get(added[1]!.id);
    clock.forward(60_000);
    await warden
      .scope({ id: 'alice', role: 'owner', userId: 'alice' }, 'alice')
      .get(added[0]!.id)
      .catch(() => null);
    await alice.count();
    await warden.scope(agentOf('alice'), 'alice').get(added[2]!.id);
    await outcome(() => warden.scope(agentOf('bob'), 'alice').get(added[0]!.id));
    await warden.scope(ADMIN, 'bob').add('of another');
    await warden.scope(ADMIN, 'bob').list();
    const report = await warden.audit(ADMIN).report('alice');
    expect(report).toMatchObject({ userId: 'alice', known: true });
    expect(report.disclosures).toMatchObject([
      {
        date: '2026-03-01T12:01:00.000Z',
        recipient: '=cmd()',
        role: 'admin',
        purpose: 'second opinion',
        act: 'list',
        kinds: { public: 1, private: 1, sensitive: 1 },
        count: 3,
      },
      {
        date: '2026-03-01T12:02:00.000Z',
        recipient: 'bot',
        role: 'agent',
        act: 'read',
        kinds: { private: 1 },
        count: 1,
      },
    ]);
    const since = new Date('2026-03-01T12:01:30.000Z');
    expect((await warden.audit(ADMIN).report('alice', { since })).disclosures).toHaveLength(1);
    for (const format of REPORT_FORMATS) expect(formatReport(report, format)).toMatch(/second opinion/);
    expect(formatReport(report, 'csv')).toContain("'=cmd()");
    expect(formatReport({ ...report, userId: '<script>' }, 'html')).not.toContain('<script>');
    expect(await warden.audit(ADMIN).report('nobody')).toMatchObject({ known: false, disclosures: [] });
  });
});

describeOnEachStore('S26: pseudonym keys', (open) => {
  test('S26: a user without a key costs what one with a key costs, and nothing is created', async () => {
    const { warden, keys } = await open();
    await warden.scope(ADMIN, 'known').add('x');
    const calls: string[] = [];
    const clock = handClock();
    const watched = {
      store: Object.assign(Object.create(keys.store) as Keys['store'], {
        ring: (partition: { tenant: string; userId: string }) => (calls.push('ring'), keys.store.ring(partition)),
        swap: () => (calls.push('swap'), Promise.resolve(false)),
      }),
      kms: Object.assign(Object.create(keys.kms) as Keys['kms'], {
        kekId: keys.kms.kekId,
        wrap: (...args: Parameters<Keys['kms']['wrap']>) => (calls.push('wrap'), keys.kms.wrap(...args)),
        unwrap: (...args: Parameters<Keys['kms']['unwrap']>) => (calls.push('unwrap'), keys.kms.unwrap(...args)),
      }),
    };
    const pseudonyms = new RingPseudonyms({ ...watched, clock, cacheMs: 60_000 });
    // The log key is made with the first who needs it, once a day.
    await pseudonyms.pseudonymOf('default', 'nobody');
    const seen: Record<string, string[]> = {};
    for (const user of ['known', 'unknown']) {
      calls.length = 0;
      const first = await pseudonyms.pseudonymOf('default', user);
      expect((await pseudonyms.pseudonymOf('default', user)).pseudonym).toBe(first.pseudonym);
      clock.forward(61_000);
      await pseudonyms.pseudonymOf('default', user);
      seen[user] = [...calls];
    }
    expect(seen).toEqual({
      known: ['ring', 'unwrap', 'ring', 'unwrap'],
      unknown: ['ring', 'unwrap', 'ring', 'unwrap'],
    });
    expect(await keys.store.ring({ tenant: 'default', userId: 'unknown' })).toBeUndefined();
    const before = (await pseudonyms.pseudonymOf('default', 'unknown')).pseudonym;
    clock.forward(25 * 3_600_000);
    expect((await pseudonyms.pseudonymOf('default', 'unknown')).pseudonym).not.toBe(before);
    const other = new RingPseudonyms({ ...watched, clock, cacheMs: 60_000 });
    expect((await other.pseudonymOf('default', 'unknown')).pseudonym).not.toBe(before);
  });

  test('S26: a ring that was made before the log gets a pseudonym key once, whoever asks; it outlives a rotation', async () => {
    const { warden, keys } = await open({ acts: { wait: async () => undefined } });
    await warden.scope(ADMIN, 'dora').add('x');
    const partition = { tenant: 'default', userId: 'dora' };
    const { pseudonym: _, ...older } = (await keys.store.ring(partition))!;
    expect(await keys.store.swap({ ...older, epoch: older.epoch + 1 }, older.epoch)).toBe(true);
    const [one, two] = [freshOn(keys), freshOn(keys)];
    const [a, b] = await Promise.all([one, two].map((each) => each.lastingPseudonymOf('default', 'dora')));
    expect(a!.lasting).toBe(true);
    expect(b!.pseudonym).toBe(a!.pseudonym);
    await warden.keys.rotateUser(ADMIN, 'dora');
    expect((await freshOn(keys).pseudonymOf('default', 'dora')).pseudonym).toBe(a!.pseudonym);
    expect(await warden.scope(ADMIN, 'dora').count()).toBe(1);
  });
});

function freshOn({ store, kms }: Keys): RingPseudonyms {
  return new RingPseudonyms({ store, kms, clock: () => new Date(), cacheMs: 60_000 });
}
