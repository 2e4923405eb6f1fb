import { mkdtempSync, readFileSync, rmSync, writeFileSync, symlinkSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { GUARD_SURFACE } from '../../src/guard/surface.js';
import { HIDEABLE } from '../../src/model/fields.js';
import { recordDraft, type Importer } from '../../src/memory/import.js';
import { newId } from '../../src/model/id.js';
import type { AuditRecord } from '../../src/model/audit-record.js';
import type { StoredGroup } from '../../src/model/audit-storage.js';
import { claimedRecords } from '../../src/audit/check.js';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { effectsOf, importerOf } from '../../src/internals.js';
import { insideOf, type Warden } from '../../src/warden.js';
import { exportHeld } from '../support/exporting.js';
import {
  ABSENT,
  ADMIN,
  agentOf,
  describeOnEachStore,
  handClock,
  outcome,
  type Opened,
  policyFolder,
} from '../support/warden.js';

// What it says is raised by the classifier.
const CANARY = 'Alice keeps canaries; her diagnosis is asthma.';

/** What each member of the guard would release, or change. */
function actsOf(warden: Warden, id: string): Readonly<Record<string, () => Promise<unknown>>> {
  const memory = warden.scope(ADMIN, 'alice');
  const { guard } = insideOf(warden);
  return {
    get: () => memory.get(id),
    list: () => memory.list(),
    count: () => memory.count(),
    search: () => memory.search('canaries'),
    classify: () => memory.classify().next(),
    'a dry run of the classifier': () => memory.classify({ dryRun: true }).next(),
    'a context': () => memory.context('canaries'),
    create: () => memory.add('new'),
    importMany: () => importerOf(warden, ADMIN).store({ user: 'alice' }, [recordDraft({ content: 'new' }, new Date())]),
    update: () => memory.update(id, { content: 'changed' }),
    remove: () => memory.delete(id),
    removeMany: () => memory.deleteAll(),
    history: () => memory.history(id),
    explainStored: () => memory.explain(id),
    explainRecord: () => memory.explain({ record: { id } }),
    createSpace: () => warden.space(ADMIN, 'another').create({ onErase: 'keep' }),
    changeSpace: () => warden.space(ADMIN, 'team').revoke({ user: 'alice' }),
    spaceList: () => warden.space(ADMIN, 'team').members(),
    spaces: () => warden.spaces(ADMIN),
    accountOfSpace: () => warden.audit(ADMIN).reportSpace('team'),
    authored: () => guard.authored(ADMIN, ['alice']),
    share: () => memory.share(id, 'team'),
    users: () => warden.users(ADMIN),
    usersAmong: () => guard.usersAmong(ADMIN, ['alice']),
    export: () => exportHeld(warden),
    // Asked before a file that waited is released.
    exportHolds: () =>
      guard.exportHolds(guard.access(ADMIN, 'alice'), {
        ids: [id],
        shown: HIDEABLE.join(' '),
        by: [],
        release: { recipient: 'somebody' },
      }),
    administer: () => warden.audit(ADMIN).query(),
    countBoth: async () => (await effectsOf(warden, PACKAGED_POLICIES)).count(ADMIN, [() => ADMIN]),
    'a miss': () => memory.get(ABSENT),
    'a refusal': () => warden.scope(agentOf('bob'), 'alice').list(),
    'an update that changes nothing': () => memory.update(id, { content: CANARY }),
  };
}

/** What each act on users, keys and the log would do. */
function administrativeActs(warden: Warden): Readonly<Record<string, () => Promise<unknown>>> {
  const { keys } = warden;
  const log = warden.audit(ADMIN);
  return {
    purge: () => warden.purge(),
    'policy reload': () => warden.reloadPolicies(),
    erase: () => keys.erase(ADMIN, 'alice'),
    'erase a space': () => keys.eraseSpace(ADMIN, 'team'),
    'resume erasures': () => keys.resumeErasures(ADMIN),
    certificate: () => keys.certificate(ADMIN, ABSENT),
    rotate: () => keys.rotateUser(ADMIN, 'alice'),
    'rotate all': () => keys.rotateAll(ADMIN, new Date()),
    rewrap: () => keys.rewrap(ADMIN, undefined),
    'rotate signing': () => keys.rotateInstanceKey(ADMIN, 'signing'),
    'rotate cursor': () => keys.rotateInstanceKey(ADMIN, 'cursor'),
    'keys status': () => keys.status(ADMIN),
    'encrypt existing': () => warden.encryptExisting(ADMIN),
    users: () => warden.users(ADMIN),
    'approve an export': () => warden.exportApprovals.approve(ADMIN, ABSENT),
    'show a request': () => warden.exportApprovals.request(ADMIN, ABSENT),
    query: () => log.query({ user: 'alice' }),
    report: () => log.report('alice'),
    verify: () => log.verify(),
    checkpoint: () => log.checkpoint(),
    prune: () => log.prune(new Date()),
    // The public keys are no secret; all else that a key admin and the log can do is above.
  };
}

const TEAM = { onErase: 'keep', members: [{ user: 'alice', access: 'write' }] } as const;

// Members that hand out nothing of what is stored.
const MUTE = ['access', 'space', 'under', 'dropViews', 'viewStatistics', 'exportStands', 'spaceWeight'];

async function stored({ raw, keys, driver }: Opened): Promise<string> {
  const ring = await keys.store.ring({ tenant: 'default', userId: 'alice' });
  const kept = await Promise.all(
    (['instance', 'tombstone', 'certificate', 'meta'] as const).map((kind) =>
      keys.store.documents(kind, undefined, 100),
    ),
  );
  const lists = await driver.values.list('space.lists', 10);
  return JSON.stringify([await raw.memories(), await raw.states(), lists, ring, kept]);
}

const FAULTS: readonly [string, () => unknown, string][] = [
  ['fails', () => Promise.reject(new Error('broken')), 'audit_unavailable'],
  [
    'has no room left',
    () => Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })),
    'audit_unavailable',
  ],
  ['stalls', () => new Promise(() => undefined), 'audit_timeout'],
];

