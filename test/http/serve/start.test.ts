import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { principalOf, requireCaller, type DoorPlugin } from '../../../src/http/door.js';
import { makeFirstKey, writeKeyFile } from '../../../src/http/serve/first-start.js';
import { PurgeTimer } from '../../../src/http/serve/purge-timer.js';
import { servicesOf } from '../../../src/internals.js';
import { isMemwardenError } from '../../../src/errors/memwarden-error.js';
import { namespaced } from '../../../src/model/namespace.js';
import { inFolder } from '../../cli/in-process.js';
import { serve as serveDoors } from '../../support/server.js';
import { startedServer, type Started } from './running.js';

const memories: DoorPlugin = (app, parts) => {
  requireCaller(app, parts);
  const userOf = (request: { params: unknown }) => (request.params as { user: string }).user;
  app.post('/users/:user/memories', async (request) => {
    const { content } = request.body as { content: string };
    return parts.warden.scope(principalOf(request, 'http', userOf(request)), userOf(request)).add(content);
  });
  app.get('/users/:user/memories', (request) =>
    parts.warden.scope(principalOf(request, 'http', userOf(request)), userOf(request)).list(),
  );
  app.get('/fails', () => {
    throw new Error('swordfish is the password');
  });
};

const openWarden = () => serveDoors([]);

