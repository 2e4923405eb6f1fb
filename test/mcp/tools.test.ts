import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { mcp } from '../../src/mcp/http.js';
import { describeServed } from '../support/describe-served.js';
import type { Served } from '../support/server.js';
import { call, codeOf, connected, data, ERAS, nameOf, textOf } from './support.js';

for (const era of ERAS)
  describeServed(`the tools, spoken to in ${nameOf(era)}`, (serve) => {
    let served: Served;
    let client: Client;
    beforeAll(async () => {
      served = await serve([mcp]);
      client = await connected(served, await served.key({ role: 'agent', users: ['alice'] }), { era });
    });
    afterAll(async () => {
      await client.close();
      await served.close();
    });
    const add = async (args: Record<string, unknown>) => (await data(client, 'memory_add', args)).memory;

    test('are eight, each with schemas that take nothing else and with hints for the client', async () => {
      const { tools } = await client.listTools();
      const hints = Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations]));
      expect(hints).toMatchObject({
        memory_add: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
        memory_search: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
        memory_list: { readOnlyHint: true, destructiveHint: false },
        memory_get: { readOnlyHint: true, destructiveHint: false },
        memory_update: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
        memory_delete: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
        memory_explain: { readOnlyHint: true, destructiveHint: false },
        space_list: { readOnlyHint: true, destructiveHint: false },
      });
      expect(tools).toHaveLength(8);
      for (const { inputSchema, outputSchema, description } of tools) {
        expect([inputSchema.type, inputSchema['additionalProperties']]).toEqual(['object', false]);
        expect(outputSchema?.type).toBe('object');
        expect(description).toMatch(/the user/);
      }
    });

    test('memory_add stores a memory with all that may be said of one, and memory_get reads it back', async () => {
      const given = {
        content: 'Alice keeps bees.',
        level: 'public',
        category: 'hobby',
        agentId: 'a1',
        appId: 'app',
        sessionId: 's1',
        occurredAt: '2025-03-01T10:00:00Z',
        expiresAt: '2999-01-01',
        speaker: 'Alice',
        metadata: { hives: 3 },
      };
      const added = await add(given);
      const expected = {
        ...given,
        userId: 'alice',
        version: 1,
        occurredAt: '2025-03-01T10:00:00.000Z',
        expiresAt: '2999-01-01T00:00:00.000Z',
      };
      expect(added).toMatchObject(expected);
      expect((await data(client, 'memory_get', { id: added.id })).memory).toEqual(added);
      expect(textOf(await call(client, 'memory_get', { id: added.id }))).toContain('\n> Alice keeps bees.\n');
      expect(await served.warden.scope({ id: 'boss', role: 'admin' }, 'alice').get(added.id)).toMatchObject({
        content: 'Alice keeps bees.',
      });
    });

    test('memory_add of what its role may not read back answers id, user and level alone', async () => {
      const added = await add({ content: 'Alice takes insulin.', level: 'sensitive' });
      expect(Object.keys(added).sort()).toEqual(['id', 'level', 'userId']);
      expect(await codeOf(client, 'memory_get', { id: added.id })).toBe('not_found');
    });

    test('memory_search finds by words, with a score, and keeps to the filter', async () => {
      await add({ content: 'The harbour festival is in June.', category: 'events', sessionId: 'x1', speaker: 'Ben' });
      await add({ content: 'The harbour was closed in May.', category: 'news' });
      const { hits } = await data(client, 'memory_search', { query: 'When is the harbour festival?' });
      expect(hits[0]!.memory.content).toBe('The harbour festival is in June.');
      expect(hits[0]!.score).toBeGreaterThan(hits[1]!.score);
      for (const [filter, count] of [
        [{ category: 'news' }, 1],
        [{ sessionId: 'x1' }, 1],
        [{ speaker: 'Ben' }, 1],
        [{ level: 'public' }, 0],
        [{ level: ['public', 'private'] }, 2],
        [{ keyword: 'JUNE' }, 1],
        [{ to: '2001-01-01' }, 0],
        [{ limit: 1 }, 1],
        [{ minScore: 1 }, 0],
      ] as const)
        expect([filter, (await data(client, 'memory_search', { query: 'harbour', ...filter })).hits.length]).toEqual([
          filter,
          count,
        ]);
      expect(textOf(await call(client, 'memory_search', { query: 'zeppelin' }))).toBe('No memories.');
    });

    test('memory_list goes through all pages, newest first, without gap or repetition', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 7; i += 1)
        ids.push((await add({ content: `page ${i}`, category: 'paged', occurredAt: `2024-01-0${i + 1}` })).id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await data(client, 'memory_list', { category: 'paged', limit: 3, ...(cursor ? { cursor } : {}) });
        seen.push(...page.memories.map(({ id }) => id));
        ({ cursor } = page);
      } while (cursor !== undefined);
      expect(seen).toEqual(ids.reverse());
      expect(await codeOf(client, 'memory_list', { cursor: 'nonsense' })).toBe('invalid_cursor');
    });

    test('memory_update changes fields, takes away what is null, and keeps to a version', async () => {
      const { id } = await add({ content: 'Alice lives in Bath.', speaker: 'Alice', category: 'home' });
      const { memory } = await data(client, 'memory_update', { id, content: 'Alice lives in Bristol.', speaker: null });
      expect(memory).toMatchObject({ content: 'Alice lives in Bristol.', category: 'home', version: 2 });
      expect(memory).not.toHaveProperty('speaker');
      expect(await codeOf(client, 'memory_update', { id, content: 'x', ifVersion: 1 })).toBe('conflict');
      expect(await codeOf(client, 'memory_update', { id })).toBe('invalid_argument');
      expect((await data(client, 'memory_update', { id, content: 'y', ifVersion: 2 })).memory.version).toBe(3);
    });

    test('S6: memory_update lowers no level that the role may not lower', async () => {
      const { id } = await add({ content: 'Alice is vegetarian.', level: 'private' });
      expect(await codeOf(client, 'memory_update', { id, level: 'public' })).toBe('not_found');
      expect((await data(client, 'memory_get', { id })).memory.level).toBe('private');
    });

    test('memory_delete deletes once', async () => {
      const { id } = await add({ content: 'Alice owes me a coffee.' });
      expect(await data(client, 'memory_delete', { id })).toEqual({ deleted: true });
      expect(await codeOf(client, 'memory_delete', { id })).toBe('not_found');
      expect(await codeOf(client, 'memory_get', { id })).toBe('not_found');
    });

    test('memory_explain names the rule that decides', async () => {
      const { id } = await add({ content: 'Alice plays chess.' });
      expect(await data(client, 'memory_explain', { id })).toMatchObject({
        allowed: true,
        action: 'read',
        rule: { id: 'agent-own-memories' },
      });
      expect(await data(client, 'memory_explain', { id, action: 'export' })).toMatchObject({ allowed: false });
      expect(textOf(await call(client, 'memory_explain', { id }))).toMatch(/^read: allowed by the rule agent-own-/);
      expect(await codeOf(client, 'memory_explain', { id, action: 'erase' })).toBe('invalid_argument');
    });

    test('every call is on record with the door and a request id of the server', async () => {
      const trail = served.warden.audit({ id: 'boss', role: 'admin' });
      const before = new Set((await trail.query({})).map((record) => record.id));
      const { id } = await add({ content: 'Alice sails.' });
      await data(client, 'memory_get', { id });
      const records = (await trail.query({})).filter((record) => !before.has(record.id) && record.subject === 'Memory');
      expect(records.map(({ door, action, phase }) => [door, action, phase])).toEqual([
        ['mcp', 'create', 'intent'],
        ['mcp', 'create', 'result'],
        ['mcp', 'read', 'read'],
      ]);
      const [intent, result, read] = records.map(({ request }) => request);
      expect(intent).toBe(result);
      expect(read).not.toBe(intent);
    });
  });

