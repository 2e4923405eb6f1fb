import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimedRecords } from '../../src/audit/check.js';
import type { AuditRecord } from '../../src/model/audit-record.js';
import type { StoredGroup } from '../../src/model/audit-storage.js';
import type { Join } from '../../src/model/auditor.js';
import { Gate } from '../../src/store/embedded/gate.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, type Opened } from '../support/warden.js';

type Writing = 'insert' | 'replace' | 'remove';

/** Changes a method of the planned store under the watch. */
function onWrite(
  { driver }: Opened,
  method: Writing,
  write: (call: (join?: Join) => Promise<unknown>, join: Join) => Promise<unknown>,
): () => void {
  const planned = driver.planned as Record<Writing, (...args: unknown[]) => Promise<unknown>>;
  const real = planned[method];
  planned[method] = (...args) => write((join) => real(...args.slice(0, -1), join), args.at(-1) as Join);
  return () => void (planned[method] = real);
}

/** What was appended to the log on its own, in the order of the commits. */
function appended({ driver }: Opened): string[] {
  const seen: string[] = [];
  const { audit } = driver;
  const append = audit.append.bind(audit);
  audit.append = (group) => {
    if (group.stream !== 'registry') seen.push(...recordsIn(group).map(({ phase, outcome }) => `${phase} ${outcome}`));
    return append(group);
  };
  return seen;
}

const recordsIn = ({ body }: StoredGroup) => claimedRecords(body).map((text) => JSON.parse(text) as AuditRecord);

/** All results in the log, by the action. */
async function results({ driver }: Opened): Promise<string[]> {
  const found: string[] = [];
  for (const stream of await driver.audit.streams()) {
    if (stream === 'registry') continue;
    for await (const group of driver.audit.groups(stream))
      found.push(
        ...recordsIn(group)
          .filter(isResult)
          .map(({ action, outcome, count }) => `${action} ${outcome} ${count}`),
      );
  }
  return found;
}

const isResult = ({ phase }: AuditRecord) => phase === 'result';
const whole = { ok: true, openIntents: [] };

