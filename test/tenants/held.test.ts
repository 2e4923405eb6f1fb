import { request, type IncomingMessage } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { buildServer } from '../../src/http/server.js';
import { tenancyOf } from '../../src/http/tenancy.js';
import { v1 } from '../../src/http/v1/index.js';
import { ISOLATIONS } from '../../src/tenants/isolation.js';
import { adminIn, describeTenants, OPERATOR } from '../support/tenants.js';

const CONTENT = 'heron '.repeat(10_000);
const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

describeTenants(
  'answers that are read slowly',
  (open) => {
    test('S22, G21: the drop of a tenant cuts off a download and a stream of it that nobody reads on', async () => {
      const { tenants } = await open();
      await tenants.create(OPERATOR, 'acme');
      const order = { role: 'admin', users: 'any' } as const;
      const { key } = await tenants.use(adminIn('acme'), async (warden, who) => {
        const memories = Array.from({ length: 400 }, () => ({ content: CONTENT, level: 'public' as const }));
        await warden.scope({ id: who.id, role: 'admin' }, 'alice').addMany(memories);
        return warden.credentials.create(who, order);
      });
      const app = await buildServer(tenancyOf(tenants), [v1]);
      apps.push(app);
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      const authorization = `Bearer ${key}`;
      const ask = async (path: string, more: RequestInit = {}) => {
        const headers = { authorization, 'content-type': 'application/json' };
        return (await (await fetch(`${url}${path}`, { headers, ...more })).json()) as { id: string; state: string };
      };
      const begun = await ask('/v1/exports', { method: 'POST', body: JSON.stringify({ users: ['alice'] }) });
      while ((await ask(`/v1/exports/${begun.id}`)).state !== 'done') await new Promise((done) => setTimeout(done, 50));
      const file = await begin(`${url}/v1/exports/${begun.id}/file`, { authorization });
      const stream = await begin(`${url}/v1/users/alice/memories`, { authorization, accept: 'application/x-ndjson' });
      // It waits for both to end: a tenant that is in use is not closed.
      const dropped = tenants.drop(OPERATOR, 'acme');
      while ((await fetch(`${url}/v1/users/alice/memories`, { headers: { authorization } })).status !== 401);
      const [cut, ended] = [await file(), await stream()];
      expect([cut.complete, cut.text.length < 12_000_000]).toEqual([false, true]);
      expect([ended.text.length < 20_000_000, ended.text.slice(-500)]).toEqual([
        true,
        expect.stringContaining('"code":"unauthenticated"'),
      ]);
      expect((await dropped).tenant).toBe('acme');
    });
  },
  ISOLATIONS,
  ['embedded'],
);

/** Sends a request, takes the first bytes of its answer, and no more until it is told to. */
async function begin(url: string, headers: Record<string, string>) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers }, resolve).on('error', reject).end();
  });
  expect(answer.statusCode).toBe(200);
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('error', () => undefined);
  await new Promise((resolve) => answer.once('data', resolve));
  answer.pause();
  return async () => {
    const over = new Promise((resolve) => answer.once('close', resolve));
    answer.resume();
    await over;
    return { complete: answer.complete, text: Buffer.concat(chunks).toString('latin1') };
  };
}
