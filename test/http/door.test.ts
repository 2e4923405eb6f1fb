import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { principalOf, requireCaller, type DoorPlugin } from '../../src/http/door.js';
import { serve, type Served } from '../support/server.js';

const whoami: DoorPlugin = (app, parts) => {
  requireCaller(app, parts);
  app.get('/users/:user', (request) => principalOf(request, 'http', (request.params as { user: string }).user));
  app.get('/me', (request) => principalOf(request, 'http'));
};

describe('Who sends a request', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve([whoami]);
  });
  afterAll(() => served.close());

  const asked = async (path: string, key?: string, headers: Record<string, string> = {}) => {
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const answer = await fetch(`${served.url}${path}`, { headers: { ...authorization, ...headers } });
    return [answer.status, (await answer.json()) as Record<string, unknown>] as const;
  };

  test('is told by a key alone: without one, with another, and with a part of one it is 401', async () => {
    const key = await served.key({ role: 'agent', users: ['alice'] });
    for (const wrong of [undefined, '', 'x', key.slice(0, -1), `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`]) {
      const [status, body] = await asked('/me', wrong);
      expect([status, body['code']]).toEqual([401, 'unauthenticated']);
    }
    expect(await asked('/me', key)).toMatchObject([200, { role: 'agent', userId: 'alice' }]);
  });

  test('G27: may be a user of its grant and no other, whoever it names', async () => {
    const key = await served.key({ role: 'agent', users: ['alice', 'alan'] });
    expect(await asked('/users/alan', key)).toMatchObject([200, { userId: 'alan' }]);
    expect((await asked('/me', key))[1]).not.toHaveProperty('userId');
    for (const path of ['/users/bob', '/users/alic', '/users/alice%20', '/users/*', '/users/ALICE'])
      expect(await asked(path, key)).toMatchObject([403, { code: 'forbidden' }]);
    const named = await asked('/users/alice', key, { 'memwarden-on-behalf-of': 'bob' });
    expect(named).toMatchObject([403, { code: 'forbidden' }]);
  });

  test('a revoked key is refused at the next request', async () => {
    const key = await served.key({ role: 'agent', users: 'any' });
    expect(await asked('/users/zoe', key)).toMatchObject([200, { userId: 'zoe' }]);
    const admin = { id: 'boss', role: 'admin' };
    for (const { id, prefix } of await served.warden.credentials.list(admin))
      if (key.includes(prefix)) await served.warden.credentials.revoke(admin, id);
    expect(await asked('/users/zoe', key)).toMatchObject([401, { code: 'unauthenticated' }]);
  });
});