describeOnEachStore('S24: effect and result in one commit', (open, store) => {
  if (store === 'mongodb') {
    test('S24: on MongoDB the result is a write of its own, after the effect', async () => {
      const opened = await open();
      const memory = opened.warden.scope(ADMIN, 'alice');
      await memory.add('first');
      const seen = appended(opened);
      await memory.add('second');
      expect(seen).toEqual(['intent allowed', 'result allowed']);
    });
    return;
  }

  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'memwarden-along-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('S24: of each change the intent alone is a commit of its own; the result is there with the effect', async () => {
    const opened = await open();
    const { warden } = opened;
    const seen = appended(opened);
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('first');
    await memory.update(id, { content: 'second' });
    await memory.update(id, { level: 'sensitive' });
    await memory.addMany([{ content: 'third' }, { content: 'fourth' }]);
    await memory.delete(id);
    await memory.deleteAll();
    await warden.space(ADMIN, 'team').create({ onErase: 'keep', members: [{ user: 'alice', access: 'write' }] });
    const shared = seen.length;
    await warden.space(agentOf('alice'), 'team').add('ours');
    expect(seen.slice(shared)).toEqual(['intent allowed']);
    expect(seen.slice(0, 6)).toEqual(Array(6).fill('intent allowed'));
    expect((await results(opened)).slice(0, 6)).toEqual([
      'create allowed 1',
      'update allowed 1',
      'update allowed 1',
      'create allowed 2',
      'delete allowed 1',
      'delete allowed 2',
    ]);
    expect(await warden.audit(ADMIN).verify()).toMatchObject(whole);
    // As they are counted where each is a write of its own.
    expect(warden.auditCounters).toMatchObject({ decisions: { allowed: 9 }, waiting: 0, refused: 0 });
  });

  test('S24: an intent is durable before the store is asked for the effect that holds the result', async () => {
    const opened = await open();
    const memory = opened.warden.scope(ADMIN, 'alice');
    await memory.add('first');
    const phases: string[][] = [];
    onWrite(opened, 'insert', async (call, join) => {
      const joined = await join();
      const newest = (await opened.driver.audit.streams()).filter((name) => name !== 'registry');
      const last = await opened.driver.audit.last(newest[0]!);
      phases.push(recordsIn(last!).map(({ phase }) => phase));
      const value = await call(async () => joined);
      phases.push(recordsIn((await opened.driver.audit.last(newest[0]!))!).map(({ phase }) => phase));
      return value;
    });
    await memory.add('second');
    expect(phases).toEqual([['intent'], ['result']]);
  });

  test('S24: a write that matches nothing any more takes no result along; that it lost is told on its own', async () => {
    const opened = await open();
    const { warden, watch } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('first');
    const seen = appended(opened);
    let raced = false;
    watch.before = async ({ method }) => {
      if (method !== 'replace' || raced) return;
      raced = true;
      await memory.update(id, { content: 'faster' });
    };
    await memory.update(id, { content: 'slower' });
    // The faster one while the slower is under way.
    const faster = ['intent allowed', 'result allowed'];
    expect(seen).toEqual(['intent allowed', ...faster, 'result conflict', 'intent allowed']);
    expect(await results(opened)).toEqual([
      'create allowed 1',
      'update allowed 1',
      'update conflict 0',
      'update allowed 1',
    ]);
    expect(await warden.audit(ADMIN).verify()).toMatchObject(whole);
  });

  test.each([
    ['before its commit', false, 'create failed 0'],
    ['after its commit', true, 'create allowed 1'],
  ])('S25: a write that ends in an error %s has the one result that is true', async (_, lands, told) => {
    const opened = await open();
    const { warden } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    const seen = appended(opened);
    const undo = onWrite(opened, 'insert', async (call, join) => {
      await (lands ? call(join) : join());
      throw Object.assign(new Error('lost'), { code: 'lost' });
    });
    expect(await outcome(() => memory.add('second'))).toBe('lost');
    undo();
    await memory.add('third');
    expect(seen).toEqual(['intent allowed', ...(lands ? [] : ['result failed']), 'intent allowed']);
    expect(await results(opened)).toEqual(['create allowed 1', told, 'create allowed 1']);
    expect(await memory.count()).toBe(lands ? 3 : 2);
    expect(await warden.audit(ADMIN).verify()).toMatchObject(whole);
  });

  test.each([
    ['is not', false],
    ['is', true],
  ])(
    'S25: a result of which the log cannot be asked is asked for before anything newer; it %s there, and is never repeated',
    async (_, lands) => {
      const opened = await open();
      const { warden, driver } = opened;
      const memory = warden.scope(ADMIN, 'alice');
      await memory.add('first');
      const undo = onWrite(opened, 'insert', async (call, join) => {
        await (lands ? call(join) : join());
        throw Object.assign(new Error('lost'), { code: 'lost' });
      });
      const { audit } = driver;
      const groups = audit.groups.bind(audit);
      audit.groups = () => {
        throw new Error('down');
      };
      expect(await outcome(() => memory.add('second'))).toBe('lost');
      undo();
      // Nothing newer is written while it is not known what stands there.
      expect(await outcome(() => memory.count())).toBe('audit_unavailable');
      audit.groups = groups;
      await memory.add('third');
      expect(await results(opened)).toEqual(Array(lands ? 3 : 2).fill('create allowed 1'));
      expect(await memory.count()).toBe(lands ? 3 : 2);
      const report = await warden.audit(ADMIN).verify();
      expect(report).toMatchObject({ ok: true });
      expect(report.openIntents).toHaveLength(lands ? 0 : 1);
    },
  );

  test('S25: where another process wrote the place of the result, the effect is there and the fork is an alarm', async () => {
    const opened = await open();
    const { warden, driver } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    const [stream = ''] = (await driver.audit.streams()).filter((name) => name !== 'registry');
    const undo = onWrite(opened, 'insert', async (call, join) => {
      const { group } = (await driver.audit.last(stream))!;
      await driver.audit.append({ stream, group: group + 1, body: Buffer.from('of a copy of this process') });
      return call(join);
    });
    expect(await outcome(() => memory.add('second'))).toBe('audit_unavailable');
    undo();
    expect(warden.alarmCount('audit_fork')).toBe(1);
    await memory.add('third');
    expect(await memory.count()).toBe(3);
    expect((await driver.audit.last(stream))!.body.toString()).toBe('of a copy of this process');
    expect(await warden.audit(ADMIN).verify()).toMatchObject({
      ok: false,
      first: { stream, fault: 'group_malformed' },
    });
  });

  test('G18: a required sink that fails holds back the answer to a change whose result is stored; it gets it before anything newer', async () => {
    const sink = { kind: 'file', path: folder, required: true, maxBytes: 1_024 } as const;
    const opened = await open({ audit: { sinks: [sink] } });
    const { warden, driver } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    const [stream = ''] = (await driver.audit.streams()).filter((name) => name !== 'registry');
    // Every group begins a file: the intent is the third, the result the fourth.
    const full = join(folder, `${stream}.0004.jsonl`);
    symlinkSync('/dev/full', full);
    const seen = appended(opened);
    expect(await outcome(() => memory.add('second'))).toBe('audit_unavailable');
    expect(seen).toEqual(['intent allowed']);
    expect(await results(opened)).toEqual(['create allowed 1', 'create allowed 1']);
    expect(await outcome(() => memory.count())).toBe('audit_unavailable');
    rmSync(full);
    expect(await memory.count()).toBe(2);
    for (const files of [undefined, folder])
      expect(await warden.audit(ADMIN).verify(files === undefined ? {} : { files })).toMatchObject(whole);
  });

  test('S24: while the gate of the store is held, a record that waits for a result ends in a typed error, and then all goes on', async () => {
    const opened = await open({ audit: { timeoutMs: 1_500 } });
    const { warden, watch, place } = opened;
    if (place.store.kind !== 'embedded') throw new Error('not embedded');
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    const gate = await Gate.open(join(place.store.path, 'gate'));
    let leave!: () => void;
    const left = new Promise<void>((done) => (leave = done));
    let held!: Promise<void>;
    const begun = new Promise<void>((done) => {
      watch.before = async ({ method }) => {
        if (method !== 'insert') return;
        watch.before = undefined;
        await new Promise<void>((entered) => {
          held = gate.enter(() => (entered(), left));
        });
        done();
      };
    });
    const adding = memory.add('second');
    await begun;
    expect(await outcome(() => memory.count())).toBe('audit_timeout');
    leave();
    await adding;
    await held;
    await gate.close();
    expect(await memory.count()).toBe(2);
    expect(await warden.audit(ADMIN).verify()).toMatchObject(whole);
  });

  test('S24: 64 callers at once have their results, most of them together in one group; one alone has its own with the effect', async () => {
    const opened = await open();
    const { warden } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    const { groups, records } = warden.auditCounters;
    const seen = appended(opened);
    await Promise.all(Array.from({ length: 64 }, (_, n) => memory.add(`memory ${n}`)));
    const after = warden.auditCounters;
    expect(after.records - records).toBe(128);
    expect(after.groups - groups).toBeLessThan(32);
    expect(seen.filter((one) => one === 'result allowed').length).toBeGreaterThan(32);
    await memory.count();
    seen.length = 0;
    await memory.add('last');
    expect(seen).toEqual(['intent allowed']);
    expect(await results(opened)).toHaveLength(66);
    expect(await warden.audit(ADMIN).verify()).toMatchObject(whole);
  });

  test('S24: while another change is under way a result is a write of its own, so that neither waits for the commit of the other', async () => {
    const opened = await open();
    const { warden, watch } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    let begun!: () => void;
    const under = new Promise<void>((done) => (begun = done));
    let go!: () => void;
    const held = new Promise<void>((done) => (go = done));
    watch.before = async ({ method }) => {
      if (method !== 'insert') return;
      watch.before = undefined;
      begun();
      await held;
    };
    const slow = memory.add('slow');
    await under;
    const seen = appended(opened);
    await memory.add('fast');
    expect(seen).toEqual(['intent allowed', 'result allowed']);
    go();
    await slow;
    // The last one alone, whatever became of those before it.
    await outcome(() => memory.update('absent', { content: 'x' }));
    await memory.add('last');
    expect(seen).toEqual(['intent allowed', 'result allowed', ...seen.slice(2, -1), 'intent allowed']);
    expect(seen.slice(2, -1).filter((one) => one.startsWith('result'))).toEqual([]);
    expect(await warden.audit(ADMIN).verify()).toMatchObject(whole);
  });

  test('S25: a stream that has come to its end takes no result along; it is closed, and the next one does', async () => {
    const clock = handClock(new Date().toISOString());
    const opened = await open({ clock });
    const { warden, watch } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    const seen = appended(opened);
    watch.before = ({ method }) => void (method === 'insert' && clock.forward(24 * 3_600_000));
    await memory.add('second');
    watch.before = undefined;
    expect(seen).toEqual(['intent allowed', 'result allowed']);
    await memory.add('third');
    expect(seen.slice(2)).toEqual(['intent allowed']);
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ...whole, streams: 2 });
  });

  test('S25: a log that is closed while a result is on its way waits for it, and for what waits behind it', async () => {
    const opened = await open();
    const { warden, again } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('first');
    let asked!: () => void;
    const joined = new Promise<void>((done) => (asked = done));
    let go!: () => void;
    const held = new Promise<void>((done) => (go = done));
    onWrite(opened, 'insert', async (call, join) => {
      const joined = await join();
      asked();
      await held;
      return call(async () => joined);
    });
    const adding = memory.add('second');
    await joined;
    const counting = memory.count();
    while (warden.auditCounters.waiting === 0) await new Promise((done) => setImmediate(done));
    const closing = warden.close();
    go();
    await adding;
    await counting;
    await closing;
    // Its own stream is the second.
    const second = await again();
    expect(await second.audit(ADMIN).verify()).toMatchObject({ ...whole, streams: 2 });
    expect(await second.scope(ADMIN, 'alice').count()).toBe(2);
  });
});
