import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { discoverOAuthProtectedResourceMetadata, extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import { mcp, mcpDoor } from '../../src/mcp/http.js';
import { idsTo } from '../attack/corpus.js';
import { serve, type Served } from '../support/server.js';
import { callBody, codeOf, connected, data, ERAS, nameOf, posted } from './support.js';

const ADMIN = { id: 'boss', role: 'admin' };
const LIST = callBody('memory_list', {});

// By hand: fetch lets nobody choose the host.
function asked(served: Served, headers: Record<string, string>, path = '/mcp', method = 'POST'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = rawRequest(new URL(path, served.url), { method, headers, setHost: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? JSON.stringify(LIST) : undefined);
  });
}

describe('MCP over HTTP', () => {
  let served: Served;
  let key: string;
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  beforeAll(async () => {
    served = await serve([mcp]);
    key = await served.key({ role: 'agent', users: ['alice'] });
    await served.warden.scope(ADMIN, 'alice').add('alice keeps bees');
    await served.warden.scope(ADMIN, 'bob').add('bob keeps wasps');
  });
  afterAll(() => served.close());

  describe('the credential', () => {
    test('is asked for in every request, and its absence says where to get one', async () => {
      for (const wrong of [undefined, 'x', `${key}x`, key.slice(0, -1)]) {
        const { status, headers, text } = await posted(served, wrong, LIST);
        expect([status, JSON.parse(text).code]).toEqual([401, 'unauthenticated']);
        const told = extractWWWAuthenticateParams(new Response(null, { status: 401, headers }));
        expect(told.resourceMetadataUrl?.href).toBe(`${served.url}/.well-known/oauth-protected-resource/mcp`);
        expect(headers.get('www-authenticate')?.includes('invalid_token')).toBe(wrong !== undefined);
      }
      for (const method of ['GET', 'DELETE', 'PUT', 'OPTIONS'])
        expect((await fetch(`${served.url}/mcp`, { method })).status).toBe(401);
    });

    test('that acts for several users or any must say for whom, by the header, and nobody else is reached', async () => {
      const several = await served.key({ role: 'agent', users: ['alice', 'bob'] });
      const any = await served.key({ role: 'admin', users: 'any' });
      const nobody = await served.key({ role: 'admin', users: [] });
      const as = async (who: string, user?: string) => {
        const headers = user === undefined ? {} : { 'memwarden-on-behalf-of': user };
        const { status, text } = await posted(served, who, LIST, headers);
        return [
          status,
          status === 200 ? JSON.parse(text).result.structuredContent.memories.length : JSON.parse(text).code,
        ];
      };
      expect(await as(several)).toEqual([400, 'invalid_argument']);
      expect(await as(any)).toEqual([400, 'invalid_argument']);
      expect(await as(nobody)).toEqual([403, 'forbidden']);
      expect(await as(nobody, 'alice')).toEqual([403, 'forbidden']);
      expect(await as(several, 'bob')).toEqual([200, 1]);
      expect(await as(several, 'carol')).toEqual([403, 'forbidden']);
      expect(await as(any, 'alice')).toEqual([200, 1]);
      expect(await as(any, 'carol')).toEqual([200, 0]);
      expect(await as(key, 'alice')).toEqual([200, 1]);
      expect(await as(key, 'bob')).toEqual([403, 'forbidden']);
      for (const near of ['alic', 'alice2', 'ALICE', '*', 'a%', '.*', 'alice,bob', '{"$ne":null}'])
        expect([near, await as(several, near)]).toEqual([near, [403, 'forbidden']]);
    });

    test('that is refused is on record with the door', async () => {
      await posted(served, `${key}x`, LIST);
      await posted(served, key, LIST, { 'memwarden-on-behalf-of': 'bob' });
      const records = (await served.warden.audit(ADMIN).query({ outcome: 'denied' })).filter(
        ({ door }) => door === 'mcp',
      );
      expect(records.slice(-2).map(({ act }) => act)).toEqual(['authenticate', 'on_behalf_of']);
    });

    test('S3: names that are no ids are refused in the header', async () => {
      const any = await served.key({ role: 'admin', users: 'any' });
      let tried = 0;
      for (const { value } of idsTo('refuse')) {
        // What HTTP itself carries in a header.
        if (
          typeof value !== 'string' ||
          value === '' ||
          !/^[\x20-\x7e\x80-\xff]+$/.test(value) ||
          value.trim() !== value
        )
          continue;
        if (value.length > 8_000) continue;
        const { status } = await posted(served, any, LIST, { 'memwarden-on-behalf-of': value });
        expect([value, status]).toEqual([value, 400]);
        tried += 1;
      }
      expect(tried).toBeGreaterThan(3);
    });

    test('a purpose is one that the key allows', async () => {
      const one = await served.key({ role: 'agent', users: ['alice'], purposes: ['care'] });
      expect((await posted(served, one, LIST, { 'memwarden-purpose': 'care' })).status).toBe(200);
      expect((await posted(served, one, LIST, { 'memwarden-purpose': 'sales' })).status).toBe(403);
    });

    test.each(ERAS.map((era) => [nameOf(era), era] as const))(
      'G31: that was revoked is refused at the next request of a client that is connected (%s)',
      async (_name, era) => {
        const brief = await served.key({ role: 'agent', users: ['alice'] });
        const client = await connected(served, brief, { era });
        expect((await data(client, 'memory_list')).memories).toHaveLength(1);
        for (const { id, prefix } of await served.warden.credentials.list(ADMIN))
          if (brief.includes(prefix)) await served.warden.credentials.revoke(ADMIN, id);
        await expect(codeOf(client, 'memory_list')).rejects.toThrow();
        await expect(client.listTools()).rejects.toThrow();
        await expect(client.listResources()).rejects.toThrow();
        await client.close();
      },
    );
  });

  describe('sessions', () => {
    test('are not kept: none is given out, and one that is named is not found, with whatever credential', async () => {
      const other = await served.key({ role: 'agent', users: ['bob'] });
      const hello = {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      };
      const first = await posted(served, key, hello);
      expect([first.status, first.headers.get('mcp-session-id')]).toEqual([200, null]);
      const answers = [];
      for (const who of [key, other])
        for (const session of ['a-session', '01890000-0000-7000-8000-000000000000', '']) {
          const { status, text } = await posted(served, who, LIST, { 'mcp-session-id': session });
          answers.push(JSON.stringify([status, text]));
        }
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toMatch(/^\[404,.*session_not_found/);
      for (const method of ['GET', 'DELETE']) {
        const headers = { authorization: `Bearer ${key}`, 'mcp-session-id': 'a-session' };
        expect((await fetch(`${served.url}/mcp`, { method, headers })).status).toBe(404);
      }
      const unknown = await posted(served, undefined, LIST, { 'mcp-session-id': 'a-session' });
      expect(unknown.status).toBe(401);
    });

    test('are not needed: what one process began another goes on with', async () => {
      const client = await connected(served, key);
      const second = await serve([mcp], {
        store: { kind: 'embedded', path: `${served.folder}/data` },
        keys: {
          kms: `local:${served.folder}/keys/kek`,
          store: { kind: 'embedded', path: `${served.folder}/keys/store` },
        },
      });
      try {
        const { cursor } = await data(client, 'memory_list', { limit: 1 });
        expect(cursor).toBeUndefined();
        await data(client, 'memory_add', { content: 'alice sails' });
        const page = await data(client, 'memory_list', { limit: 1 });
        const { status, text } = await posted(second, key, callBody('memory_list', { limit: 1, cursor: page.cursor }));
        expect([status, JSON.parse(text).result.structuredContent.memories]).toMatchObject([
          200,
          [{ content: 'alice keeps bees' }],
        ]);
      } finally {
        await client.close();
        await second.close();
      }
    });
  });

  describe('host and origin', () => {
    test('are checked on loopback: a page that rebinds its own name to this address is refused', async () => {
      const headers = { ...json, authorization: `Bearer ${key}` };
      const { port } = new URL(served.url);
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'localhost', `[::1]:${port}`])
        expect([host, await asked(served, { ...headers, host })]).toEqual([host, 200]);
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        '127.0.0.1.evil.example',
        'localhost.',
        '0.0.0.0',
        'localhost@evil.example',
      ])
        expect([host, await asked(served, { ...headers, host })]).toEqual([host, 403]);
      const host = `localhost:${port}`;
      for (const origin of ['http://localhost:3000', `http://127.0.0.1:${port}`])
        expect([origin, await asked(served, { ...headers, host, origin })]).toEqual([origin, 200]);
      for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', 'x'])
        expect([origin, await asked(served, { ...headers, host, origin })]).toEqual([origin, 403]);
    });

    test('are checked before the credential, and for the metadata too', async () => {
      expect(await asked(served, { ...json, host: 'evil.example' })).toBe(403);
      const path = '/.well-known/oauth-protected-resource/mcp';
      expect(await asked(served, { host: 'evil.example' }, path, 'GET')).toBe(403);
      expect(await asked(served, { host: 'localhost', origin: 'https://evil.example' }, path, 'GET')).toBe(403);
      expect(await asked(served, { host: 'localhost' }, path, 'GET')).toBe(200);
    });

    test('are those of the configuration where it names some', async () => {
      const named = await serve([mcpDoor({ allowedHosts: ['mcp.example.com'], allowedOrigins: ['app.example.com'] })]);
      try {
        const authorization = `Bearer ${await named.key({ role: 'agent', users: ['alice'] })}`;
        const headers = { ...json, authorization };
        const host = 'mcp.example.com';
        expect(await asked(named, { ...headers, host: 'localhost' })).toBe(403);
        expect(await asked(named, { ...headers, host })).toBe(200);
        expect(await asked(named, { ...headers, host, origin: 'https://app.example.com' })).toBe(200);
        expect(await asked(named, { ...headers, host, origin: 'http://localhost' })).toBe(403);
      } finally {
        await named.close();
      }
    });
  });

  describe('the metadata of the protected resource (RFC 9728)', () => {
    test("is found by the SDK's client, and names the configured issuers", async () => {
      const issuer = 'https://login.example.com/realms/memory';
      const door = mcpDoor({
        authorizationServers: [issuer],
        scopes: ['memory'],
        resource: 'https://mcp.example.com/mcp',
      });
      const named = await serve([door]);
      try {
        const found = await discoverOAuthProtectedResourceMetadata(new URL('/mcp', named.url));
        expect(found).toEqual({
          resource: 'https://mcp.example.com/mcp',
          authorization_servers: [issuer],
          scopes_supported: ['memory'],
          bearer_methods_supported: ['header'],
          resource_name: 'memwarden',
        });
        const root = await fetch(`${named.url}/.well-known/oauth-protected-resource`);
        expect(await root.json()).toEqual(found);
        expect(root.headers.get('access-control-allow-origin')).toBe('*');
        const { headers } = await posted(named, undefined, LIST);
        expect(headers.get('www-authenticate')).toBe(
          'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp", scope="memory"',
        );
      } finally {
        await named.close();
      }
    });

    test('without configuration names the address that was asked, and no issuer', async () => {
      const found = await discoverOAuthProtectedResourceMetadata(new URL('/mcp', served.url));
      expect(found).toEqual({
        resource: `${served.url}/mcp`,
        bearer_methods_supported: ['header'],
        resource_name: 'memwarden',
      });
    });

    test.each([
      ['an issuer without TLS', { authorizationServers: ['http://login.example.com'] }],
      ['an issuer with a query', { authorizationServers: ['https://login.example.com/?x=1'] }],
      ['an issuer with a password', { authorizationServers: ['https://a:b@login.example.com'] }],
      ['an issuer that is no address', { authorizationServers: ['login'] }],
      ['a resource without TLS', { resource: 'http://mcp.example.com/mcp' }],
      ['a host with a port', { allowedHosts: ['mcp.example.com:443'] }],
      ['a host with a scheme', { allowedHosts: ['https://mcp.example.com'] }],
      ['a host that is a pattern', { allowedHosts: ['*.example.com/x'] }],
      ['an origin with a scheme', { allowedOrigins: ['https://app.example.com'] }],
      ['a scope with a quote', { scopes: ['a"b'] }],
      ['an unknown key', { hosts: ['x'] }],
    ])('%s is an error of the configuration', (_what, options) => {
      expect(() => mcpDoor(options as object)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    });
  });

  describe('what is no request of the protocol', () => {
    const statuses = async (body: unknown, headers: Record<string, string> = {}) =>
      (await posted(served, key, body, headers)).status;

    test('is answered with an error, and the server lives on', async () => {
      for (const [what, body] of [
        ['a batch', [LIST, LIST]],
        ['an empty batch', []],
        ['no JSON', '{"jsonrpc":'],
        ['a word', '"memory_list"'],
        ['null', 'null'],
        ['a number', '1'],
        ['nothing', ''],
        ['no method', { jsonrpc: '2.0', id: 1 }],
        ['another version', { ...LIST, jsonrpc: '1.0' }],
        ['an id that is an object', { ...LIST, id: { $ne: 1 } }],
        ['bad UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1')],
        ['deep JSON', '['.repeat(100_000)],
      ] as const) {
        const status = await statuses(body);
        expect([what, status >= 400 && status < 500]).toEqual([what, true]);
      }
      expect(await statuses(LIST, { 'content-type': 'text/plain' })).toBe(415);
      expect(await statuses(LIST, { 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
      expect(await statuses(LIST, { accept: 'text/html' })).toBe(406);
      expect(await statuses(LIST, { 'mcp-protocol-version': '1999-01-01' })).toBe(400);
      expect(await statuses({ ...LIST, params: { pad: 'x'.repeat(2_000_000) } })).toBe(413);
      expect(await statuses(LIST)).toBe(200);
    });

    test('is method not found where the method is unknown, and nothing streams', async () => {
      for (const method of [
        'no/such',
        'prompts/list',
        'sampling/createMessage',
        'completion/complete',
        'logging/setLevel',
        'resources/subscribe',
        '__proto__',
      ]) {
        const { text } = await posted(served, key, { jsonrpc: '2.0', id: 1, method, params: {} });
        expect([method, JSON.parse(text).error.code]).toEqual([method, -32601]);
      }
      const listen = await posted(
        served,
        key,
        {
          jsonrpc: '2.0',
          id: 1,
          method: 'subscriptions/listen',
          params: {
            notifications: { resourcesListChanged: true, toolsListChanged: true },
            _meta: {
              'io.modelcontextprotocol/protocolVersion': '2026-07-28',
              'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
              'io.modelcontextprotocol/clientCapabilities': {},
            },
          },
        },
        { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' },
      );
      // Acknowledged as a subscription to nothing, which ends.
      expect(listen.status).toBe(200);
      expect(listen.text).toContain('"notifications":{}');
      expect(listen.text).toContain('"resultType":"complete"');
    });

    test('is 405 with Allow for any other method', async () => {
      for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']) {
        const answer = await fetch(`${served.url}/mcp`, { method, headers: { authorization: `Bearer ${key}` } });
        expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'POST']);
      }
    });
  });
});
