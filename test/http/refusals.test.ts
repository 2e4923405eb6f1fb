import { expect, test } from '@jest/globals';
import { principalOf, requireCaller, type DoorPlugin } from '../../src/http/door.js';
import { buildServer } from '../../src/http/server.js';
import { authenticating } from '../../src/identity/authenticate.js';
import { Refusals } from '../../src/identity/refusals.js';
import { jwtVerifier } from '../../src/identity/jwt.js';
import { servicesOf } from '../../src/internals.js';
import type { AuditEntry } from '../../src/model/auditor.js';
import { newKey, optionsFor, signer } from '../identity/issuer.js';
import { ADMIN, describeOnEachStore, handClock, type Opened } from '../support/warden.js';

const whoami: DoorPlugin = (app, parts) => {
  requireCaller(app, parts, 'mem0');
  app.get('/users/:user', (request) => {
    const { user } = request.params as { user: string };
    return parts.warden.scope(principalOf(request, 'mem0', user), user).list();
  });
};

describeOnEachStore('Requests that are refused before any policy is asked', (open) => {
  const key = newKey('k1');
  async function withServer<T>(opened: Opened, work: (ask: Ask) => Promise<T>): Promise<T> {
    const services = servicesOf(opened.warden);
    const jwt = jwtVerifier(optionsFor(await key), services);
    const parts = { warden: opened.warden, services, authenticate: authenticating(services.apiKeys, jwt) };
    const app = await buildServer(parts, [whoami]);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      return await work(async (path, credential, headers = {}) => {
        const authorization = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
        const answer = await fetch(`${url}${path}`, { headers: { ...authorization, ...headers } });
        const shown = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'memwarden-request-id');
        return { status: answer.status, headers: shown, body: await answer.text() };
      });
    } finally {
      await app.close();
    }
  }
  type Ask = (
    path: string,
    credential?: string,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; headers: [string, string][]; body: string }>;
  const denials = async ({ warden }: Opened) =>
    (await warden.audit(ADMIN).query({ outcome: 'denied' })).filter(({ door }) => door === 'mem0');

  test('S26: a name outside of the grant is on record, as a pseudonym, and a purpose too', async () => {
    const opened = await open();
    const { key: apiKey, credential } = await opened.warden.credentials.create(ADMIN, {
      role: 'agent',
      users: ['alice'],
    });
    await withServer(opened, async (ask) => {
      expect((await ask('/users/bobcanary', apiKey)).status).toBe(403);
      expect((await ask('/users/alice', apiKey, { 'memwarden-on-behalf-of': 'bobcanary' })).status).toBe(403);
      expect((await ask('/users/alice', apiKey, { 'memwarden-purpose': 'billing' })).status).toBe(403);
    });
    const found = await denials(opened);
    expect(found.map(({ act }) => act)).toEqual(['on_behalf_of', 'on_behalf_of', 'purpose']);
    for (const record of found) {
      expect(record).toMatchObject({ outcome: 'denied', principal: { id: credential.id, role: 'agent' }, count: 0 });
      expect(record.owner).toMatch(/./);
      expect(record.principal.user).toBeUndefined();
    }
    expect(JSON.stringify(found)).not.toMatch(/bobcanary|alice/);
  });

  test('S9: the answer is the same whether or not such a user exists, byte for byte', async () => {
    const opened = await open();
    await opened.warden.scope({ id: 'a', role: 'agent', userId: 'real' }, 'real').add('something');
    const { key: apiKey } = await opened.warden.credentials.create(ADMIN, { role: 'agent', users: ['alice'] });
    await withServer(opened, async (ask) => {
      const exists = await ask('/users/real', apiKey);
      expect(exists.status).toBe(403);
      expect(await ask('/users/none', apiKey)).toEqual(exists);
    });
  });

  test('one without a valid credential is on record without an owner', async () => {
    const opened = await open();
    await withServer(opened, async (ask) => {
      for (const credential of [undefined, 'mw_x', 'a.b.c'])
        expect((await ask('/users/alice', credential)).status).toBe(401);
    });
    const found = await denials(opened);
    expect(found).toHaveLength(3);
    for (const record of found) {
      expect(record).toMatchObject({
        act: 'authenticate',
        count: 1,
        principal: { id: 'anonymous', role: 'anonymous' },
      });
      expect(record).not.toHaveProperty('owner');
    }
  });

  test('S26: a person whose token it is never stands there in clear; a service whose token it is does', async () => {
    const clock = handClock();
    const opened = await open({ clock });
    const sign = signer(clock);
    await withServer(opened, async (ask) => {
      expect((await ask('/users/alicecanary', await sign(await key, { sub: 'alicecanary' }))).status).toBe(200);
      expect((await ask('/users/bob', await sign(await key, { sub: 'alicecanary' }))).status).toBe(403);
    });
    const found = (await opened.warden.audit(ADMIN).query({})).filter(({ door }) => door === 'mem0');
    expect(found).toHaveLength(2);
    for (const { principal } of found)
      expect(principal).toEqual({
        self: expect.any(String),
        role: 'agent',
        ...('user' in principal ? { user: expect.any(String) } : {}),
      });
    expect(JSON.stringify(found)).not.toContain('alicecanary');
  });

  test('S24: where the log cannot be written, the refusal is no longer told, and nothing else is', async () => {
    const opened = await open({ audit: { timeoutMs: 3_000 } });
    const { key: apiKey } = await opened.warden.credentials.create(ADMIN, { role: 'agent', users: ['alice'] });
    opened.watch.append = () => {
      throw new Error('disk full');
    };
    try {
      await withServer(opened, async (ask) => {
        for (const credential of [apiKey, undefined]) {
          const answer = await ask('/users/bob', credential);
          expect([answer.status, answer.body]).toEqual([503, expect.stringMatching(/audit_(?:unavailable|timeout)/)]);
          expect(answer.body).not.toMatch(/bob|disk full/);
        }
      });
    } finally {
      opened.watch.append = undefined;
    }
  });
});

