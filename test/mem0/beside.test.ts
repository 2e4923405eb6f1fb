import { expect, test } from '@jest/globals';
import { v1 } from '../../src/http/v1/index.js';
import { mem0 } from '../../src/mem0/index.js';
import { serveMem0 } from './support.js';

test("mem0's routes stand beside those of the server's own interface, each with its own errors", async () => {
  const served = await serveMem0({}, undefined, async (app, parts) => {
    await app.register(async (own) => v1(own, parts));
    await app.register(async (own) => mem0(own, parts));
  });
  const key = await served.key({ role: 'agent', users: ['alice'] });
  const own = await served.send(key, 'POST', '/v1/users/alice/memories', { content: 'Alice paints.' });
  expect(own.status).toBe(201);
  const { body } = await served.send(key, 'POST', '/v3/memories/', { filters: { user_id: 'alice' } });
  expect(body).toMatchObject({ count: 1, results: [{ memory: 'Alice paints.' }] });
  const [missing, own404] = [
    await served.send(key, 'GET', '/v1/memories/x/'),
    await served.send(key, 'GET', '/v1/users/alice/memories/x'),
  ];
  expect([missing.body['error'], own404.body['status']]).toEqual(['Memory not found!', 404]);
  expect(own404.headers.get('content-type')).toContain('problem+json');
  await served.close();
});
