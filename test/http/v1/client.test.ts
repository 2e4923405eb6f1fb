import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from '../../../src/client/index.js';
import { v1 } from '../../../src/http/v1/index.js';
import { serve, type Served } from '../../support/server.js';

describe('memwarden/client', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve([v1]);
  });
  afterAll(() => served.close());

  test('adds, finds, changes and deletes a memory over a socket, with types and typed problems', async () => {
    const key = await served.key({ role: 'agent', users: ['alice'], purposes: ['care'] });
    const memwarden = createClient({ baseUrl: served.url, key, purpose: 'care' });
    const path = { user: 'alice' };
    const added = await memwarden.POST('/v1/users/{user}/memories', {
      params: { path, header: { 'Idempotency-Key': 'one' } },
      body: { content: 'Alice is vegetarian.', category: 'food' },
    });
    if (!added.data || !('id' in added.data)) throw new Error('not added');
    const { id } = added.data;
    const found = await memwarden.POST('/v1/users/{user}/memories/search', {
      params: { path },
      body: { query: 'vegetarian' },
    });
    expect(found.data?.hits.map(({ memory }) => memory.id)).toEqual([id]);
    const one = { params: { path: { ...path, id } } };
    const changed = await memwarden.PATCH('/v1/users/{user}/memories/{id}', {
      params: { ...one.params, header: { 'If-Match': '"1"' } },
      body: { content: 'Alice is vegan.' },
    });
    expect([changed.data?.version, changed.response.headers.get('etag')]).toEqual([2, '"2"']);
    expect((await memwarden.DELETE('/v1/users/{user}/memories/{id}', one)).response.status).toBe(204);
    const gone = await memwarden.GET('/v1/users/{user}/memories/{id}', one);
    expect(gone.error?.code).toBe('not_found');
    const other = await memwarden.GET('/v1/users/{user}/memories', { params: { path: { user: 'bob' } } });
    expect([other.data, other.error?.code]).toEqual([undefined, 'forbidden']);
  });

  test('names the user that it acts for, which is checked like every other name', async () => {
    const key = await served.key({ role: 'agent', users: ['alice'] });
    const memwarden = createClient({ baseUrl: served.url, key, onBehalfOf: 'bob' });
    const { error } = await memwarden.GET('/v1/users/{user}/memories', { params: { path: { user: 'alice' } } });
    expect(error?.code).toBe('forbidden');
  });
});
