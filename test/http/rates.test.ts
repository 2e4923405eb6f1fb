import { createHash } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import type { RateLimitOptions } from '../../src/config/rates.js';
import { requireCaller, type DoorPlugin } from '../../src/http/door.js';
import { limitRates } from '../../src/http/rates.js';
import { buildServer } from '../../src/http/server.js';
import { authenticating } from '../../src/identity/authenticate.js';
import { servicesOf } from '../../src/internals.js';
import { mcp } from '../../src/mcp/http.js';
import { mem0 } from '../../src/mem0/index.js';
import { handClock } from '../support/warden.js';
import { describeServed } from '../support/describe-served.js';
import type { Served } from '../support/server.js';

const routes: DoorPlugin = (app, parts) => {
  requireCaller(app, parts);
  app.get('/me', () => ({}));
  app.get('/users/:user', () => ({}));
  app.post('/add', () => ({}));
};
const limited =
  (options: RateLimitOptions): DoorPlugin =>
  async (app, parts) => {
    await limitRates(app, parts, options);
    await routes(app, parts);
    for (const door of [mem0, mcp]) await app.register(async (own) => door(own, parts));
  };

describeServed('Rates of requests', (serve) => {
  let served: Served | undefined;
  const others: FastifyInstance[] = [];
  afterEach(async () => {
    await Promise.all(others.splice(0).map((app) => app.close()));
    await served?.close();
    served = undefined;
  });
  const start = async (options: RateLimitOptions, clock = handClock()) =>
    (served = await serve([limited(options)], { clock }));
  const ask = (url: string, path: string, key?: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...init.headers },
    });
  const times = async (n: number, call: () => Promise<Response>) => {
    const statuses: number[] = [];
    for (let i = 0; i < n; i += 1) statuses.push((await call()).status);
    return statuses;
  };

  test('are limited by credential: what is over it is 429 with Retry-After, and another credential goes on', async () => {
    const { url, key } = await start({ perCredential: { max: 3 } });
    const [one, two] = [await key({ role: 'agent', users: 'any' }), await key({ role: 'agent', users: 'any' })];
    expect(await times(4, () => ask(url, '/me', one))).toEqual([200, 200, 200, 429]);
    const refused = await ask(url, '/me', one);
    expect(refused.headers.get('content-type')).toMatch('application/problem+json');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });
    expect((await ask(url, '/me', two)).status).toBe(200);
  });

  const json = (body: object, accept = 'application/json') => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept },
  });
  const search = (filters: object) => json({ query: 'tea', filters });

  test('are limited by user, whom a header, the path or what a route reads names, and not across credentials', async () => {
    const { url, key } = await start({ perUser: { max: 4 } });
    const one = await key({ role: 'agent', users: 'any' });
    const ways = [
      (user: string, by: string) => ask(url, `/users/${user}`, by),
      (user: string, by: string) => ask(url, '/me', by, { headers: { 'memwarden-on-behalf-of': user } }),
      (user: string, by: string) => ask(url, `/v1/memories/?user_id=${user}`, by),
      (user: string, by: string) => ask(url, '/v3/memories/add/', by, json({ messages: 'Tea.', user_id: user })),
      (user: string, by: string) => ask(url, '/v3/memories/search/', by, search({ user_id: user })),
      (user: string, by: string) => ask(url, '/v3/memories/search/', by, search({ AND: [{ user_id: { eq: user } }] })),
      (user: string, by: string) =>
        ask(url, '/v3/memories/add/', by, json({ messages: 'Tea.', filters: { user_id: user } })),
    ];
    const statuses: number[] = [];
    for (const way of ways) statuses.push((await way('alice', one)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429, 429]);
    const left: number[] = [];
    for (const way of ways.slice(3)) left.push((await way('bob', one)).status);
    expect(left).toEqual([200, 200, 200, 200]);
    expect((await ways[0]?.('bob', one))?.status).toBe(429);
    expect((await ask(url, '/users/alice', await key({ role: 'agent', users: 'any' }))).status).toBe(200);
    const own = await key({ role: 'agent', users: ['zoe'] });
    expect(await times(5, () => ask(url, '/me', own))).toEqual([200, 200, 200, 200, 429]);
  });

  test('are limited by user whatever other name is put beside the request, where no route reads it', async () => {
    const { url, key } = await start({ perUser: { max: 3 } });
    const limit = [200, 200, 200, 429, 429];
    let n = 0;
    const other = () => `r${(n += 1)}`;
    const any = () => key({ role: 'agent', users: 'any' });
    const named = (path: string, init: () => RequestInit = () => ({})) => {
      return async (by: string) => times(5, () => ask(url, `${path}?user=${other()}&user_id=${other()}`, by, init()));
    };
    expect(await named('/v3/memories/search/', () => search({ user_id: 'ana' }))(await any())).toEqual(limit);
    expect(await named('/users/ana')(await any())).toEqual(limit);
    // Nobody is named: all of the credential is one.
    expect(await named('/me')(await any())).toEqual(limit);
    expect(await named('/add', () => json({ user_id: other(), filters: { user_id: other() } }))(await any())).toEqual(
      limit,
    );
    const onBehalfOf = () => ({ headers: { 'memwarden-on-behalf-of': other() } });
    expect(await named('/v1/ping/', onBehalfOf)(await any())).toEqual(limit);
    // The one user of a grant is whom every request is about, whatever it says.
    const own = () => key({ role: 'agent', users: ['ana'] });
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    expect(await named('/mcp', () => json(list, 'application/json, text/event-stream'))(await own())).toEqual(limit);
    expect(await named('/me', onBehalfOf)(await own())).toEqual(limit);
    // A name outside of the grant is none of its users.
    const two = await key({ role: 'agent', users: ['ana', 'bea'] });
    const refused = await times(5, () => ask(url, '/v3/memories/search/', two, search({ user_id: other() })));
    expect(refused).toEqual([403, 403, 403, 429, 429]);
    expect((await ask(url, '/v3/memories/search/', two, search({ user_id: 'bea' }))).status).toBe(200);
  });

  test('of names that a credential for anybody makes up there is a bounded number; the users of a grant count each apart', async () => {
    const { url, key } = await start({ perUser: { max: 3 } });
    const countOf = (name: string) => createHash('sha256').update(`memwarden rate 1\0${name}`).digest().readUInt16BE();
    const seen = new Map<number, string>();
    let pair: string[] = [];
    for (let n = 0; pair.length === 0; n += 1) {
      const other = seen.get(countOf(`u${n}`));
      if (other !== undefined) pair = [other, `u${n}`];
      seen.set(countOf(`u${n}`), `u${n}`);
    }
    const asked = async (users: 'any' | string[]) => {
      const by = await key({ role: 'agent', users });
      const statuses: number[] = [];
      for (const user of [...pair, ...pair]) statuses.push((await ask(url, `/users/${user}`, by)).status);
      return statuses;
    };
    expect(await asked('any')).toEqual([200, 200, 200, 429]);
    expect(await asked(pair)).toEqual([200, 200, 200, 200]);
  });

  test('that fail to authenticate are limited by address; a credential that was let in before goes on', async () => {
    const { url, key } = await start({ failedAuthentications: { max: 3 } });
    const known = await key({ role: 'agent', users: 'any' });
    expect((await ask(url, '/me', known)).status).toBe(200);
    expect(await times(5, () => ask(url, '/me', 'mw_wrong'))).toEqual([401, 401, 401, 429, 429]);
    expect((await ask(url, '/me')).headers.get('retry-after')).not.toBeNull();
    expect((await ask(url, '/me', known)).status).toBe(200);
    expect((await ask(url, '/me', await key({ role: 'agent', users: 'any' }))).status).toBe(429);
  });

  test('G6: the counters of an answer have one length whatever they count', async () => {
    const { url, key } = await start({ perCredential: { max: 12, windowMs: 3_600_000 } });
    const one = await key({ role: 'agent', users: 'any' });
    const seen: string[][] = [];
    for (let i = 0; i < 14; i += 1) {
      const { headers } = await ask(url, '/me', one);
      seen.push(['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`) ?? ''));
    }
    expect(new Set(seen.map((row) => row.map(({ length }) => length).join()))).toEqual(new Set(['2,2,4']));
    expect(seen.map(([, remaining]) => Number(remaining))).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]);
  });

  test('are without limit where false is said', async () => {
    const { url, key } = await start({ perCredential: false, perUser: false, failedAuthentications: false });
    const one = await key({ role: 'agent', users: ['zoe'] });
    expect(new Set(await times(70, () => ask(url, '/me', one)))).toEqual(new Set([200]));
    expect(new Set(await times(70, () => ask(url, '/me')))).toEqual(new Set([401]));
  });

  test('of several processes on one store are counted together where that is asked for, and never exceed the limit', async () => {
    const clock = handClock();
    const options = { perCredential: { max: 150 }, shared: true } as const;
    const { url, key, warden } = await start(options, clock);
    const services = servicesOf(warden);
    const parts = { warden, services, authenticate: authenticating(services.apiKeys) };
    const second = await buildServer(parts, [limited(options)]);
    others.push(second);
    const other = await second.listen({ host: '127.0.0.1', port: 0 });
    const one = await key({ role: 'agent', users: 'any' });
    const asked = await Promise.all(Array.from({ length: 240 }, (_, at) => ask(at % 3 ? url : other, '/me', one)));
    const let1 = asked.filter(({ status }) => status === 200).length;
    // What one process took and did not use is lost: two at most, of which one may be unused, in each.
    expect(let1).toBeLessThanOrEqual(150);
    expect(let1).toBeGreaterThanOrEqual(148);
    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200, 429]));
    // What is over the limit writes nothing more.
    const counted = await services.values.list('rates', 100);
    expect(new Set(await times(6, () => ask(url, '/me', one)))).toEqual(new Set([429]));
    expect(await services.values.list('rates', 100)).toEqual(counted);
    clock.forward(60_000);
    expect((await ask(url, '/me', one)).status).toBe(200);
    expect(JSON.stringify(await services.values.list('rates', 100))).not.toContain(one.slice(3, 15));
  });
});