describeOnEachStore('G18: no read without audit', (open) => {
  test.each(FAULTS)(
    'G18, S24: where the audit write %s, no member of the guard releases or changes anything',
    async (_, fault, code) => {
      const opened = await open({ audit: { timeoutMs: 1_500 } });
      const { warden, watch } = opened;
      const { id } = await warden.scope(ADMIN, 'alice').add(CANARY);
      await warden.space(ADMIN, 'team').create(TEAM);
      await warden.space(agentOf('alice'), 'team').add('hers');
      const before = await stored(opened);
      const acts = actsOf(warden, id);
      const members = Object.keys(GUARD_SURFACE).filter((member) => !MUTE.includes(member));
      expect(members.filter((member) => !(member in acts))).toEqual([]);
      watch.append = fault;
      // At once, so that those that stall do so together.
      await Promise.all(
        Object.entries({ ...acts, ...administrativeActs(warden) }).map(async ([name, act]) =>
          expect([name, await outcome(act)]).toEqual([name, code]),
        ),
      );
      expect(await stored(opened)).toBe(before);
      if (code === 'audit_timeout') return;
      // And it recovers by itself.
      watch.append = undefined;
      expect(await warden.scope(ADMIN, 'alice').get(id)).toMatchObject({ content: CANARY });
      expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
    },
  );

  test('G18: a required sink whose disk is full holds back every body', async () => {
    if (!existsSync('/dev/full')) throw new Error('this test needs /dev/full');
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-full-'));
    try {
      // So small that every group begins a file, whose name is known once the stream is.
      const opened = await open({
        audit: { sinks: [{ kind: 'file', path: folder, required: true, maxBytes: 1_024 }] },
      });
      const { warden, driver } = opened;
      const { id } = await warden.scope(ADMIN, 'alice').add(CANARY);
      await warden.space(ADMIN, 'team').create(TEAM);
      await warden.space(agentOf('alice'), 'team').add('hers');
      const [stream = ''] = (await driver.audit.streams()).filter((name) => name !== 'registry');
      const full = join(folder, `${stream}.0007.jsonl`);
      symlinkSync('/dev/full', full);
      const before = await stored(opened);
      for (const [member, act] of Object.entries(actsOf(warden, id)))
        expect([member, await outcome(act)]).toEqual([member, 'audit_unavailable']);
      expect(await stored(opened)).toBe(before);
      rmSync(full);
      expect(await warden.scope(ADMIN, 'alice').get(id)).toMatchObject({ content: CANARY });
      for (const files of [undefined, folder])
        expect(await warden.audit(ADMIN).verify(files === undefined ? {} : { files })).toMatchObject({ ok: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('S24: a change writes a durable intent before its effect and a result after it', async () => {
    const { warden, watch, driver } = await open();
    const order: string[] = [];
    watch.append = ({ stream, body }: StoredGroup) =>
      stream === 'registry' || order.push(...recordsIn(body).map(({ phase, action }) => `${phase} ${action}`));
    watch.before = ({ method }) => ['insert', 'replace', 'remove'].includes(method) && order.push(method);
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add(CANARY);
    await memory.update(id, { content: 'changed' });
    await memory.delete(id);
    expect(order).toEqual([
      'intent create',
      'insert',
      'result create',
      'intent update',
      'replace',
      'result update',
      'intent delete',
      'remove',
      'result delete',
    ]);
    const records = await recordsOn(driver.audit);
    for (const result of records.filter(({ phase }) => phase === 'result')) {
      expect(records.find((one) => one.id === result.intent)).toMatchObject({ phase: 'intent', action: result.action });
    }
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true, openIntents: [] });
  });

  test('S24: a change whose result cannot be written is an error, is reported by verify, and is reconciled at the next start', async () => {
    const clock = handClock(new Date().toISOString());
    const { warden, watch, again } = await open({ clock });
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    watch.before = ({ method }) =>
      void (method === 'insert' && (watch.append = () => Promise.reject(new Error('down'))));
    expect(await outcome(() => memory.add(CANARY))).toBe('audit_unavailable');
    watch.before = undefined;
    const other = await again({ clock });
    const report = await other.audit(ADMIN).verify();
    expect(report).toMatchObject({ ok: true, openIntents: [{ action: 'create' }] });
    clock.forward(61_000);
    const third = await again({ clock });
    expect(third.alarmCount('audit_reconciled')).toBe(1);
    const settled = await third.audit(ADMIN).verify();
    expect(settled).toMatchObject({ ok: true, openIntents: [] });
    expect(await third.audit(ADMIN).query({ outcome: 'unknown' })).toMatchObject([
      { phase: 'reconciled', action: 'create' },
    ]);
    expect(await third.scope(ADMIN, 'alice').count()).toBe(2);
    watch.append = undefined;
  });

  test('S24: every act on users and keys has its intent on record before anything of it is done, and its result after it', async () => {
    const { warden, watch, keys } = await open({ acts: { wait: async () => undefined } });
    await warden.scope(ADMIN, 'alice').add(CANARY);
    await warden.scope(ADMIN, 'bob').add(CANARY);
    const ringOf = async (userId: string) => JSON.stringify(await keys.store.ring({ tenant: 'default', userId }));
    // What is stored when the intent is, against what is stored when nothing has begun.
    for (const [act, run] of [
      ['keys.rotate', () => warden.keys.rotateUser(ADMIN, 'alice')],
      ['keys.rewrap', () => warden.keys.rewrap(ADMIN, undefined)],
      ['erase', () => warden.keys.erase(ADMIN, 'alice')],
      ['encrypt-existing', () => warden.encryptExisting(ADMIN)],
      ['purge', () => warden.purge()],
      ['policy.reload', () => warden.reloadPolicies()],
    ] as const) {
      const before = await ringOf('alice');
      const seen: string[] = [];
      watch.append = async ({ stream, body }) => {
        for (const record of stream === 'registry' ? [] : recordsIn(body)) {
          seen.push(`${record.phase} ${record.act ?? ''}`);
          if (record.phase === 'intent') expect(await ringOf('alice')).toBe(before);
        }
      };
      await run();
      watch.append = undefined;
      expect(seen).toEqual([`intent ${act}`, `result ${act}`]);
    }
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true, openIntents: [] });
  });

  test('S24: an effect that fails is told as failed, and the error of the store is what the caller gets', async () => {
    const { warden, watch } = await open();
    watch.before = ({ method }) => {
      if (method === 'insert') throw Object.assign(new Error('x'), { code: 'boom' });
    };
    expect(await outcome(() => warden.scope(ADMIN, 'alice').add(CANARY))).toBe('boom');
    expect(await warden.audit(ADMIN).query({ outcome: 'failed' })).toMatchObject([{ phase: 'result', count: 0 }]);
  });

  test('S24: of memories that stand each on its own, of which some ids are taken, as many are told as were stored', async () => {
    const { warden } = await open();
    const [one, two, three] = ['one', 'two', 'three'].map((content) => recordDraft({ content }, new Date(), newId()));
    const store = (drafts: readonly unknown[]) =>
      importerOf(warden, ADMIN).store({ user: 'alice' }, drafts as Parameters<Importer['store']>[1]);
    await store([one]);
    await store([one, two, three]);
    await store([one, two]);
    const told = (await warden.audit(ADMIN).query()).filter(
      ({ action, phase }) => action === 'create' && phase === 'result',
    );
    const results = told.map(({ outcome, count }) => ({ outcome, count })).sort((a, b) => b.count - a.count);
    expect(results).toEqual([
      { outcome: 'allowed', count: 2 },
      { outcome: 'allowed', count: 1 },
      { outcome: 'failed', count: 0 },
    ]);
    expect(await warden.scope(ADMIN, 'alice').count()).toBe(3);
  });

  test('S24: a page is released only after that page is on record', async () => {
    const { warden, driver } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.addMany(Array.from({ length: 5 }, (_, n) => ({ content: `memory ${n}` })));
    let cursor: string | undefined;
    for (let page = 1; page <= 3; page += 1) {
      const found = await memory.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      const lists = (await recordsOn(driver.audit)).filter(({ act }) => act === 'list');
      expect(lists.map(({ count }) => count)).toEqual([2, 2, 1].slice(0, page));
      cursor = found.cursor;
    }
  });

  test('every decision is on record with its rules: allowed, denied by policy alone, denied by what is stored, and absent', async () => {
    const { warden } = await open();
    const { id } = await warden.scope(ADMIN, 'alice').add({ content: CANARY, level: 'sensitive' });
    const agent = warden.scope(agentOf('alice'), 'alice');
    await agent.get(id);
    await agent.get(ABSENT);
    await outcome(() => warden.scope(agentOf('bob'), 'alice').count());
    await outcome(() => warden.users(agentOf('bob')));
    const found = (await warden.audit(ADMIN).query()).map(({ action, subject, outcome, hidden }) => ({
      action,
      subject,
      outcome,
      hidden,
    }));
    expect(found).toMatchObject([
      { action: 'create', outcome: 'allowed' },
      { action: 'create', outcome: 'allowed' },
      { action: 'read', outcome: 'denied', hidden: true },
      { action: 'read', outcome: 'absent', hidden: false },
      { action: 'read', outcome: 'denied' },
      { action: 'list', subject: 'User', outcome: 'denied' },
      { action: 'audit', outcome: 'allowed' },
    ]);
    const { decisions, denials, waiting, refused } = warden.auditCounters;
    expect({ decisions, denials, waiting, refused }).toEqual({
      decisions: { allowed: 2, denied: 3, absent: 1 },
      denials: { 'no rule': 3 },
      waiting: 0,
      refused: 0,
    });
  });

  test('S24, S5: policies that changed are put in force once that is on record, and are tried again where it cannot be', async () => {
    const policies = await policyFolder();
    const { warden, watch } = await open({ policies });
    let tried = () => {};
    const refused = new Promise<void>((done) => (tried = done));
    watch.append = () => (tried(), Promise.reject(new Error('down')));
    await warden.watchPolicies();
    const before = warden.policyRevision;
    const file = join(policies, 'agent.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('{ $in: [public, private] }', 'public'));
    await refused;
    expect(warden.policyRevision).toBe(before);
    watch.append = undefined;
    // Without another change.
    while (warden.policyRevision === before) await new Promise((resolve) => setTimeout(resolve, 20));
    const reloads = (await warden.audit(ADMIN).query()).filter(({ act }) => act === 'policy.reload');
    expect(reloads.map(({ phase }) => phase)).toEqual(['intent', 'result']);
    expect(reloads.map(({ policy }) => policy)).toEqual([before, warden.policyRevision]);
  }, 20_000);

  test('S24: a candidate set that changed is read once that is on record; one that does not load is a failed act', async () => {
    const [policies, candidate] = [await policyFolder(), await policyFolder()];
    const { warden } = await open({ policies, shadow: { policies: candidate } });
    await warden.watchPolicies();
    const file = join(candidate, 'agent.yaml');
    const text = readFileSync(file, 'utf8');
    const ended = async (count: number) => {
      for (;;) {
        const acts = (await warden.audit(ADMIN).query()).filter(({ act }) => act?.endsWith('.reload'));
        const results = acts.filter(({ phase }) => phase === 'result');
        if (results.length >= count) return acts;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    writeFileSync(file, text.replace('{ $in: [public, private] }', 'public'));
    const [intent, result] = await ended(1);
    expect(intent).toMatchObject({ act: 'shadow.reload', phase: 'intent', principal: { id: 'operator' } });
    expect(result).toMatchObject({ act: 'shadow.reload', phase: 'result', outcome: 'allowed' });
    writeFileSync(file, 'role: [');
    expect((await ended(2)).slice(2, 4)).toMatchObject([
      { act: 'shadow.reload', phase: 'intent' },
      { act: 'shadow.reload', phase: 'result', outcome: 'failed' },
    ]);
    expect(warden.ready).toBe(true);
  }, 30_000);

  test('counters tell how far the log is behind, and which alarms were raised', async () => {
    const { warden, watch } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add(CANARY);
    let go = () => {};
    const held = new Promise<void>((done) => (go = done));
    const begun = new Promise<void>((done) => (watch.append = () => (done(), held)));
    const count = memory.count();
    await begun;
    const stalled = warden.auditCounters;
    expect(stalled.waiting).toBe(1);
    expect(stalled.behindMs).toBeGreaterThan(0);
    watch.append = undefined;
    go();
    await count;
    const after = warden.auditCounters;
    expect(after).toMatchObject({ waiting: 0, behindMs: 0, refused: 0, alarms: {} });
    expect(after.maxLagMs).toBeGreaterThanOrEqual(stalled.behindMs);
  });

  test('reading the log is decided and recorded: who may not audit sees nothing of it', async () => {
    const { warden } = await open();
    await warden.scope(ADMIN, 'alice').add(CANARY);
    for (const act of ['query', 'verify', 'checkpoint'] as const)
      expect(await outcome(() => warden.audit(agentOf('alice'))[act]())).toBe('forbidden');
    expect(await outcome(() => warden.audit(agentOf('alice')).report('alice'))).toBe('forbidden');
    expect(await outcome(() => warden.audit(agentOf('alice')).prune(new Date()))).toBe('forbidden');
    const denied = await warden.audit(ADMIN).query({ outcome: 'denied' });
    expect(denied.map(({ act }) => act)).toEqual(['query', 'verify', 'checkpoint', 'report', 'prune']);
  });
});

function recordsIn(body: Buffer): AuditRecord[] {
  return claimedRecords(body).map((text) => JSON.parse(text) as AuditRecord);
}

async function recordsOn(audit: Opened['driver']['audit']): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (const stream of await audit.streams()) {
    if (stream === 'registry') continue;
    for await (const { body } of audit.groups(stream)) records.push(...recordsIn(body));
  }
  return records;
}
