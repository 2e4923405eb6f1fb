import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serveMem0, type Answer, type Mem0Served } from './support.js';

// What mem0's Python client sends, call by call, as its public source says: httpx, `Token` in the header, trailing
// slashes, None left out of query strings and of bodies, typed options with what was set alone.
describe("the requests of mem0's Python client", () => {
  let served: Mem0Served;
  let key: string;
  let id: string;

  beforeAll(async () => {
    served = await serveMem0();
    key = await served.key({ role: 'agent', users: ['alice'] });
  });
  afterAll(() => served.close());

  const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const sent =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${served.url}${path}`, {
      method,
      ...sent,
      headers: {
        ...('headers' in sent ? sent.headers : {}),
        accept: '*/*',
        'accept-encoding': 'gzip, deflate',
        'user-agent': 'python-httpx/0.28.1',
        authorization: `Token ${key}`,
        'mem0-user-id': '5f4dcc3b5aa765d61d8327deb882cf99',
      },
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as Record<string, unknown> };
  };

  test('MemoryClient(): the ping that it must have ids from', async () => {
    const { status, body } = await send('GET', '/v1/ping/');
    expect([status, body['status']]).toEqual([200, 'ok']);
    for (const name of ['org_id', 'project_id', 'user_email']) expect(body[name]).toEqual(expect.stringMatching(/./));
  });

  test('add(), with the id as a keyword and in the filters of AddMemoryOptions', async () => {
    const messages = [{ role: 'user', content: 'I am vegetarian.' }];
    const plain = await send('POST', '/v3/memories/add/', { messages, user_id: 'alice', metadata: { a: 1 } });
    expect([plain.status, plain.body['status']]).toEqual([200, 'SUCCEEDED']);
    id = (plain.body['results'] as { id: string }[])[0]?.id ?? '';
    const options = await send('POST', '/v3/memories/add/', { messages, filters: { user_id: 'alice' }, infer: false });
    expect(options.body).toMatchObject({ status: 'SUCCEEDED', results: [{ event: 'ADD' }] });
  });

  test('get(), search(), get_all() and history()', async () => {
    expect((await send('GET', `/v1/memories/${id}/`)).body).toMatchObject({ id, memory: 'I am vegetarian.' });
    const search = { query: 'vegetarian', filters: { user_id: 'alice' }, top_k: 3, rerank: true };
    expect((await send('POST', '/v3/memories/search/', search)).body['results']).toHaveLength(2);
    const all = await send('POST', '/v3/memories/?page=1&page_size=1', { filters: { AND: [{ user_id: 'alice' }] } });
    expect(all.body).toMatchObject({ count: 2, results: [{ user_id: 'alice' }] });
    expect((await send('GET', `/v1/memories/${id}/history/`)).body).toMatchObject([{ event: 'ADD', memory_id: id }]);
  });

  test('update(), batch_update(), batch_delete() and delete()', async () => {
    expect((await send('PUT', `/v1/memories/${id}/`, { text: 'Vegan now.' })).body).toMatchObject({
      memory: 'Vegan now.',
    });
    const memories = [{ memory_id: id, text: 'Vegan.', metadata: { b: 2 } }];
    expect((await send('PUT', '/v1/batch/', { memories })).body).toEqual({
      message: 'Successfully updated 1 memories',
    });
    const added = await send('POST', '/v3/memories/add/', {
      messages: [{ role: 'user', content: 'x' }],
      user_id: 'alice',
    });
    const [more] = added.body['results'] as { id: string }[];
    const deleted = await send('DELETE', '/v1/batch/', { memories: [{ memory_id: more?.id }] });
    expect(deleted.body).toEqual({ message: 'Successfully deleted 1 memories' });
    expect((await send('DELETE', `/v1/memories/${id}/?delete_linked=true`)).body).toMatchObject({ cascade_count: 0 });
    expect((await send('GET', `/v1/memories/${id}/`)).body).toMatchObject({ error: 'Memory not found!' });
  });

  test('mem0#3746: delete_all() with typed options sends the repr of a dict, and deletes nothing', async () => {
    const repr = encodeURIComponent("{'user_id': 'alice'}").replaceAll("'", '%27').replaceAll('%20', '+');
    for (const path of [
      `/v1/memories/?filters=${repr}`,
      `/v1/memories/?user_id=alice&filters=${repr}`,
      '/v1/memories/',
    ])
      expect((await send('DELETE', path)).status).toBe(400);
    const left = await send('POST', '/v3/memories/', { filters: { user_id: 'alice' } });
    expect(left.body['count']).toBe(1);
    expect((await send('DELETE', '/v1/memories/?user_id=alice')).status).toBe(200);
    const none = await send('POST', '/v3/memories/', { filters: { user_id: 'alice' } });
    expect(none.body['count']).toBe(0);
  });

  test('users(), delete_users(), project and webhook calls, with the ids that the ping told', async () => {
    expect((await send('GET', '/v1/entities/')).body).toMatchObject({
      count: 1,
      results: [{ type: 'user', name: 'alice' }],
    });
    expect((await send('DELETE', '/v2/entities/user/alice/')).body).toMatchObject({
      detail: expect.any(String) as unknown,
    });
    const { org_id, project_id } = (await send('GET', '/v1/ping/')).body as Record<string, string>;
    const project = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}/`;
    const ids = `org_id=${org_id}&project_id=${project_id}`;
    expect((await send('PATCH', project, { custom_instructions: 'x', org_id, project_id })).status).toBe(200);
    const fields = await send('GET', `${project}?${ids}&fields=custom_instructions&fields=custom_categories`);
    expect(fields.body).toEqual({ custom_instructions: 'x', custom_categories: null });
    const hooks = `/api/v1/webhooks/projects/${project_id}/`;
    const made = await send('POST', hooks, { url: 'https://example.org/', name: 'w', event_types: ['memory_add'] });
    expect(made.status).toBe(201);
    expect((await send('GET', hooks)).body).toMatchObject([{ webhook_id: made.body['webhook_id'] }]);
    expect((await send('DELETE', `/api/v1/webhooks/${String(made.body['webhook_id'])}/`)).status).toBe(200);
  });

  test('feedback() sends what it was not given as null', async () => {
    const added = await send('POST', '/v3/memories/add/', {
      messages: [{ role: 'user', content: 'x' }],
      user_id: 'alice',
    });
    const [memory] = added.body['results'] as { id: string }[];
    const feedback = { memory_id: memory?.id, feedback: 'NEGATIVE', feedback_reason: null };
    expect((await send('POST', '/v1/feedback/', feedback)).body).toMatchObject({ feedback: 'NEGATIVE' });
  });

  test('get_summary() and what else is not here is told apart from a typing error', async () => {
    const { status, body } = await send('POST', '/v1/summary/', { filters: { user_id: 'alice' } });
    expect([status, body['code']]).toEqual([400, 'not_supported']);
  });

  test('the deprecated routes of older clients: bare lists, unless another format is asked for', async () => {
    await send('DELETE', '/v1/memories/?user_id=alice');
    const messages = [{ role: 'user', content: 'Old style.' }];
    const older = {
      messages,
      user_id: 'alice',
      agent_id: 'a1',
      version: 'v2',
      output_format: 'v1.0',
      async_mode: false,
    };
    expect((await send('POST', '/v1/memories/', older)).body).toMatchObject([{ event: 'ADD' }]);
    const newer = await send('POST', '/v1/memories/', { ...older, output_format: 'v1.1' });
    expect(newer.body).toMatchObject({ results: [{ event: 'ADD' }] });
    expect((await send('GET', '/v1/memories/?user_id=alice&agent_id=a1')).body).toHaveLength(2);
    expect((await send('GET', '/v1/memories/?user_id=alice&limit=1')).body).toHaveLength(1);
    expect((await send('GET', '/v1/memories/?user_id=alice&page=2&page_size=1')).body).toMatchObject({
      count: 2,
      next: null,
    });
    expect((await send('GET', '/v1/memories/?agent_id=a1')).status).toBe(400);
    const query = { query: 'style', user_id: 'alice', limit: 1 };
    expect((await send('POST', '/v1/memories/search/', query)).body).toHaveLength(1);
    const formatted = await send('POST', '/v1/memories/search/', { ...query, output_format: 'v1.1' });
    expect(formatted.body['results']).toHaveLength(1);
    const filters = { filters: { OR: [{ agent_id: 'a1' }], user_id: 'alice' } };
    expect((await send('POST', '/v2/memories/', filters)).body).toHaveLength(2);
    expect((await send('POST', '/v2/memories/search/', { query: 'style', ...filters })).body).toHaveLength(2);
    expect((await send('POST', '/v2/memories/', { filters: { agent_id: 'a1' } })).status).toBe(400);
  });
});
