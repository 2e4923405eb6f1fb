import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { verifyCertificate } from '../../../src/compliance/erase/certificate.js';
import { v1 } from '../../../src/http/v1/index.js';
import { buildServer } from '../../../src/http/server.js';
import { authenticating } from '../../../src/identity/authenticate.js';
import { servicesOf } from '../../../src/internals.js';
import { checkedDoor, sender, type Answered, type Send } from '../../support/http.js';
import { describeServed } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { ADMIN, agentOf, handClock, policyFolder } from '../../support/warden.js';
import type { WardenOptions } from '../../../src/config/options.js';
import type { WardenParts } from '../../../src/wiring/parts.js';

const ABSENT = '01890000-0000-7000-8000-000000000000';
const HOUR = 3_600_000;

/** The folders that exports are written in, of all stores in a folder. */
const jobFolders = (folder: string) => readdirSync(folder).filter((name) => name.includes('http-exports'));
const jobFolder = (folder: string) => join(folder, jobFolders(folder)[0] ?? 'none');

describeServed('the HTTP API: exports and erasures', (serve) => {
  let served: Served | undefined;
  let faults: string[] = [];
  afterEach(async () => {
    await served?.close();
    expect(faults).toEqual([]);
  });
  const start = async (options: WardenOptions = {}, acts: WardenParts['acts'] = {}): Promise<Served> => {
    const checked = checkedDoor(v1);
    ({ faults } = checked);
    return (served = await serve([checked.door], options, acts));
  };
  const keyed = async (role: string, users: 'any' | string[] = 'any') =>
    sender(served!.url, await served!.key({ role, users }));
  const over = async (send: Send, place: string): Promise<Answered> => {
    for (;;) {
      const found = await send('GET', place);
      if (found.body.state !== 'running') return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test('S22: an export is a job; its file waits sealed in the store, and nothing of it stays beside', async () => {
    const { warden, folder, url } = await start();
    for (const user of ['alice', 'bob'])
      for (const level of ['public', 'private'] as const)
        await warden.scope(ADMIN, user).add(`${user} canary-${level}`, { level });
    const exporter = await keyed('export', []);
    const begun = await exporter('POST', '/v1/exports', { body: { users: 'all', recipient: 'Alice Doe' } });
    expect([begun.status, begun.headers.get('location')]).toEqual([202, `/v1/exports/${begun.body.id}`]);
    const place = `/v1/exports/${begun.body.id}`;
    const done = await over(exporter, place);
    expect(done.body).toMatchObject({ state: 'done', counts: { users: 2, memories: 2, levels: { public: 2 } } });
    const file = await exporter('GET', `${place}/file`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(
      file.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).content)
        .sort(),
    ).toEqual(['alice canary-public', 'bob canary-public']);
    const manifest = await exporter('GET', `${place}/manifest`);
    expect(manifest.body).toMatchObject({ recipient: 'Alice Doe', query: { users: 'all' } });
    expect(manifest.body.files[0].sha256).toBe(createHash('sha256').update(file.text).digest('hex'));
    const users = await exporter('GET', `${place}/file?part=users`);
    expect(users.text.trim().split('\n')).toHaveLength(2);
    expect(readdirSync(jobFolder(folder))).toEqual([]);
    // What is kept says nothing: not of the content, nor of what was asked for, nor of whom.
    for await (const text of allValues(warden)) expect(text).not.toMatch(/canary|alice|\bbob\b|Alice Doe/);
    // Each release is a disclosure, with its recipient.
    const report = await (await keyed('admin'))('GET', '/v1/audit/report?user=alice');
    const acts = report.body.disclosures.filter(({ recipient }: { recipient: string }) => recipient === 'Alice Doe');
    expect(acts.map(({ act }: { act: string }) => act)).toEqual(['export', 'export.file', 'export.file']);
    // Its credential alone sees it; for others, and for who may not approve, it is not there.
    const other = await keyed('export', []);
    for (const what of ['', '/manifest', '/file']) {
      for (const [send, id] of [
        [other, begun.body.id],
        [exporter, ABSENT],
        [other, ABSENT],
      ] as const) {
        const { status, body } = await send('GET', `/v1/exports/${id}${what}`);
        expect([status, body.code]).toEqual([404, 'job_not_found']);
      }
    }
    const approver = await keyed('admin');
    expect((await approver('GET', place)).body).toEqual(done.body);
    expect((await approver('GET', `${place}/file`)).body.code).toBe('job_not_found');
    expect(url).toBe(served?.url);
  });

  test.each(['deleted', 'raised', 'expired', 'erased'] as const)(
    'S27: a waiting file is not released once something in it is %s, and is gone then',
    async (what) => {
      const clock = handClock();
      const { warden } = await start({ clock }, { wait: () => Promise.resolve() });
      const memory = warden.scope(ADMIN, 'alice');
      const { id } = await memory.add('Alice blogs.', { level: 'public', ttl: 5 * HOUR });
      await warden.scope(ADMIN, 'bob').add('Bob blogs.', { level: 'public' });
      const exporter = await keyed('export', []);
      const order = { body: { users: ['alice', 'bob'] } };
      const { body } = await exporter('POST', '/v1/exports', order);
      const place = `/v1/exports/${body.id}`;
      await over(exporter, place);
      // What is merely written beside it does not matter.
      await memory.add('Alice blogs again.', { level: 'public' });
      expect((await exporter('GET', `${place}/file`)).status).toBe(200);
      if (what === 'deleted') await memory.delete(id);
      if (what === 'raised') await memory.update(id, { level: 'private' });
      if (what === 'expired') clock.forward(6 * HOUR);
      if (what === 'erased') await warden.keys.erase(ADMIN, 'alice');
      for (let n = 0; n < 2; n += 1) {
        const file = await exporter('GET', `${place}/file`);
        expect([file.status, file.body.code]).toEqual([409, 'export_stale']);
      }
      const again = await exporter('POST', '/v1/exports', order);
      expect(again.body.id).not.toBe(body.id);
      expect((await over(exporter, `/v1/exports/${again.body.id}`)).body.state).toBe('done');
    },
  );

  test('S22: with the key of one of its users the whole file dies, and nothing that is kept opens it', async () => {
    const { warden } = await start({}, { wait: () => Promise.resolve() });
    for (const user of ['alice', 'bob']) await warden.scope(ADMIN, user).add('blog', { level: 'public' });
    const exporter = await keyed('export', []);
    const { body } = await exporter('POST', '/v1/exports', { body: { users: 'all' } });
    await over(exporter, `/v1/exports/${body.id}`);
    await warden.keys.erase(ADMIN, 'alice');
    // Bob's memories are there and permitted still.
    expect((await exporter('GET', `/v1/exports/${body.id}/file`)).body.code).toBe('export_stale');
  });

  test.each([
    ['alone', ['alice', 'carol']],
    ['beside others', ['alice', 'bob', 'carol']],
  ] as const)(
    'S22, S27: a waiting file that but names a user, %s, opens to nobody who has the store, is on record and dies with them',
    async (_, users) => {
      const { warden } = await start({}, { wait: () => Promise.resolve() });
      // Of Alice nothing may be exported; of Carol there is nothing, not even a key.
      await warden.scope(ADMIN, 'alice').add('Alice takes insulin.', { level: 'private' });
      await warden.scope(ADMIN, 'bob').add('blog', { level: 'public' });
      const exporter = await keyed('export', []);
      const admin = await keyed('admin');
      for (const user of ['alice', 'carol']) {
        const { body } = await exporter('POST', '/v1/exports', { body: { users, recipient: 'Dr. Doe' } });
        const place = `/v1/exports/${body.id}`;
        expect((await over(exporter, place)).body).toMatchObject({ state: 'done', counts: { users: users.length } });
        for await (const text of openedByStore(warden)) expect(text).not.toContain(user);
        const told = async () => {
          const report = await admin('GET', `/v1/audit/report?user=${user}`);
          return report.body.disclosures.filter(({ act }: { act: string }) => act === 'export.file').length;
        };
        const before = await told();
        const file = await exporter('GET', `${place}/file?part=users`);
        expect([file.status, file.text.trim().split('\n')]).toEqual([200, users.map(() => expect.any(String))]);
        expect(await told()).toBe(before + 1);
        await warden.keys.erase(ADMIN, user);
        for (const part of ['users', 'memories']) {
          const { status, body: problem } = await exporter('GET', `${place}/file?part=${part}`);
          expect([part, status, problem.code]).toEqual([part, 409, 'export_stale']);
        }
      }
    },
  );

  test('S27: a waiting file that but names a user is decided on anew', async () => {
    const rules = (action: string) => `
rules:
  - id: out
    action: [${action}]
    subject: Memory
    conditions: { sensitivity: public }
    reason: Public memories go out.
`;
    const policies = await policyFolder({ export: rules('read, export') });
    const { warden } = await start({ policies });
    const exporter = await keyed('export', []);
    const { body } = await exporter('POST', '/v1/exports', { body: { users: ['alice'] } });
    const place = `/v1/exports/${body.id}`;
    expect((await over(exporter, place)).body.state).toBe('done');
    expect((await exporter('GET', `${place}/file?part=users`)).status).toBe(200);
    await writeFile(join(policies, 'export.yaml'), `role: export${rules('read')}`);
    await warden.reloadPolicies();
    expect((await exporter('GET', `${place}/file?part=users`)).body.code).toBe('export_stale');
  });

  test('S22: the file of an export of nobody opens to nobody who has the store', async () => {
    const { warden } = await start();
    const exporter = await keyed('export', []);
    const { body } = await exporter('POST', '/v1/exports', { body: { users: 'all', format: 'csv' } });
    const place = `/v1/exports/${body.id}`;
    expect((await over(exporter, place)).body).toMatchObject({ state: 'done', counts: { users: 0 } });
    const { status, text } = await exporter('GET', `${place}/file`);
    expect([status, text]).toEqual([200, expect.stringContaining('content')]);
    for await (const plain of openedByStore(warden)) expect(plain).not.toContain('content');
  });

  test('S22: a user who is erased while an export runs is not in what is kept of it', async () => {
    let erase: () => Promise<unknown> = () => Promise.resolve();
    const step = async (name: string) => {
      if (name === 'signed') await erase();
    };
    const { warden } = await start({}, { wait: () => Promise.resolve(), step });
    erase = () => warden.keys.erase(ADMIN, 'alice');
    const exporter = await keyed('export', []);
    const { body } = await exporter('POST', '/v1/exports', { body: { users: ['alice'] } });
    const done = await over(exporter, `/v1/exports/${body.id}`);
    expect(done.body).toMatchObject({ state: 'failed', error: 'export_unsettled' });
    expect(await servicesOf(warden).values.list('export-chunks', 10)).toEqual([]);
  });

  test('an export over the number of a rule waits for another principal, and the same request then runs it', async () => {
    const policies = await policyFolder({
      export: `
rules:
  - id: out
    action: [read, export]
    subject: Memory
    conditions: { sensitivity: public }
    requires_approval: { over_users: 1 }
    reason: Public memories go out.
`,
    });
    const { warden } = await start({ policies });
    for (const user of ['alice', 'bob']) await warden.scope(ADMIN, user).add('blog', { level: 'public' });
    const exporter = await keyed('export', []);
    const order = { body: { users: ['alice', 'bob'] } };
    const { body } = await exporter('POST', '/v1/exports', order);
    expect(body.state).toBe('waiting');
    expect((await exporter('POST', '/v1/exports', order)).body).toEqual(body);
    const place = `/v1/exports/${body.id}`;
    expect((await exporter('GET', `${place}/file`)).body.code).toBe('export_not_ready');
    expect((await exporter('POST', `${place}/approve`)).body.code).toBe('forbidden');
    const admin = await keyed('admin');
    expect((await admin('GET', place)).body.request).toMatchObject({
      principal: { role: 'export' },
      query: { users: 2 },
    });
    expect((await admin('POST', `/v1/exports/${ABSENT}/approve`)).body.code).toBe('job_not_found');
    expect((await admin('POST', `${place}/approve`)).body.state).toBe('ready');
    const run = await exporter('POST', '/v1/exports', order);
    expect([run.body.id, run.body.state]).toEqual([body.id, 'running']);
    expect((await over(exporter, place)).body.state).toBe('done');
    expect((await exporter('GET', `${place}/manifest`)).body.approval).toMatchObject({ approvedBy: { role: 'admin' } });
  });

  test('who makes credentials approves no export of their own with another: not with one below, above or beside', async () => {
    const policies = await policyFolder({
      admin: `
rules:
  - { id: all, action: [read, export], subject: Memory, requires_approval: { over_users: 1 }, reason: Admins export. }
  - { id: keys, action: [list, administer], subject: Credential, reason: Admins make keys. }
  - { id: exports, action: [read, approve], subject: Export, reason: Admins approve. }
  - { id: users, action: [list], subject: User, reason: Admins list users. }
`,
    });
    await start({ policies });
    for (const user of ['alice', 'bob']) await served!.warden.scope(agentOf(user), user).add('blog');
    const order = { body: { users: ['alice', 'bob'] } };
    const made = async (by: Send): Promise<Send> => {
      const { body } = await by('POST', '/v1/credentials', { body: { role: 'admin', users: [] } });
      return sender(served!.url, body.key);
    };
    const [maker, other] = [await keyed('admin', []), await keyed('admin', [])];
    const [one, two] = [await made(maker), await made(maker)];
    const below = await made(one);
    const line = [maker, one, two, below];
    for (const asker of line) {
      const { body } = await asker('POST', '/v1/exports', order);
      expect(body.state).toBe('waiting');
      for (const approver of line)
        expect((await approver('POST', `/v1/exports/${body.id}/approve`)).body.code).toBe('own_approval');
      expect((await other('POST', `/v1/exports/${body.id}/approve`)).body.state).toBe('ready');
    }
    // What a key is of is told to nobody.
    expect((await maker('GET', '/v1/credentials')).text).not.toContain('line');
  });

  test('S22: another process answers for a job, sees that its process died, and does it anew at the same request', async () => {
    const clock = handClock();
    let hold = true;
    let reached = () => undefined as void;
    const atStep = new Promise<void>((resolve) => (reached = resolve));
    const step = async (name: string) => {
      if (name !== 'parts synced' || !hold) return;
      reached();
      // The process dies here: nothing of it is ever heard again.
      await new Promise(() => undefined);
    };
    const { warden } = await start({ clock }, { step });
    for (const user of ['alice', 'bob']) await warden.scope(ADMIN, user).add('blog', { level: 'public' });
    const key = await served!.key({ role: 'export', users: [] });
    const order = { body: { users: ['alice', 'bob'] } };
    const { body } = await sender(served!.url, key)('POST', '/v1/exports', order);
    await atStep;
    const services = servicesOf(warden);
    const second = await buildServer({ warden, services, authenticate: authenticating(services.apiKeys) }, [v1]);
    const other = sender(await second.listen({ host: '127.0.0.1', port: 0 }), key);
    const third = await buildServer({ warden, services, authenticate: authenticating(services.apiKeys) }, [v1]);
    const place = `/v1/exports/${body.id}`;
    try {
      expect((await other('GET', place)).body.state).toBe('running');
      expect((await other('POST', '/v1/exports', order)).body).toMatchObject({ id: body.id, state: 'running' });
      clock.forward(31_000);
      expect((await other('GET', place)).body.state).toBe('interrupted');
      // Text in clear that no erasure would find (S22).
      const folder = jobFolder(served!.folder);
      expect(readdirSync(folder)).toHaveLength(1);
      // What no job makes is somebody else's, wherever it lies.
      const theirs = [
        join(served!.folder, 'exports', 'x.ndjson'),
        join(folder, 'x.ndjson'),
        join(folder, 'mine', 'x.ndjson'),
        join(folder, 'a'.repeat(64)),
      ];
      for (const path of theirs) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, 'theirs');
      }
      mkdirSync(join(folder, 'b'.repeat(64)));
      await third.ready();
      for (const path of theirs) expect([path, existsSync(path)]).toEqual([path, true]);
      expect(readdirSync(folder).sort()).toEqual(['a'.repeat(64), 'mine', 'x.ndjson']);
      hold = false;
      expect((await other('POST', '/v1/exports', order)).body).toMatchObject({ id: body.id, state: 'running' });
      expect((await over(other, place)).body).toMatchObject({ state: 'done', counts: { users: 2, memories: 2 } });
      const file = await other('GET', `${place}/file`);
      expect(file.text.trim().split('\n')).toHaveLength(2);
    } finally {
      await third.close();
      await second.close();
    }
  });

  test('S27: the id of a request that was made elsewhere approves nothing as the id of a job', async () => {
    const policies = await policyFolder({
      admin: `rules:
  - { id: writes, action: [create], subject: Memory, reason: Admins write. }
  - { id: all, action: [read, export], subject: Memory, requires_approval: { over_users: 1 }, reason: Admins export. }
  - { id: keys, action: [list, administer], subject: Credential, reason: Admins make keys. }
  - { id: exports, action: [read, approve], subject: Export, reason: Admins approve. }
`,
    });
    const { warden, folder } = await start({ policies });
    const users = ['alice', 'bob'];
    for (const user of users) await warden.scope(ADMIN, user).add('blog');
    const order = { users, out: join(folder, 'out.ndjson') };
    const asked = async (approval?: string) =>
      warden.export(ADMIN, { ...order, ...(approval === undefined ? {} : { approval }) }).catch((error) => error);
    const { code, detail } = await asked();
    expect(code).toBe('approval_required');
    const approver = await keyed('admin', []);
    const told = await approver('POST', `/v1/exports/${detail.id}/approve`);
    expect([told.status, told.body.code]).toEqual([404, 'job_not_found']);
    expect((await asked(detail.id)).code).toBe('approval_required');
  });

  test('two exports of one credential run at once and four of all; another is told to wait, leaves no job, and runs once one has ended', async () => {
    let letGo = () => undefined as void;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const step = (name: string) => (name === 'parts synced' ? held : undefined);
    const { warden } = await start({}, { step });
    await warden.scope(ADMIN, 'alice').add('blog', { level: 'public' });
    const order = (recipient: string) => ({ body: { users: ['alice'], recipient } });
    const [one, two, three] = [await keyed('export', []), await keyed('export', []), await keyed('export', [])];
    const places: [Send, string][] = [];
    for (const send of [one, two])
      for (const name of ['a', 'b']) {
        const { status, body } = await send('POST', '/v1/exports', order(name));
        expect(status).toBe(202);
        places.push([send, `/v1/exports/${body.id}`]);
      }
    for (const send of [one, three]) {
      const refused = await send('POST', '/v1/exports', order('c'));
      expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    }
    // The same order is the job that runs.
    expect(`/v1/exports/${(await one('POST', '/v1/exports', order('a'))).body.id}`).toBe(places[0]?.[1]);
    letGo();
    for (const [send, place] of places) expect((await over(send, place)).body.state).toBe('done');
    for (const send of [one, three]) {
      const { status, body } = await send('POST', '/v1/exports', order('c'));
      expect(status).toBe(202);
      expect((await over(send, `/v1/exports/${body.id}`)).body.state).toBe('done');
    }
  });

  test('a refused export leaves no job, and an order that is none is told so', async () => {
    const { warden, folder } = await start();
    await warden.scope(ADMIN, 'alice').add('blog', { level: 'public' });
    const agent = await keyed('agent', ['alice']);
    expect((await agent('POST', '/v1/exports', { body: { users: ['alice'] } })).body.code).toBe('forbidden');
    expect(jobFolders(folder)).toEqual([]);
    for (const namespace of ['jobs', 'job-targets'])
      expect(await servicesOf(warden).values.list(namespace, 10)).toEqual([]);
    const exporter = await keyed('export', []);
    for (const body of [
      {},
      { users: [] },
      { users: 'some' },
      { users: ['alice'], out: '/tmp/x' },
      { users: ['a', 'b'], format: 'zip' },
    ])
      expect((await exporter('POST', '/v1/exports', { body })).body.code).toBe('invalid_argument');
  });

  test('an erasure is a job that ends in a signed certificate; its credential and who may list keys see it', async () => {
    let release = () => undefined as void;
    const waited = new Promise<void>((resolve) => (release = resolve));
    const { warden } = await start({}, { wait: () => waited });
    await warden.scope(ADMIN, 'alice').add('Alice takes insulin.', { level: 'sensitive' });
    const admin = await keyed('admin');
    const begun = await admin('POST', '/v1/users/alice/erase');
    expect([begun.status, begun.body.state]).toEqual([202, 'running']);
    expect((await admin('POST', '/v1/users/alice/erase')).body.id).toBe(begun.body.id);
    const place = begun.headers.get('location') as string;
    // It is no export, while it runs and when it is done.
    const asExport = async () => {
      const answers = ['', '/manifest', '/file'].map((what) => admin('GET', `/v1/exports/${begun.body.id}${what}`));
      return (await Promise.all(answers)).map(({ status, body }) => `${status} ${body.code}`);
    };
    expect(await asExport()).toEqual(Array(3).fill('404 job_not_found'));
    release();
    const done = await over(admin, place);
    expect(await asExport()).toEqual(Array(3).fill('404 job_not_found'));
    expect(done.body).toMatchObject({ state: 'done', certificate: { deleted: { memories: 1 } } });
    const keys = JSON.stringify((await admin('GET', '/v1/keys/public')).body);
    expect(verifyCertificate(JSON.stringify(done.body.certificate), keys).erasureId).toBe(
      done.body.certificate.erasureId,
    );
    expect((await admin('GET', '/v1/users/alice/memories/count')).body).toEqual({ count: 0 });
    for await (const text of allValues(warden)) expect(text).not.toContain('alice');
    const agent = await keyed('agent', ['alice']);
    for (const id of [begun.body.id, ABSENT])
      expect((await agent('GET', `/v1/erasures/${id}`)).body.code).toBe('job_not_found');
    expect((await (await keyed('admin'))('GET', place)).body).toEqual(done.body);
  });
});

// Everything that doors keep in the store, but the grants of credentials.
async function* allValues(warden: Served['warden']): AsyncGenerator<string> {
  const { values } = servicesOf(warden);
  for (const namespace of ['jobs', 'job-targets', 'idempotency', 'export-chunks', 'export-parts'])
    for (const { key, value } of await values.list(namespace, 10_000)) yield `${key} ${value}`;
}

// What who has but the store makes of the files that wait: the key is derived of what lies there, and no tag is asked.
async function* openedByStore(warden: Served['warden']): AsyncGenerator<string> {
  for (const { key, value } of await servicesOf(warden).values.list('export-chunks', 10_000)) {
    const [job = ''] = key.split('/');
    const guessed = hkdfSync('sha256', Buffer.alloc(32), Buffer.from(job), 'memwarden kept export 1', 32);
    const bytes = Buffer.from((JSON.parse(value) as string).slice(1), 'base64');
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(guessed), bytes.subarray(0, 12));
    yield decipher.update(bytes.subarray(12, -16)).toString('utf8');
  }
}
