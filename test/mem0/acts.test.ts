import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DoorPlugin } from '../../src/http/door.js';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { mem0 } from '../../src/mem0/index.js';
import { failure, serveMem0, type Added, type Mem0Served } from './support.js';

const NO_WAIT = { wait: () => Promise.resolve() };

describe("mem0's door, where it stands on longer acts", () => {
  let served: Mem0Served;
  beforeAll(async () => {
    served = await serveMem0({}, NO_WAIT);
  });
  afterAll(() => served.close());

  test('S20: deleting a user erases them: what is stored, the key and what was handed out', async () => {
    const officer = await served.key({ role: 'admin', users: 'any' });
    const client = served.client(officer);
    const added = (await client.add([{ role: 'user', content: 'Gil was here.' }], {
      userId: 'gil',
    })) as unknown as Added;
    await client.add([{ role: 'user', content: 'Gila stays.' }], { userId: 'gila' });
    expect(await client.deleteUsers({ userId: 'gil' })).toEqual({ message: 'Entity deleted successfully.' });
    expect(await failure(client.get(String(added.results[0]?.id)))).toMatchObject({ name: 'MemoryNotFoundError' });
    expect((await client.users()).results.map(({ name }) => name)).toEqual(['gila']);
    expect((await client.getAll({ filters: { user_id: 'gila' } })).count).toBe(1);
  });

  test('S14: ids stay good when their key is changed, and so do the pages that are open', async () => {
    const key = await served.key({ role: 'agent', users: ['kit'] });
    const client = served.client(key);
    const messages = ['One.', 'Two.', 'Three.'].map((content) => ({ role: 'user' as const, content }));
    const { results } = (await client.add(messages, { userId: 'kit' })) as unknown as Added;
    const options = { filters: { user_id: 'kit' }, pageSize: 2 };
    await client.getAll({ ...options, page: 1 });
    for (const purpose of ['handle', 'cursor'] as const)
      await served.warden.keys.rotateInstanceKey({ id: 'op', role: 'admin' }, purpose);
    expect(await client.get(String(results[0]?.id))).toMatchObject({ memory: 'One.' });
    expect((await client.getAll({ ...options, page: 2 })).results.map(({ memory }) => memory)).toEqual(['One.']);
  });

  test('pages, events and settings hold no text, no query and no user', async () => {
    const key = await served.key({ role: 'agent', users: ['canary-user'] });
    const client = served.client(key);
    const messages = Array.from({ length: 3 }, () => ({ role: 'user' as const, content: 'canary-text' }));
    const added = (await client.add(messages, {
      userId: 'canary-user',
      metadata: { a: 'canary-data' },
    })) as unknown as Added;
    const filters = { user_id: 'canary-user', metadata: { a: 'canary-data' } };
    await client.getAll({ filters, page: 1, pageSize: 1 });
    await client.search('canary-query', { filters });
    const feedback = { memoryId: String(added.results[0]?.id), feedback: null, feedbackReason: 'canary-reason' };
    await client.feedback(feedback);
    const { values } = (await import('../../src/internals.js')).servicesOf(served.warden);
    const kept: string[] = [];
    for (const name of ['mem0-pages', 'mem0-feedback', 'mem0-projects'])
      for (const { key: under, value } of await values.list(name, 1_000)) kept.push(`${under} ${value}`);
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect(kept.join('\n')).not.toContain('canary');
  });

  test('two processes on one store continue the pages and know the ids and events of one another', async () => {
    const { buildServer } = await import('../../src/http/server.js');
    const { authenticating } = await import('../../src/identity/authenticate.js');
    const { servicesOf } = await import('../../src/internals.js');
    const services = servicesOf(served.warden);
    const parts = { warden: served.warden, services, authenticate: authenticating(services.apiKeys) };
    const other = await buildServer(parts, [mem0]);
    const url = await other.listen({ host: '127.0.0.1', port: 0 });
    const key = await served.key({ role: 'agent', users: ['ola'] });
    const added = await served.send(key, 'POST', '/v3/memories/add/', { messages: 'Ola.', user_id: 'ola' });
    const headers = { authorization: `Token ${key}` };
    expect((await fetch(`${url}/v1/event/${String(added.body['event_id'])}/`, { headers })).status).toBe(200);
    await other.close();
  });
});

describe("mem0's errors", () => {
  test('429 is told with the seconds to wait for, which the clients read', async () => {
    const limited: DoorPlugin = (app, parts) => {
      app.addHook('preHandler', (_request, reply, done) => {
        void reply.header('retry-after', '7');
        done(new MemwardenError('rate_limited'));
      });
      return mem0(app, parts);
    };
    const served = await serveMem0({}, undefined, limited);
    const key = await served.key({ role: 'agent', users: ['alice'] });
    const { status, headers, body } = await served.send(key, 'POST', '/v3/memories/', { filters: {} });
    expect([status, headers.get('retry-after'), body['code']]).toEqual([429, '7', 'rate_limited']);
    expect(body['detail']).toEqual(expect.any(String));
    await served.close();
  });

  test('what is too large, not JSON, or of another kind is told by its status, without what was sent', async () => {
    const served = await serveMem0();
    const key = await served.key({ role: 'agent', users: ['alice'] });
    const post = (body: unknown) => served.send(key, 'POST', '/v3/memories/add/', body);
    const long = await post({ messages: 'a'.repeat(70_000), user_id: 'alice' });
    expect([long.status, long.body['code']]).toEqual([413, 'content_too_large']);
    const cut = await post('{"messages": "canary');
    expect([cut.status, cut.text.includes('canary')]).toEqual([400, false]);
    expect((await post('x'.repeat(1_100_000))).status).toBe(413);
    expect((await post({ messages: [], user_id: 'alice' })).status).toBe(400);
    expect((await post({ user_id: 'alice' })).status).toBe(400);
    expect((await served.send(undefined, 'GET', '/v1/ping/')).status).toBe(401);
    await served.close();
  });
});