describe('A server', () => {
  let server: Started;
  beforeAll(async () => {
    server = await startedServer([memories]);
  });
  afterAll(() => server.end());

  const ask = async (path: string, init: RequestInit = {}, key: string | undefined = server.key) => {
    const headers = { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(init.headers as Record<string, string>) };
    const answer = await fetch(`${server.url}${path}`, { ...init, headers: { connection: 'close', ...headers } });
    const text = await answer.text();
    return { status: answer.status, text, headers: answer.headers };
  };
  const post = (path: string, body: unknown) =>
    ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  test('makes an admin key at the first start that stores and reads a first memory', async () => {
    expect((await post('/users/alice/memories', { content: 'Alice is vegetarian.' })).status).toBe(200);
    expect((await ask('/users/alice/memories')).text).toContain('Alice is vegetarian.');
  });

  test('the first key is an admin for nobody in particular, and its making is on record', async () => {
    const admin = { id: 'auditor', role: 'admin' };
    const [credential, ...others] = await server.warden.credentials.list(admin);
    expect(others).toEqual([]);
    expect(credential).toMatchObject({ name: 'first admin key', grant: { role: 'admin', users: [], purposes: 'any' } });
    const records = await server.warden.audit(admin).query();
    expect(records).toEqual(expect.arrayContaining([expect.objectContaining({ act: 'credential.create' })]));
  });

  test('is alive without a credential, and says no more', async () => {
    const { status, text } = await ask('/healthz', {}, '');
    expect([status, text]).toEqual([200, '{"status":"ok"}']);
  });

  test('shows its metrics to who may look at the audit log and to nobody else, and each look is on record', async () => {
    expect((await ask('/metrics', {}, '')).status).toBe(401);
    const admin = { id: 'boss', role: 'admin' };
    const agent = (await server.warden.credentials.create(admin, { role: 'agent', users: ['alice'] })).key;
    expect((await ask('/metrics', {}, agent)).status).toBe(403);
    const { status, text, headers } = await ask('/metrics');
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
    for (const name of [
      'memwarden_http_requests_total{route="/users/:user/memories",method="POST",status="200"} 1',
      'memwarden_http_request_duration_seconds_bucket',
      'memwarden_decisions_total{outcome="allowed"}',
      'memwarden_decisions_total{outcome="denied"}',
      'memwarden_denials_total{rule=',
      'memwarden_refusals_total{why="unauthenticated"} 1',
      'memwarden_audit_lag_seconds',
      'memwarden_audit_groups_total',
      'memwarden_search_views ',
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
    ])
      expect(text).toContain(name);
    const records = await server.warden.audit(admin).query();
    expect(records.filter(({ act }) => act === 'metrics').map(({ outcome }) => outcome)).toEqual(['denied', 'allowed']);
  });

  test('no label, no log line and no answer holds a user, a key, an address or content', async () => {
    const secrets = [
      'zoe-the-user',
      'Zoe takes insulin',
      'q-of-zoe',
      'swordfish',
      server.key,
      server.key.split('_')[2] ?? '',
    ];
    await post('/users/zoe-the-user/memories', { content: 'Zoe takes insulin' });
    await ask('/users/zoe-the-user/memories?query=q-of-zoe');
    await ask('/users/zoe-the-user/nowhere?query=q-of-zoe');
    await ask('/users/zoe-the-user/%zz?query=q-of-zoe');
    expect((await ask('/fails')).text).not.toContain('swordfish');
    const metrics = (await ask('/metrics')).text;
    const log = JSON.stringify(server.lines());
    expect(log).toContain('/users/:user/memories');
    for (const secret of secrets) for (const text of [metrics, log]) expect(text).not.toContain(secret);
    expect(server.lines()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          level: 'error',
          msg: 'request failed',
          err: expect.objectContaining({ stack: expect.stringMatching(/^ {4}at /) }),
        }),
      ]),
    );
  });

  test('a request has one id in the answer, in the log and in the audit log, and never one of its own', async () => {
    const { headers } = await ask('/users/alice/memories', {
      headers: { 'memwarden-request-id': 'mine', 'x-request-id': 'mine' },
    });
    const id = headers.get('memwarden-request-id');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(server.lines()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          request: id,
          route: '/users/:user/memories',
          method: 'GET',
          status: 200,
          msg: 'request',
        }),
      ]),
    );
    const records = await server.warden.audit({ id: 'auditor', role: 'admin' }).query();
    expect(records).toEqual(expect.arrayContaining([expect.objectContaining({ request: id })]));
  });

  test('a second start makes no second key, and neither do two first starts at once', async () => {
    const services = servicesOf(server.warden);
    const tell = () => Promise.reject(new Error('told'));
    expect(await makeFirstKey(server.warden, services, tell)).toBe(false);
    const fresh = await openWarden();
    try {
      const made: string[] = [];
      const parts = servicesOf(fresh.warden);
      const tellOf = ({ key }: { readonly key: string }) => Promise.resolve(void made.push(key));
      const all = await Promise.all(Array.from({ length: 8 }, () => makeFirstKey(fresh.warden, parts, tellOf)));
      expect([all.filter((one) => one), made]).toEqual([[true], [expect.stringMatching(/^mw_/)]]);
      expect(await fresh.warden.credentials.list({ id: 'boss', role: 'admin' })).toHaveLength(1);
    } finally {
      await fresh.close();
    }
  });

  test('a first key that could not be told is revoked, and the start fails', async () => {
    let made = '';
    const start = startedServer(
      [],
      {},
      {
        onFirstKey: ({ key }) => {
          made = key;
          return Promise.reject(new Error('no disk'));
        },
      },
    );
    await expect(start).rejects.toThrow('no disk');
    expect(made).toMatch(/^mw_/);
  });

  test('the file of the key is for its owner alone, and takes the place of a link without following it', async () => {
    await inFolder(async (folder) => {
      const target = join(folder, 'target');
      writeFileSync(target, 'kept', { mode: 0o644 });
      symlinkSync(target, join(folder, 'admin-key'));
      await writeKeyFile(join(folder, 'admin-key'), 'a-key');
      expect([readFileSync(target, 'utf8'), readFileSync(join(folder, 'admin-key'), 'utf8')]).toEqual([
        'kept',
        'a-key\n',
      ]);
      expect(statSync(join(folder, 'admin-key')).mode & 0o777).toBe(0o600);
      mkdirSync(join(folder, 'full'));
      writeFileSync(join(folder, 'file'), '');
      await expect(writeKeyFile(join(folder, 'file', 'admin-key'), 'a-key')).rejects.toMatchObject({
        code: 'config_invalid',
        detail: { argument: 'adminKeyFile' },
      });
      chmodSync(folder, 0o700);
    });
  });

  test('without a role that administers credentials no key is made, and the log says so', async () => {
    await inFolder(async (folder) => {
      const rules = 'rules:\n  - id: reads\n    action: read\n    subject: Memory\n    reason: Reads.\n';
      writeFileSync(join(folder, 'reader.yaml'), `role: reader\n${rules}`);
      const other = await startedServer([], { policies: folder });
      try {
        expect(other.key).toBe('');
        expect(other.lines()).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ level: 'warn', msg: expect.stringContaining('no admin key') }),
          ]),
        );
      } finally {
        await other.end();
      }
    });
  });

  test('a port that is taken is told as one, and nothing stays open', async () => {
    const port = Number(new URL(server.url).port);
    const refused = await startedServer([], { port }).catch((error: unknown) => error);
    expect(isMemwardenError(refused, 'config_invalid') && refused.detail).toMatchObject({
      argument: 'port',
      reason: expect.stringMatching(/is taken by another process; name another with --port/),
    });
  });

  test('a host that is no address of this machine is not told as a fault of the port', async () => {
    for (const host of ['nowhere.invalid', '192.0.2.1']) {
      const refused = await startedServer([], { host, behindProxy: true }).catch((error: unknown) => error);
      expect(isMemwardenError(refused, 'config_invalid') && refused.detail).toMatchObject({ argument: 'host' });
    }
  });
});