test('S24: a flood of requests without a credential does not fill the log, and is counted in it all the same', async () => {
  const clock = handClock();
  const entries: AuditEntry[] = [];
  const auditor = { record: (entry: AuditEntry) => void entries.push(entry) };
  const refusals = new Refusals(auditor, () => 'r', clock, 5);
  const flood = async (times: number) => {
    for (let i = 0; i < times; i += 1) await refusals.unauthenticated({ door: 'http' });
  };
  await flood(1_000);
  expect(entries).toHaveLength(5);
  clock.forward(59_999);
  await flood(1);
  expect(entries).toHaveLength(5);
  clock.forward(1);
  await flood(1);
  expect(entries.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 997]);
  expect(refusals.counters).toEqual({ unauthenticated: 1_002, outsideGrant: 0 });
  clock.forward(-3_600_000);
  await flood(1);
  expect(entries).toHaveLength(7);
});

test('S24: a flood of names outside of a grant does not fill the log, nor hide what another credential does', async () => {
  const clock = handClock();
  const entries: AuditEntry[] = [];
  const auditor = { record: (entry: AuditEntry) => void entries.push(entry) };
  const refusals = new Refusals(auditor, () => 'r', clock, 5);
  const flood = async (times: number, id: string) => {
    for (let i = 0; i < times; i += 1)
      await refusals.outsideGrant({ principal: { id, role: 'agent' }, act: 'on_behalf_of', owner: `user ${i}` });
  };
  await flood(1_000, 'one');
  await flood(2, 'two');
  expect(entries.map(({ principal, count = 1 }) => [principal.id, count])).toEqual([
    ...Array.from({ length: 5 }, () => ['one', 1]),
    ...Array.from({ length: 2 }, () => ['two', 1]),
  ]);
  clock.forward(60_000);
  await flood(1, 'one');
  await flood(1, 'two');
  expect(entries.slice(7).map(({ count = 1 }) => count)).toEqual([996, 1]);
  expect(refusals.counters).toEqual({ unauthenticated: 0, outsideGrant: 1_004 });
});
