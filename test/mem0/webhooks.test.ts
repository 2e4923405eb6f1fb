import { createHmac } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadServerConfig } from '../../src/config/serve/load.js';
import type { WebhookSettings } from '../../src/config/serve/webhooks.js';
import type { WardenOptions } from '../../src/config/options.js';
import { WebhookDeliveries, type Network, type Outcome } from '../../src/http/webhooks/deliveries.js';
import type { WebhookRow } from '../../src/http/webhooks/webhooks.js';
import { servicesOf } from '../../src/internals.js';
import { mem0 } from '../../src/mem0/index.js';
import { namespaced } from '../../src/model/namespace.js';
import { webhookRows } from '../../src/model/credential-rows.js';
import { receiver, stall, status, type Got, type Receiver } from './receiver.js';
import { serveMem0, type Mem0Served } from './support.js';

const CANARY = 'canary-51f0';
const ADMIN = { id: 'test-admin', role: 'admin' } as const;
const NO_WAIT = { wait: () => Promise.resolve() };
const POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));
const tlsFile = (name: string) => readFileSync(new URL(`../http/serve/tls/${name}`, import.meta.url));
const HOOKS = ['memory_add', 'memory_update', 'memory_delete'];

const FOREIGN = [
  'https://169.254.169.254/latest/meta-data/',
  'https://[::ffff:169.254.169.254]/',
  'https://0xa9fea9fe/',
  'https://localhost/',
  'http://localhost/',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://10.0.0.1/',
  'https://hooks.example.com.evil.example/',
  'https://hooks.example.com@evil.example/',
  'https://evil.example/hooks.example.com',
  'https://hooks.example.com:8443/',
  'http://hooks.example.com/',
  'https://user:secret@hooks.example.com/',
  'file:///etc/passwd',
];
const PRIVATE = [
  '127.0.0.1',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '0.0.0.0',
  '::1',
  'fd12::1',
  'fe80::1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
];

interface Opened {
  readonly served: Mem0Served;
  readonly deliveries: WebhookDeliveries;
  /** Resolves when so many deliveries have come to an end. */
  over(count: number): Promise<Readonly<Record<Outcome, number>>>;
}

