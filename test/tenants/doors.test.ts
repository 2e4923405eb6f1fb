import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { buildServer } from '../../src/http/server.js';
import { tenancyOf } from '../../src/http/tenancy.js';
import { v1 } from '../../src/http/v1/index.js';
import type { JwtOptions } from '../../src/config/jwt.js';
import { mcp } from '../../src/mcp/http.js';
import { mem0 } from '../../src/mem0/index.js';
import type { NewCredential } from '../../src/compliance/credential-admin.js';
import { insideTenants, type Tenants } from '../../src/tenants/tenants.js';
import { newKey, optionsFor, signer } from '../identity/issuer.js';
import { connected, data } from '../mcp/support.js';
import { receiver } from '../mem0/receiver.js';
import { startedServer } from '../http/serve/running.js';
import { ISOLATIONS } from '../../src/tenants/isolation.js';
import { openTenantsWith } from '../../src/tenants/tenants.js';
import { adminIn, agentIn, describeTenants, OPERATOR } from '../support/tenants.js';
import { join } from 'node:path';

const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function served(tenants: Tenants, jwt?: JwtOptions): Promise<string> {
  const app = await buildServer(tenancyOf(tenants, jwt), [v1, mem0, mcp]);
  apps.push(app);
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function keyOf(tenants: Tenants, tenant: string, more: Partial<NewCredential> = {}): Promise<string> {
  const order: NewCredential = { role: 'agent', users: ['alice'], ...more };
  return (await tenants.use(adminIn(tenant), (warden, who) => warden.credentials.create(who, order))).key;
}

interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

async function send(url: string, key: string, path: string, { method, body, headers }: Sent = {}) {
  const answer = await fetch(url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    json: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
}

const MINE = '/v1/users/alice/memories';
const BY_USER = { filters: { user_id: 'alice' } };

describeTenants('tenants at the doors', (open, store) => {
  // What stands above the stores is shown on one of them.
  const also = store === 'embedded' ? test : () => undefined;

  const two = async (jwt?: JwtOptions, options = {}) => {
    const opened = await open(options);
    const { tenants } = opened;
    for (const id of ['acme', 'beta']) await tenants.create(OPERATOR, id);
    const [acme, beta] = [await keyOf(tenants, 'acme'), await keyOf(tenants, 'beta')];
    return { ...opened, acme, beta, url: await served(tenants, jwt) };
  };

  also('G21: over HTTP the same user of two tenants meets its own memories alone', async () => {
    const { url, acme, beta } = await two();
    const made = await send(url, acme, MINE, { body: { content: 'the heron of acme' } });
    expect(made.status).toBe(201);
    await send(url, beta, MINE, { body: { content: 'the heron of beta' } });
    const id = (made.json as { id: string }).id;
    expect((await send(url, acme, `${MINE}/${id}`)).json).toMatchObject({ content: 'the heron of acme' });
    expect((await send(url, beta, `${MINE}/${id}`)).status).toBe(404);
    for (const [key, own, other] of [
      [acme, 'acme', 'beta'],
      [beta, 'beta', 'acme'],
    ] as const) {
      const listed = await send(url, key, MINE);
      const found = await send(url, key, '/v1/users/alice/memories/search', { body: { query: 'heron' } });
      for (const { status, text } of [listed, found]) {
        expect(status).toBe(200);
        expect(text).toContain(`of ${own}`);
        expect(text).not.toContain(`of ${other}`);
      }
    }
    for (const [method, body] of [
      ['PATCH', { content: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expect((await send(url, beta, `${MINE}/${id}`, { method, body })).status).toBe(404);
    expect((await send(url, acme, `${MINE}/${id}`)).json).toMatchObject({ content: 'the heron of acme' });
  });

  also('G21: over mem0 the same user of two tenants meets its own memories alone', async () => {
    const { url, acme, beta } = await two();
    const add = (key: string, text: string) =>
      send(url, key, '/v1/memories/', {
        body: { messages: [{ role: 'user', content: text }], user_id: 'alice', infer: false },
      });
    const made = await add(acme, 'the heron of acme');
    expect(made.status).toBe(200);
    await add(beta, 'the heron of beta');
    const [{ id } = { id: '' }] = made.json as unknown as { id: string }[];
    expect((await send(url, acme, `/v1/memories/${id}/`)).text).toContain('of acme');
    expect((await send(url, beta, `/v1/memories/${id}/`)).status).toBe(404);
    for (const [key, own, other] of [
      [acme, 'acme', 'beta'],
      [beta, 'beta', 'acme'],
    ] as const)
      for (const [path, body] of [
        ['/v2/memories/', BY_USER],
        ['/v3/memories/', BY_USER],
        ['/v2/memories/search/', { ...BY_USER, query: 'heron' }],
      ] as const) {
        const { status, text } = await send(url, key, path, { body });
        expect([path, status]).toEqual([path, 200]);
        expect(text).toContain(`of ${own}`);
        expect(text).not.toContain(`of ${other}`);
      }
    expect((await send(url, beta, `/v1/memories/${id}/`, { method: 'DELETE' })).status).toBe(404);
    expect((await send(url, beta, '/v1/events/?user_id=alice')).text).not.toContain(id);
    const own = (await send(url, acme, '/v1/ping/')).json['project_id'] as string;
    const project = `/api/v1/orgs/organizations/memwarden/projects/${own}/`;
    expect((await send(url, acme, project, { method: 'PATCH', body: { name: 'of acme' } })).status).toBe(200);
    expect((await send(url, beta, project)).status).toBe(404);
  });

  also('G21: over MCP the same user of two tenants meets its own memories alone', async () => {
    const { url, acme, beta } = await two();
    const [one, other] = [await connected({ url }, acme), await connected({ url }, beta)];
    const { memory } = await data(one, 'memory_add', { content: 'the heron of acme' });
    await data(other, 'memory_add', { content: 'the heron of beta' });
    const seen = async (client: typeof one) =>
      (await data(client, 'memory_list')).memories.map(({ content }) => content);
    expect([await seen(one), await seen(other)]).toEqual([['the heron of acme'], ['the heron of beta']]);
    await expect(data(other, 'memory_get', { id: memory.id })).rejects.toThrow('not_found');
    const hits = (await data(other, 'memory_search', { query: 'heron' })).hits.map((hit) => hit.memory.content);
    expect(hits).toEqual(['the heron of beta']);
    await Promise.all([one.close(), other.close()]);
  });

  also('G21: no header, path, query or body names another tenant', async () => {
    const { url, acme, beta } = await two();
    await send(url, beta, MINE, { body: { content: 'the heron of beta' } });
    const names = ['memwarden-tenant', 'x-tenant', 'x-tenant-id', 'tenant', 'x-memwarden-tenant', 'x-forwarded-host'];
    for (const name of names) {
      const { status, text } = await send(url, acme, MINE, { headers: { [name]: 'beta' } });
      expect([name, status, text.includes('heron')]).toEqual([name, 200, false]);
    }
    const acts: [string, Sent][] = [
      [`${MINE}?tenant=beta`, {}],
      ['/v1/tenants/beta/users/alice/memories', {}],
      ['/beta/v1/users/alice/memories', {}],
      ['/v1/users/beta%2Falice/memories', {}],
      ['/v1/users/..%2Fbeta%2Falice/memories', {}],
      [MINE, { body: { content: 'x', tenant: 'beta' } }],
      ['/v1/users/alice/memories/search', { body: { query: 'heron', tenant: 'beta' } }],
      ['/v2/memories/', { body: { ...BY_USER, tenant: 'beta' } }],
      ['/v2/memories/', { body: { filters: { user_id: 'alice', tenant: 'beta' } } }],
      ['/v2/memories/search/', { body: { ...BY_USER, query: 'heron', org_id: 'beta', project_id: 'beta' } }],
      [
        '/mcp',
        {
          body: {
            jsonrpc: '2.0',
            id: 1,
            method: 'tools/call',
            params: { name: 'memory_list', arguments: { tenant: 'beta' } },
          },
        },
      ],
    ];
    for (const [path, sent] of acts) {
      const accept = { accept: 'application/json, text/event-stream' };
      const { text } = await send(url, acme, path, { ...sent, headers: accept });
      expect([path, text.includes('of beta')]).toEqual([path, false]);
    }
    expect((await send(url, beta, MINE)).text).toContain('of beta');
    expect((await send(url, beta, MINE)).text).not.toContain('"x"');
  });

  also('a key whose prefix is of one tenant and whose secret is of another holds nowhere', async () => {
    const { url, acme, beta, tenants } = await two();
    const [, a = '', secret = ''] = acme.split(/_(.{12})_/);
    const [, b = ''] = beta.split(/_(.{12})_/);
    const crossed = [`mw_${b}_${secret}`, `mw_${a}_${'A'.repeat(43)}`, `mw_aaaaaaaaaaaa_${secret}`];
    for (const key of crossed) expect((await send(url, key, MINE)).status).toBe(401);
    const own = await insideTenants(tenants).deployment.credentials.create(OPERATOR, { role: 'admin', users: 'any' });
    const refused = await send(url, own.key, MINE);
    expect([refused.status, refused.json['code']]).toEqual([403, 'tenant_required']);
    for (const [path, sent] of [
      ['/v2/memories/', { body: BY_USER }],
      ['/mcp', { body: {} }],
    ] as const)
      expect([path, (await send(url, own.key, path, sent)).status]).toEqual([path, 403]);
  });

  also('a key that an admin of a tenant makes over HTTP is of that tenant, whatever it names', async () => {
    const { url, tenants } = await two();
    const admin = await keyOf(tenants, 'acme', { role: 'admin', users: 'any' });
    const named = await send(url, admin, '/v1/credentials', {
      body: { role: 'agent', users: ['alice'], tenant: 'beta' },
    });
    expect(named.status).toBe(400);
    const made = await send(url, admin, '/v1/credentials', { body: { role: 'agent', users: ['alice'] } });
    expect(made.status).toBe(201);
    const { key } = made.json as { key: string };
    await send(url, key, MINE, { body: { content: 'the heron of acme' } });
    const count = (tenant: string) =>
      tenants.use(agentIn(tenant, 'alice'), (warden, who) => warden.scope(who, 'alice').count());
    expect([await count('acme'), await count('beta')]).toEqual([1, 0]);
    const listed = await send(url, admin, '/v1/credentials');
    expect((listed.json as { credentials: unknown[] }).credentials).toHaveLength(3);
  });

  test('a credential of a tenant that another process drops is refused at the next request', async () => {
    const { url, acme, beta, again } = await two();
    expect((await send(url, acme, MINE)).status).toBe(200);
    // Everything of it is there still, so that nothing but the list of tenants refuses it.
    const step = (name: string) => {
      if (name === 'drop.marked') throw new Error('cut off');
    };
    await expect((await again({}, { step })).drop(OPERATOR, 'acme')).rejects.toThrow('cut off');
    expect((await send(url, acme, MINE)).status).toBe(401);
    expect((await send(url, acme, '/v2/memories/', { body: BY_USER })).status).toBe(401);
    expect((await send(url, acme, '/mcp', { body: {} })).status).toBe(401);
    expect((await send(url, beta, MINE)).status).toBe(200);
  });

  also(
    'G26: a token is of the tenant that its claim names, and of none without it; its revocation is of that tenant',
    async () => {
      const clock = () => new Date();
      const [key, sign] = [await newKey('k1'), signer(clock)];
      const jwt = optionsFor(key, { claims: { user: 'sub', tenant: ['org', 'id'] } });
      const { url, tenants } = await two(jwt);
      const token = (tenant: unknown, more = {}) => sign(key, { org: { id: tenant }, ...more });
      const [acme, beta] = [await token('acme'), await token('beta')];
      expect((await send(url, acme, MINE, { body: { content: 'the heron of acme' } })).status).toBe(201);
      expect((await send(url, beta, MINE)).text).not.toContain('heron');
      expect((await send(url, acme, MINE)).text).toContain('heron');
      for (const wrong of [undefined, null, '', 'absent', 'ACME', ['acme'], { id: 'acme' }, 'default', '../acme'])
        expect([wrong, (await send(url, await token(wrong), MINE)).status]).toEqual([wrong, 401]);
      await tenants.use(adminIn('acme'), (warden, who) => warden.credentials.voidTokens(who, 'alice'));
      const [later, other] = [await token('acme', { iat: 1 }), await token('beta')];
      expect((await send(url, later, MINE)).status).toBe(401);
      expect((await send(url, other, MINE)).status).toBe(200);
      expect(() => tenancyOf(tenants, optionsFor(key))).toThrow('configuration');
    },
  );

  also('a lease ends with its request, also where the client leaves before the answer', async () => {
    const { url, acme, tenants } = await two();
    await Promise.all(Array.from({ length: 10 }, () => send(url, acme, MINE)));
    const { port } = new URL(url);
    for (const head of ['content-length: 100', 'content-length: 2']) {
      const socket = connect(Number(port), '127.0.0.1');
      const lines = [
        `POST ${MINE} HTTP/1.1`,
        'host: x',
        `authorization: Bearer ${acme}`,
        'content-type: application/json',
        head,
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n{}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      socket.destroy();
    }
    for (let i = 0; i < 100 && tenants.counters.leases > 0; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tenants.counters.leases).toBe(0);
  });

  also('what a tenant refuses is on its own record, what nobody knows on that of the deployment', async () => {
    const { url, acme, tenants } = await two();
    expect((await send(url, acme, '/v1/users/bob/memories')).status).toBe(403);
    expect((await send(url, 'mw_no', MINE)).status).toBe(401);
    const denied = async (tenant: string) => {
      const records = await tenants.use(adminIn(tenant), (warden, who) => warden.audit(who).query({ limit: 100 }));
      return records.filter(({ outcome }) => outcome === 'denied').map(({ act }) => act);
    };
    expect(await denied('acme')).toHaveLength(1);
    expect(await denied('beta')).toEqual([]);
    const own = await insideTenants(tenants).deployment.audit(OPERATOR).query({ limit: 100 });
    expect(own.filter(({ outcome }) => outcome === 'denied')).toHaveLength(1);
  });
});

test.each(ISOLATIONS)(
  'G21: a webhook of one tenant is told of what that tenant did alone, also where only one of them can be open [%s]',
  async (isolation) => {
    const hooks = await receiver();
    const server = await startedServer([mem0], {
      isolation,
      'tenants.maxOpen': 1,
      'mem0.webhooks.allow': [hooks.origin],
    });
    const place = { kind: 'embedded', path: join(server.folder, 'data') } as const;
    const keys = { kms: `local:${join(server.folder, 'keys', 'kek')}` };
    const tenants = await openTenantsWith(
      { isolation, warden: { store: place, keys } },
      { wait: () => Promise.resolve() },
    );
    try {
      const ids: string[] = [];
      for (const id of ['acme', 'beta']) {
        await tenants.create(OPERATOR, id);
        const key = await keyOf(tenants, id);
        const { json } = await send(server.url, key, '/v1/ping/');
        const body = { name: 'w', url: `${hooks.origin}/${id}`, event_types: ['memory_add'] };
        await send(server.url, key, `/api/v1/webhooks/projects/${String(json['project_id'])}/`, { body });
        const messages = [{ role: 'user', content: `the heron of ${id}` }];
        const added = await send(server.url, key, '/v3/memories/add/', { body: { messages, user_id: 'alice' } });
        ids.push((added.json['results'] as { id: string }[])[0]?.id ?? '');
        await hooks.until(ids.length);
      }
      expect(hooks.got.map(({ path, body }) => [path, body.data.memory_ids])).toEqual([
        ['/acme', [ids[0]]],
        ['/beta', [ids[1]]],
      ]);
    } finally {
      await tenants.close();
      await server.end();
      await hooks.close();
    }
  },
);

test.each(ISOLATIONS)(
  '`serve --isolation %s` serves each request by the tenant of its credential, and its own routes for its own alone',
  async (isolation) => {
    const server = await startedServer([v1, mem0, mcp], { isolation, 'tenants.maxOpen': 1 });
    const tenants = await openTenantsWith(
      {
        isolation,
        warden: {
          store: { kind: 'embedded', path: join(server.folder, 'data') },
          keys: { kms: `local:${join(server.folder, 'keys', 'kek')}` },
        },
      },
      { wait: () => Promise.resolve() },
    );
    try {
      const keys: string[] = [];
      for (const id of ['acme', 'beta']) {
        await tenants.create(OPERATOR, id);
        keys.push(await keyOf(tenants, id, { role: 'admin', users: 'any' }));
        await send(server.url, keys.at(-1) ?? '', MINE, { body: { content: `the heron of ${id}` } });
      }
      const [acme = '', beta = ''] = keys;
      for (const [key, own, other] of [
        [acme, 'acme', 'beta'],
        [beta, 'beta', 'acme'],
      ] as const) {
        const { text } = await send(server.url, key, MINE);
        expect([text.includes(`of ${own}`), text.includes(`of ${other}`)]).toEqual([true, false]);
        expect((await send(server.url, key, '/metrics')).status).toBe(401);
      }
      expect((await send(server.url, server.key, MINE)).status).toBe(403);
      expect((await send(server.url, server.key, '/metrics')).status).toBe(200);
      expect(await server.reloadPolicies()).toBe(server.warden.policyRevision);
      await tenants.drop(OPERATOR, 'beta');
      expect((await send(server.url, beta, MINE)).status).toBe(401);
      expect((await send(server.url, acme, MINE)).status).toBe(200);
    } finally {
      await tenants.close();
      await server.end();
    }
  },
);