describe('What a server takes', () => {
  test('are tokens where its configuration names an issuer, and so many requests as it says', async () => {
    const secret = randomBytes(32);
    const jwt = {
      issuer: 'https://issuer.example',
      audience: 'memwarden',
      algorithms: ['HS256'],
      keys: { kind: 'jwks', keys: [{ kty: 'oct', alg: 'HS256', k: secret.toString('base64url') }] },
      roles: { officer: { role: 'admin', users: 'none' } },
    };
    const server = await startedServer([memories], { jwt, 'rateLimits.perCredential': { max: 2 } });
    try {
      const token = await new SignJWT({ role: 'officer' })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(jwt.issuer)
        .setAudience(jwt.audience)
        .setSubject('olga')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(secret);
      const ask = async (path: string) =>
        (await fetch(`${server.url}${path}`, { headers: { connection: 'close', authorization: `Bearer ${token}` } }))
          .status;
      expect([await ask('/users/alice/memories'), await ask('/metrics')]).toEqual([200, 200]);
      expect([await ask('/metrics'), await ask('/users/alice/memories')]).toEqual([429, 429]);
      expect([await ask('/healthz'), await ask('/readyz')]).toEqual([200, 200]);
    } finally {
      await server.end();
    }
  });
});

describe('The metrics of a server on a port of their own', () => {
  test('are there without a credential, on loopback, and not on the port of the server', async () => {
    const server = await startedServer([], { 'metrics.port': 0 });
    try {
      const answer = await fetch(`${server.metricsUrl ?? ''}/metrics`);
      expect([answer.status, new URL(server.metricsUrl ?? '').hostname]).toEqual([200, '127.0.0.1']);
      expect(await answer.text()).toContain('memwarden_ready 1');
      const here = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.key}` } });
      expect(here.status).toBe(404);
    } finally {
      await server.end();
    }
  });
});

describe('What has expired', () => {
  test('is purged by a timer: memories and documents of the product, and never twice at once', async () => {
    let now = Date.UTC(2026, 0, 1);
    const server = await startedServer([], {}, { clock: () => new Date(now) });
    try {
      const admin = { id: 'boss', role: 'admin' };
      const services = servicesOf(server.warden);
      const memory = server.warden.scope(admin, 'alice');
      await memory.add('Gone tomorrow.', { expiresAt: new Date(now + 3_600_000) });
      const kept = namespaced(services.values, 'test', services.clock);
      await kept.insert('a', 1, new Date(now + 3_600_000));
      await kept.insert('b', 1);
      now += 86_400_000;
      const purged: unknown[] = [];
      let running = 0;
      let most = 0;
      const warden = {
        purge: async () => {
          most = Math.max(most, (running += 1));
          const result = await server.warden.purge();
          running -= 1;
          return result;
        },
      };
      const timer = new PurgeTimer(warden, services, 60_000, {
        purged: (one) => purged.push(one),
        failed: (error) => purged.push(error),
      });
      await Promise.all([timer.run(), timer.run(), timer.run()]);
      // The reservation of the first key has expired too.
      expect(purged).toEqual([{ memories: 1, values: 2 }]);
      expect(most).toBe(1);
      expect((await services.values.get('test', 'a')) ?? 'gone').toBe('gone');
      expect(await kept.get('b')).toBeDefined();
      await timer.stop();
    } finally {
      await server.end();
    }
  });

  test('is tried again after a purge that failed, at about the time that was said, until the timer is stopped', async () => {
    const told: string[] = [];
    let purges = 0;
    const values = { removeExpired: () => Promise.resolve(0) };
    const warden = {
      purge: () =>
        (purges += 1) % 2
          ? Promise.reject(new Error('no'))
          : Promise.resolve({ deleted: 0, partitions: 0, repaired: 0 }),
    };
    let both: () => void = () => undefined;
    const happened = new Promise<void>((resolve) => (both = resolve));
    const timer = new PurgeTimer(warden as never, { values, clock: () => new Date(0) } as never, 20, {
      purged: () => void (told.push('purged'), both()),
      failed: () => void told.push('failed'),
    });
    await happened;
    await timer.stop();
    const after = purges;
    expect(told.slice(0, 2)).toEqual(['failed', 'purged']);
    await new Promise((done) => setTimeout(done, 60));
    expect(purges).toBe(after);
  });
});
