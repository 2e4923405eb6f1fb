import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { INPUTS } from '../../src/mcp/inputs.js';
import { mcp } from '../../src/mcp/http.js';
import { fromJson } from '../attack/corpus.js';
import { describeServed } from '../support/describe-served.js';
import type { Served } from '../support/server.js';
import { call, callBody, codeOf, connected, data, posted, textOf } from './support.js';

const ADMIN = { id: 'boss', role: 'admin' };
// Each with the arguments that it cannot do without.
const CALLS = (id: string): Record<keyof typeof INPUTS, Record<string, unknown>> => ({
  memory_add: { content: 'x' },
  memory_search: { query: 'secret' },
  memory_list: {},
  memory_get: { id },
  memory_update: { id, content: 'taken over' },
  memory_delete: { id },
  memory_explain: { id },
  space_list: {},
});
const BY_ID = ['memory_get', 'memory_update', 'memory_delete', 'memory_explain'] as const;

describeServed('MCP between users', (serve) => {
  let served: Served;
  let alice: Client;
  let bob: Client;
  let aliceKey: string;
  let hers: string;
  let sensitive: string;
  beforeAll(async () => {
    served = await serve([mcp]);
    aliceKey = await served.key({ role: 'agent', users: ['alice'] });
    alice = await connected(served, aliceKey);
    bob = await connected(served, await served.key({ role: 'agent', users: ['bob'] }));
    hers = (await data(alice, 'memory_add', { content: 'secret of alice' })).memory.id;
    sensitive = (await data(alice, 'memory_add', { content: 'secret of alice, sensitive', level: 'sensitive' })).memory
      .id;
    await data(bob, 'memory_add', { content: 'secret of bob' });
  });
  afterAll(async () => {
    await Promise.all([alice.close(), bob.close()]);
    await served.close();
  });
  const texts = async () => {
    const page = await served.warden.scope(ADMIN, 'alice').list();
    return page.memories.map(({ content }) => content).sort();
  };

  test('two keys: nothing of one user is found, listed, read, changed, deleted or explained with the other', async () => {
    const found = await data(bob, 'memory_search', { query: 'secret of alice' });
    expect(found.hits.map(({ memory }) => memory.userId)).toEqual(['bob']);
    expect((await data(bob, 'memory_list')).memories.map(({ userId }) => userId)).toEqual(['bob']);
    expect((await bob.listResources()).resources).toHaveLength(1);
    const before = await texts();
    for (const name of BY_ID) expect([name, await codeOf(bob, name, CALLS(hers)[name])]).toEqual([name, 'not_found']);
    await expect(bob.readResource({ uri: `memory://${hers}` })).rejects.toMatchObject({ data: { code: 'not_found' } });
    expect(await texts()).toEqual(before);
  });

  test("a cursor of one user continues no other's list", async () => {
    await data(alice, 'memory_add', { content: 'one more of alice' });
    const { cursor } = await data(alice, 'memory_list', { limit: 1 });
    expect(await codeOf(bob, 'memory_list', { limit: 1, cursor })).toBe('invalid_cursor');
    expect((await data(alice, 'memory_list', { limit: 1, cursor })).memories).toHaveLength(1);
  });

  test('G27: no argument of any tool names a user, a role or a principal: all that try are refused', async () => {
    const tries: Record<string, unknown> = {
      role: 'admin',
      as: 'admin',
      user: 'alice',
      user_id: 'alice',
      userId: 'alice',
      owner: 'alice',
      principal: { id: 'boss', role: 'admin' },
      on_behalf_of: 'alice',
      onBehalfOf: 'alice',
      'memwarden-on-behalf-of': 'alice',
      tenant: 'other',
      filter: { user_id: 'alice' },
      filters: { AND: [{ user_id: 'alice' }] },
      where: { user_id: { $ne: 'bob' } },
      $or: [{ user_id: 'alice' }],
      purpose: 'audit',
      attributes: { clearance: 'high' },
      ownerKey: 'AAAA',
      constructor: 'x',
      toString: 'x',
      '': 'x',
    };
    const before = await texts();
    for (const [name, args] of Object.entries(CALLS(hers)))
      for (const [argument, value] of Object.entries(tries)) {
        const code = await codeOf(bob, name, { ...args, [argument]: value });
        expect([name, argument, code]).toEqual([name, argument, 'invalid_argument']);
      }
    expect(await texts()).toEqual(before);
    for (const schema of Object.values(INPUTS))
      expect(Object.keys(schema.shape).filter((name) => /user|role|principal|owner|behalf|tenant/i.test(name))).toEqual(
        [],
      );
  });

  test('G27: what a client says of itself beside its arguments changes nothing', async () => {
    const body = callBody('memory_list', {});
    const meta = { user_id: 'alice', userId: 'alice', role: 'admin', 'memwarden-on-behalf-of': 'alice' };
    const bobs = await served.key({ role: 'agent', users: ['bob'] });
    const plain = await posted(served, bobs, body);
    const said = await posted(served, bobs, {
      ...body,
      ...meta,
      params: { ...body.params, ...meta, _meta: meta },
    });
    const query = await fetch(`${served.url}/mcp?user_id=alice&role=admin`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bobs}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify(body),
    });
    const without = (text: string) => text.replace(/[0-9a-f]{24}/g, 'FENCE');
    expect(plain.text).toContain('secret of bob');
    for (const text of [said.text, await query.text()]) {
      if (text.includes('"result"')) expect(without(text)).toBe(without(plain.text));
      expect(text).not.toContain('secret of alice');
    }
  });

  test('G4: prototype keys in arguments and metadata are refused, and pollute nothing', async () => {
    for (const args of [
      '{"__proto__":{"userId":"alice"}}',
      '{"constructor":{"prototype":{"userId":"alice"}}}',
      '{"content":"x","metadata":{"__proto__":{"level":"public"}}}',
    ]) {
      const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"memory_add","arguments":${args}}}`;
      const { status, text } = await posted(served, aliceKey, body);
      expect([status, JSON.parse(text).code]).toEqual([400, 'request_malformed']);
    }
    const modern = await connected(served, aliceKey, { era: { pin: '2026-07-28' } });
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'memory_add ', 'MEMORY_ADD', ''])
      for (const client of [alice, modern])
        await expect(call(client, name, { content: 'x' })).rejects.toMatchObject({ code: -32602 });
    await modern.close();
    expect({}).not.toHaveProperty('userId');
  });

  test('G4: what the record itself settles cannot be given with a memory', async () => {
    for (const key of ['id', 'version', 'createdAt', 'created_at', 'sensitivity', 'classifiedBy', 'mac', 'tenant'])
      expect([key, await codeOf(alice, 'memory_add', { content: 'x', [key]: 'y' })]).toEqual([key, 'invalid_argument']);
    const { memory } = await data(alice, 'memory_add', { content: 'x', metadata: { user_id: 'bob', role: 'admin' } });
    expect(memory).toMatchObject({ userId: 'alice', metadata: { user_id: 'bob' } });
    await data(alice, 'memory_delete', { id: memory.id });
  });

  test('G3: no operator of the corpus gets in through an argument of any tool', async () => {
    const operators = fromJson.filter(({ make }) => typeof make() === 'object' && make() !== null);
    const places = Object.entries(INPUTS).flatMap(([name, { shape }]) =>
      Object.keys(shape).map((argument) => [name, argument] as const),
    );
    const bobs = await served.key({ role: 'agent', users: ['bob'] });
    const before = await texts();
    let refused = 0;
    for (const [i, { name: operator, make }] of operators.entries()) {
      const [name, argument] = places[i % places.length]!;
      if (argument === 'metadata') continue;
      const args = { ...CALLS(hers)[name as keyof typeof INPUTS], [argument]: make() };
      const { status, text } = await posted(served, bobs, callBody(name, args));
      const found = JSON.parse(text);
      const code = status === 200 ? JSON.parse(found.result.content[0].text).error.code : found.code;
      const expected = status === 200 ? 'invalid_argument' : 'request_malformed';
      expect([name, argument, operator, code]).toEqual([name, argument, operator, expected]);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(200);
    expect(await texts()).toEqual(before);
  });

  test('G8: names are compared letter by letter, in categories, sessions and ids', async () => {
    await data(alice, 'memory_add', { content: 'acme only', category: 'acme', sessionId: 'a_b' });
    for (const category of ['acm', 'acme-corp', 'ACME', 'acme ', '*', '%', '.*', 'acm%', 'ac\u006De\u0301'])
      expect([category, (await data(alice, 'memory_list', { category })).memories.length]).toEqual([category, 0]);
    for (const sessionId of ['axb', 'a%b', 'a.b'])
      expect((await data(alice, 'memory_list', { sessionId })).memories).toEqual([]);
    expect((await data(alice, 'memory_list', { category: 'acme', sessionId: 'a_b' })).memories).toHaveLength(1);
    for (const id of [
      hers.slice(0, -1),
      `${hers}0`,
      hers.toUpperCase(),
      ` ${hers}`,
      '*',
      '.*',
      `../${hers}`,
      'x'.repeat(999),
    ])
      expect([id, await codeOf(alice, 'memory_get', { id })]).toEqual([id, 'not_found']);
  });

  test('G6: what is hidden and what is not there answer alike, byte for byte', async () => {
    const ids = [hers, sensitive, '01890000-0000-7000-8000-000000000000', 'no-id-at-all'];
    const bobs = await served.key({ role: 'agent', users: ['bob'] });
    const seen = async (key: string, body: unknown) => {
      const { status, headers, text } = await posted(served, key, body);
      const kept = [...headers].filter(
        ([name]) => !/^(?:date|memwarden-request-id|traceparent|x-ratelimit-.*)$/.test(name),
      );
      return JSON.stringify([status, kept, text]);
    };
    for (const name of BY_ID) {
      const answers = await Promise.all(ids.map((id) => seen(bobs, callBody(name, CALLS(id)[name]))));
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain('not_found');
      const own = await Promise.all(ids.slice(1).map((id) => seen(aliceKey, callBody(name, CALLS(id)[name]))));
      expect(new Set(own).size).toBe(1);
      expect(own[0]).toBe(answers[0]);
    }
    const read = (id: string) => ({
      jsonrpc: '2.0',
      id: 1,
      method: 'resources/read',
      params: { uri: `memory://${id}` },
    });
    const answers = await Promise.all(ids.map((id) => seen(bobs, read(id))));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('not_found');
  });

  test('S10: a miss is one look more, and on record, whether something is hidden or not', async () => {
    const trail = served.warden.audit(ADMIN);
    for (const [id, outcome] of [
      [sensitive, 'denied'],
      ['01890000-0000-7000-8000-000000000000', 'absent'],
    ]) {
      const before = new Set((await trail.query({})).map((record) => record.id));
      expect(await codeOf(alice, 'memory_get', { id })).toBe('not_found');
      const records = (await trail.query({})).filter((record) => !before.has(record.id) && record.subject === 'Memory');
      expect(records).toMatchObject([{ door: 'mcp', outcome, count: 0 }]);
    }
  });

  test('errors carry code and remedy and nothing of what was sent', async () => {
    const result = await call(alice, 'memory_update', { id: hers, content: 'swordfish', level: 'tuna' });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toBeUndefined();
    expect(JSON.parse(textOf(result))).toEqual({
      error: {
        code: 'invalid_argument',
        message: expect.any(String),
        remedy: expect.any(String),
        detail: { argument: 'arguments.level', allowed: 'one of public, private, sensitive' },
      },
    });
    expect(textOf(await call(alice, 'memory_list', { swordfish: 1 }))).not.toContain('swordfish');
    const large = await call(alice, 'memory_add', { content: 'x'.repeat(70_000) });
    expect(textOf(large)).toContain('content_too_large');
  });
});