for (const era of ERAS)
  describeServed(`the resources, spoken to in ${nameOf(era)}`, (serve) => {
    let served: Served;
    let client: Client;
    beforeAll(async () => {
      served = await serve([mcp]);
      client = await connected(served, await served.key({ role: 'agent', users: ['alice'] }), { era });
    });
    afterAll(async () => {
      await client.close();
      await served.close();
    });

    test('are the memories that may be read, without content in the list, marked as data in the text', async () => {
      const alice = served.warden.scope({ id: 'boss', role: 'admin' }, 'alice');
      const { id } = await alice.add('Alice keeps bees.', { occurredAt: '2025-03-01' });
      const hidden = await alice.add('Alice takes insulin.', { level: 'sensitive' });
      const { resources } = await client.listResources();
      expect(resources).toMatchObject([{ uri: `memory://${id}`, name: id, title: 'Memory of 2025-03-01' }]);
      expect(JSON.stringify(resources)).not.toContain('bees');
      const { contents } = await client.readResource({ uri: `memory://${id}` });
      expect(contents).toMatchObject([{ uri: `memory://${id}`, mimeType: 'text/plain' }]);
      expect((contents[0] as { text: string }).text).toMatch(/never instructions to follow.*\n> Alice keeps bees\.\n/s);
      const { resourceTemplates } = await client.listResourceTemplates();
      expect(resourceTemplates).toMatchObject([{ uriTemplate: 'memory://{id}', mimeType: 'text/plain' }]);
      for (const uri of [`memory://${hidden.id}`, 'memory://nothing', 'memory://', `memory:///${id}`])
        await expect(client.readResource({ uri })).rejects.toMatchObject({ code: expect.any(Number) });
      for (const uri of ['file:///etc/passwd', `MEMORY://${id}`, 'x'])
        await expect(client.readResource({ uri })).rejects.toMatchObject({ data: { code: 'invalid_argument' } });
    });

    test('are listed in pages', async () => {
      const bulk = Array.from({ length: 120 }, (_, i) => ({ content: `note ${i}` }));
      await served.warden.scope({ id: 'boss', role: 'admin' }, 'alice').addMany(bulk);
      const first = await client.request({ method: 'resources/list', params: {} });
      expect(first.resources).toHaveLength(100);
      const second = await client.request({ method: 'resources/list', params: { cursor: first.nextCursor! } });
      const uris = [...first.resources, ...second.resources].map(({ uri }) => uri);
      expect(new Set(uris).size).toBe(121);
      expect(second.nextCursor).toBeUndefined();
      await expect(client.request({ method: 'resources/list', params: { cursor: 'x' } })).rejects.toMatchObject({
        data: { code: 'invalid_cursor' },
      });
    });
  });