describe("Webhooks of mem0's door", () => {
  let hooks: Receiver;
  const ends: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    hooks = await receiver();
    ends.push(() => hooks.close());
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function open(
    settings: Partial<WebhookSettings> = {},
    network?: Network,
    options?: WardenOptions,
  ): Promise<Opened> {
    const given = { allow: [hooks.origin], networks: [], timeoutMs: 2_000, retryMs: [5, 5], ...settings };
    let deliveries: WebhookDeliveries | undefined;
    const served = await serveMem0(options, NO_WAIT, (app, parts) => {
      deliveries = new WebhookDeliveries(given, parts, network);
      return mem0(app, { ...parts, webhooks: deliveries });
    });
    if (!deliveries) throw new Error('no door was opened');
    const made = deliveries;
    ends.push(async () => {
      await made.close(0);
      await served.close();
    });
    const over = async (count: number) => {
      for (;;) {
        const { deliveries: ended, waiting } = made.counters;
        const sum = Object.values(ended).reduce((all, one) => all + one, 0);
        if (sum >= count && waiting === 0) return ended;
        await sleep(5);
      }
    };
    return { served, deliveries: made, over };
  }

  async function hookOf({ served }: Opened, key: string, url = `${hooks.origin}/hook`, event_types = HOOKS) {
    const { project_id } = (await served.send(key, 'GET', '/v1/ping/')).body;
    const path = `/api/v1/webhooks/projects/${String(project_id)}/`;
    return served.send(key, 'POST', path, { name: 'w', url, event_types });
  }
  const alice = ({ served }: Opened) => served.key({ role: 'agent', users: ['alice'] });
  async function add({ served }: Opened, key: string, content = 'tea', user = 'alice'): Promise<string> {
    const messages = [{ role: 'user', content }];
    const { body } = await served.send(key, 'POST', '/v3/memories/add/', { messages, user_id: user });
    return (body['results'] as { id: string }[])[0]?.id ?? '';
  }
  const isSigned = ({ headers, text }: Got, secret: unknown): boolean => {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`;
    const hmac = createHmac('sha256', Buffer.from(String(secret).replace('whsec_', ''), 'base64'));
    return headers['webhook-signature'] === `v1,${hmac.update(signed).digest('base64')}`;
  };

  test('tell of adds, updates and deletes by ids alone, signed as Standard Webhooks says', async () => {
    const opened = await open();
    const { served } = opened;
    const key = await served.key({ role: 'agent', users: ['alice-canary-51f0'] });
    const made = await hookOf(opened, key);
    expect(made.body).toMatchObject({ is_active: true, secret: expect.stringMatching(/^whsec_[\w+/]{43}=$/) });
    const body = {
      messages: ['one', 'two'].map((n) => ({ role: 'user', content: `${CANARY} ${n}` })),
      user_id: 'alice-canary-51f0',
      agent_id: CANARY,
      run_id: CANARY,
      metadata: { [CANARY]: CANARY },
    };
    const added = await served.send(key, 'POST', '/v3/memories/add/', body);
    const ids = (added.body['results'] as { id: string }[]).map(({ id }) => id);
    const [first = '', second = ''] = ids;
    await hooks.until(1);
    await served.send(key, 'PUT', `/v1/memories/${first}/`, { text: `${CANARY} three` });
    await hooks.until(2);
    await served.send(key, 'DELETE', `/v1/memories/${first}/`);
    await hooks.until(3);
    await served.send(key, 'PUT', '/v1/batch/', { memories: [{ memory_id: second, text: `${CANARY} four` }] });
    await hooks.until(4);
    await served.send(key, 'DELETE', '/v1/memories/?user_id=alice-canary-51f0');
    expect(await opened.over(5)).toEqual({ delivered: 5, failed: 0, withdrawn: 0, dropped: 0 });
    expect(hooks.got.map(({ body: { type, data } }) => [type, data])).toEqual([
      ['memory_add', { memory_ids: ids }],
      ['memory_update', { memory_ids: [first] }],
      ['memory_delete', { memory_ids: [first] }],
      ['memory_update', { memory_ids: [second] }],
      ['memory_delete', { memory_ids: [], deleted: 1 }],
    ]);
    const { project_id } = (await served.send(key, 'GET', '/v1/ping/')).body;
    for (const got of hooks.got) {
      expect(isSigned(got, made.body['secret'])).toBe(true);
      expect(Object.keys(got.body).sort()).toEqual(['data', 'id', 'project_id', 'timestamp', 'type']);
      expect(got.body).toMatchObject({ id: got.headers['webhook-id'], project_id });
      expect(`${got.path} ${JSON.stringify(got.headers)} ${got.text}`).not.toMatch(/canary|alice|mw_/i);
    }
    expect(new Set(hooks.got.map(({ body: { id } }) => id)).size).toBe(5);
  });

  test('tell the credential that did it alone, of the types it asked for, and never show the secret again', async () => {
    const opened = await open();
    const { served } = opened;
    const [own, other] = [await alice(opened), await alice(opened)];
    await hookOf(opened, own, `${hooks.origin}/own`, ['memory_delete']);
    const made = await hookOf(opened, other, `${hooks.origin}/other`, ['memory_add']);
    const id = await add(opened, own);
    await served.send(own, 'DELETE', `/v1/memories/${id}/`);
    await opened.over(1);
    expect(hooks.got.map(({ path, body: { type } }) => [path, type])).toEqual([['/own', 'memory_delete']]);
    const path = `/api/v1/webhooks/projects/${String(made.body['project'])}/`;
    const shown = await served.send(other, 'GET', path);
    expect(shown.body).toMatchObject([{ webhook_id: made.body['webhook_id'], is_active: true }]);
    expect(shown.text).not.toMatch(/secret|sealed|whsec/);
    const rows = await served.warden.credentials.list(ADMIN);
    expect(JSON.stringify(rows)).not.toContain('whsec');
  });

  test('are delivered nowhere, and inactive, where the operator lists no origin', async () => {
    const served = await serveMem0();
    ends.push(() => served.close());
    const key = await served.key({ role: 'agent', users: ['alice'] });
    const { project_id } = (await served.send(key, 'GET', '/v1/ping/')).body;
    const path = `/api/v1/webhooks/projects/${String(project_id)}/`;
    const body = { name: 'w', url: 'https://hooks.example.com/', event_types: HOOKS };
    expect((await served.send(key, 'POST', path, body)).body).toMatchObject({ is_active: false });
    expect((await served.send(key, 'POST', path, { ...body, url: `${hooks.origin}/` })).status).toBe(400);
    const config = loadServerConfig({});
    expect(config.mem0.webhooks.allow).toEqual([]);
  });

  test('S27: are refused at an address that the operator does not list, also where one is changed', async () => {
    const opened = await open({ allow: ['https://hooks.example.com'] });
    const key = await alice(opened);
    const made = await hookOf(opened, key, 'https://hooks.example.com/x');
    expect(made.status).toBe(201);
    const path = `/api/v1/webhooks/${String(made.body['webhook_id'])}/`;
    for (const url of FOREIGN) {
      expect([url, (await hookOf(opened, key, url)).status]).toEqual([url, 400]);
      expect([url, (await opened.served.send(key, 'PUT', path, { url })).status]).toEqual([url, 400]);
    }
  });

  test('S27: go to no origin that is not listed any more, whatever is kept', async () => {
    const opened = await open();
    const key = await alice(opened);
    const { body } = await hookOf(opened, key);
    const { values, clock } = servicesOf(opened.served.warden);
    const rows = namespaced<WebhookRow>(values, webhookRows(String(body['project'])), clock);
    const [row] = await rows.list(1);
    if (!row) throw new Error('no row');
    const other = await receiver();
    ends.push(() => other.close());
    await rows.replace(row, { ...row.value, url: `${other.origin}/` });
    await hookOf(opened, key, `${hooks.origin}/good`);
    await add(opened, key);
    expect(await opened.over(1)).toEqual({ delivered: 1, failed: 0, withdrawn: 0, dropped: 0 });
    expect([other.connections(), hooks.got.map((got) => got.path)]).toEqual([0, ['/good']]);
  });

  test('S27: are not sent where a name that is listed leads into a private network, whatever else it leads to', async () => {
    const asked: string[] = [];
    let address = '';
    const resolve: Network['resolve'] = (name, _options, done) => {
      asked.push(name);
      const given = { address, family: address.includes(':') ? 6 : 4 };
      done(null, [{ address: '93.184.215.14', family: 4 }, given]);
    };
    const origin = `https://hooks.example.com:${hooks.port}`;
    const opened = await open({ allow: [origin] }, { resolve });
    const key = await alice(opened);
    await hookOf(opened, key, `${origin}/`);
    for (address of PRIVATE) {
      const before = opened.deliveries.counters.attempts.address;
      await add(opened, key);
      await opened.over(before + 1);
      expect([address, opened.deliveries.counters.attempts.address]).toEqual([address, before + 1]);
    }
    expect([hooks.connections(), asked]).toEqual([0, PRIVATE.map(() => 'hooks.example.com')]);
  });

  test('S27: a name may lead into a private network that is listed, and the connection goes where the check was', async () => {
    let asked = 0;
    const resolve: Network['resolve'] = (_name, _options, done) => {
      asked += 1;
      done(null, [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
    };
    const [cert, key] = [tlsFile('worthless.crt'), tlsFile('worthless.key')];
    const safe = await receiver({ cert, key });
    ends.push(() => safe.close());
    const origin = `https://hooks.example.com:${safe.port}`;
    const opened = await open({ allow: [origin], networks: ['127.0.0.0/8'], retryMs: [] }, { resolve, ca: cert });
    const credential = await alice(opened);
    await hookOf(opened, credential, `${origin}/`);
    await add(opened, credential);
    // Its certificate is for another name: what is shown is that the connection went to it, and that nothing was said.
    expect(await opened.over(1)).toMatchObject({ failed: 1 });
    expect([asked, safe.connections(), safe.got.length]).toEqual([1, 1, 0]);
  });

  test.each([true, false])('go over TLS to a receiver whose certificate holds alone (it holds: %s)', async (holds) => {
    const [cert, key] = [tlsFile('worthless.crt'), tlsFile('worthless.key')];
    const safe = await receiver({ cert, key });
    ends.push(() => safe.close());
    const opened = await open({ allow: [safe.origin], retryMs: [] }, holds ? { ca: cert } : {});
    const credential = await alice(opened);
    await hookOf(opened, credential, `${safe.origin}/`);
    await add(opened, credential);
    await opened.over(1);
    expect([safe.got.length, opened.deliveries.counters.attempts]).toMatchObject(
      holds ? [1, { ok: 1 }] : [0, { unreachable: 1 }],
    );
  });

  test('follow no redirect', async () => {
    const other = await receiver();
    ends.push(() => other.close());
    hooks.always = status(307, { location: `${other.origin}/` });
    const opened = await open({ allow: [hooks.origin, other.origin] });
    const key = await alice(opened);
    await hookOf(opened, key);
    await add(opened, key);
    expect(await opened.over(1)).toMatchObject({ failed: 1 });
    expect([hooks.got.length, other.connections()]).toEqual([1, 0]);
    expect(opened.deliveries.counters.attempts).toMatchObject({ redirect: 1 });
  });

  test('are tried again where the receiver fails, under the same id, and no more often than they are told to', async () => {
    hooks.next.push(status(500), (answer) => answer.destroy());
    const opened = await open();
    const key = await alice(opened);
    const made = await hookOf(opened, key);
    await add(opened, key);
    expect(await opened.over(1)).toMatchObject({ delivered: 1, failed: 0 });
    expect(new Set(hooks.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(hooks.got.every((got) => isSigned(got, made.body['secret']))).toBe(true);
    hooks.always = status(503);
    await add(opened, key);
    expect(await opened.over(2)).toMatchObject({ delivered: 1, failed: 1 });
    hooks.always = status(404);
    await add(opened, key);
    expect(await opened.over(3)).toMatchObject({ delivered: 1, failed: 2 });
    expect(hooks.got.length).toBe(3 + 3 + 1);
    expect(opened.deliveries.counters.attempts).toMatchObject({
      ok: 1,
      server_error: 4,
      unreachable: 1,
      client_error: 1,
    });
  });

  test('hold back no request and fail none, while a receiver stalls; it is given up after its time', async () => {
    hooks.always = stall;
    const opened = await open({ timeoutMs: 300, retryMs: [] });
    const key = await alice(opened);
    await hookOf(opened, key);
    await add(opened, key);
    await hooks.until(1);
    // It has not been answered, and others are.
    await add(opened, key, 'coffee');
    expect(opened.deliveries.counters).toMatchObject({ deliveries: { delivered: 0, failed: 0 }, waiting: 2 });
    expect(await opened.over(2)).toMatchObject({ failed: 2 });
    expect(opened.deliveries.counters.attempts).toMatchObject({ timeout: 2 });
  });

  test('of one receiver that stalls wait in a bounded queue, and those of another go out meanwhile', async () => {
    const slow = await receiver();
    ends.push(() => slow.close());
    slow.always = stall;
    const opened = await open({ allow: [hooks.origin, slow.origin], timeoutMs: 60_000 });
    const [one, two] = [await alice(opened), await alice(opened)];
    await hookOf(opened, one, `${slow.origin}/`);
    await hookOf(opened, two);
    const { body } = await opened.served.send(one, 'POST', '/v3/memories/add/', {
      messages: Array.from({ length: 130 }, (_, i) => ({ role: 'user', content: `n ${i}` })),
      user_id: 'alice',
    });
    const some = (body['results'] as { id: string }[]).slice(0, 120);
    await Promise.all(some.map(({ id }) => opened.served.send(one, 'DELETE', `/v1/memories/${id}/`)));
    await add(opened, two);
    await hooks.until(1);
    await slow.until(1);
    // Two of the adds and 120 deletes: a hundred wait.
    for (; opened.deliveries.counters.deliveries.dropped < 22;) await sleep(5);
    expect(opened.deliveries.counters).toMatchObject({ deliveries: { dropped: 22 }, waiting: 100 });
    expect(slow.got.length).toBe(1);
    await opened.deliveries.close(0);
    expect(opened.deliveries.counters).toMatchObject({ deliveries: { delivered: 1 }, waiting: 0 });
  });

  /** Has one delivery fail, and does something before it is tried again. @returns how many attempts there were */
  async function meanwhile(opened: Opened, key: string, act: () => Promise<unknown>): Promise<number> {
    hooks.next.push((answer) => {
      void act().then(() => status(500)(answer));
    });
    await add(opened, key);
    await opened.over(1);
    return hooks.got.length;
  }

  test('of one that has many receivers that stall leave places for those of another', async () => {
    const slow = await receiver();
    ends.push(() => slow.close());
    slow.always = stall;
    const opened = await open({ allow: [hooks.origin, slow.origin], timeoutMs: 60_000 });
    const [many, one] = [await alice(opened), await alice(opened)];
    for (let n = 0; n < 10; n += 1) await hookOf(opened, many, `${slow.origin}/${n}`);
    await hookOf(opened, one);
    await add(opened, many);
    await slow.until(4);
    await add(opened, one);
    await hooks.until(1);
    expect(slow.got).toHaveLength(4);
  });

  test('S27: are not tried again for a credential that was revoked meanwhile', async () => {
    const opened = await open();
    const { key, credential } = await opened.served.warden.credentials.create(ADMIN, {
      role: 'agent',
      users: ['alice'],
    });
    await hookOf(opened, key);
    const revoke = () => opened.served.warden.credentials.revoke(ADMIN, credential.id);
    expect(await meanwhile(opened, key, revoke)).toBe(1);
    expect(opened.deliveries.counters.deliveries).toMatchObject({ delivered: 0, withdrawn: 1 });
  });

  test('S27: are not tried again where the policies let the credential read nothing of the user any more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-policies-'));
    ends.push(() => Promise.resolve(rmSync(folder, { recursive: true })));
    cpSync(POLICIES, folder, { recursive: true });
    const opened = await open({}, undefined, { policies: folder });
    const key = await alice(opened);
    await hookOf(opened, key);
    const tighten = () => {
      const path = join(folder, 'agent.yaml');
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace('action: [read, update, delete, explain]', 'action: [update, delete]'));
      return opened.served.warden.reloadPolicies();
    };
    expect(await meanwhile(opened, key, tighten)).toBe(1);
    expect(opened.deliveries.counters.deliveries).toMatchObject({ delivered: 0, withdrawn: 1 });
  });

  test.each([false, true])(
    'S27: are not tried again where the user was erased meanwhile (and is there again: %s)',
    async (again) => {
      const opened = await open();
      const { served } = opened;
      const key = await served.key({ role: 'agent', users: 'any' });
      await hookOf(opened, key);
      const erase = async () => {
        await served.warden.keys.erase(ADMIN, 'alice');
        if (again) await served.warden.scope({ id: 'a', role: 'agent', userId: 'alice' }, 'alice').add('tea');
      };
      expect(await meanwhile(opened, key, erase)).toBe(1);
      expect(opened.deliveries.counters.deliveries).toMatchObject({ delivered: 0, withdrawn: 1 });
    },
  );

  test('are not tried again where the webhook was deleted or asks for other types, and go to a new address where it has one', async () => {
    const opened = await open();
    const key = await alice(opened);
    const { body } = await hookOf(opened, key);
    const path = `/api/v1/webhooks/${String(body['webhook_id'])}/`;
    hooks.next.push((answer) => {
      const url = `${hooks.origin}/new`;
      void opened.served.send(key, 'PUT', path, { url }).then(() => status(500)(answer));
    });
    await add(opened, key);
    await opened.over(1);
    expect(hooks.got.map((got) => got.path)).toEqual(['/hook', '/new']);
    const acts = [
      () => opened.served.send(key, 'PUT', path, { event_types: ['memory_delete', 'memory_add'] }),
      () => opened.served.send(key, 'PUT', path, { event_types: ['memory_delete'] }),
      () => opened.served.send(key, 'DELETE', path),
    ];
    const attempts: number[] = [];
    for (const [i, act] of acts.entries()) {
      hooks.got.length = 0;
      hooks.next.push((answer) => void act().then(() => status(500)(answer)));
      const id = await add(opened, key);
      if (i === 2) await opened.served.send(key, 'DELETE', `/v1/memories/${id}/`);
      await opened.over(i + 2);
      attempts.push(hooks.got.length);
    }
    expect(attempts).toEqual([2, 1, 1]);
    expect(opened.deliveries.counters.deliveries).toEqual({ delivered: 2, failed: 0, withdrawn: 2, dropped: 0 });
  });

  test('are signed with no secret that was moved from another webhook', async () => {
    const opened = await open();
    const key = await alice(opened);
    const first = await hookOf(opened, key, `${hooks.origin}/first`, ['memory_add']);
    await hookOf(opened, key, `${hooks.origin}/second`, ['memory_add']);
    const { values, clock } = servicesOf(opened.served.warden);
    const rows = namespaced<WebhookRow>(values, webhookRows(String(first.body['project'])), clock);
    const [one, two] = await rows.list(2);
    if (!one || !two) throw new Error('no rows');
    expect(JSON.stringify([one, two])).not.toContain('whsec');
    await rows.replace(two, { ...two.value, sealed: String(one.value.sealed) });
    await add(opened, key);
    expect(await opened.over(2)).toMatchObject({ delivered: 1, withdrawn: 1 });
    expect(hooks.got.map(({ path }) => path)).toEqual(['/first']);
  });

  test('that wait for another attempt are dropped when the server goes down; what is under way gets its time', async () => {
    hooks.next.push(status(500));
    const opened = await open({ retryMs: [60_000] });
    const key = await alice(opened);
    await hookOf(opened, key);
    await add(opened, key);
    await hooks.until(1);
    hooks.next.push((answer) => void setTimeout(() => status(200)(answer), 50));
    await add(opened, key);
    await hooks.until(2);
    await opened.deliveries.close(10_000);
    expect(opened.deliveries.counters).toMatchObject({ deliveries: { delivered: 1, dropped: 1 }, waiting: 0 });
  });
});
