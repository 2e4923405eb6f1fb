import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { ISOLATIONS } from '../../src/tenants/isolation.js';
import { insideTenants, type Tenants } from '../../src/tenants/tenants.js';
import { startEmbeddingServer, type EmbeddingServer } from '../support/embedding-server.js';
import { agentIn, describeTenants, OPERATOR } from '../support/tenants.js';
import { ADMIN, handClock, policyFolder } from '../support/warden.js';

const AGENT = readFileSync(join(PACKAGED_POLICIES, 'agent.yaml'), 'utf8').replace(/^role: agent\n/m, '');
/** Reads and keeps public memories alone. */
const STRICT = AGENT.replace('{ $in: [public, private] }', 'public');
const MINE = 'alice';

let server: EmbeddingServer;
beforeAll(async () => {
  server = await startEmbeddingServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.fault = undefined;
  server.texts.length = 0;
});

const add = (tenants: Tenants, tenant: string, text: string) =>
  tenants.use(agentIn(tenant, MINE), (warden, who) => warden.scope(who, MINE).add(text));
const report = (tenants: Tenants, tenant: string) =>
  tenants.use(agentIn(tenant, MINE), (warden) => Promise.resolve(warden.shadowReport()));

// None of it is in the stores.
const STORES = ['embedded'] as const;

describeTenants(
  'what one tenant does',
  (open, _store, isolation) => {
    const two = async (warden: object) => {
      const opened = await open({ warden });
      for (const id of ['acme', 'beta']) await opened.tenants.create(OPERATOR, id);
      return opened;
    };

    test('G21: is in the report of its own shadow alone', async () => {
      const told: unknown[] = [];
      const policies = await policyFolder({ agent: STRICT });
      const { tenants } = await two({
        shadow: { policies, onDifference: (difference: unknown) => told.push(difference) },
      });
      const { id } = await add(tenants, 'acme', 'the heron');
      const read = (tenant: string) =>
        tenants.use(agentIn(tenant, MINE), (warden, who) => warden.scope(who, MINE).get(id));
      expect((await read('acme'))?.content).toBe('the heron');
      const acme = await report(tenants, 'acme');
      expect(acme?.differing).toBeGreaterThan(0);
      expect(acme?.differences.every(({ live, candidate }) => live === 'allowed' && candidate === 'denied')).toBe(true);
      const { deployment } = insideTenants(tenants);
      const nothing = { compared: 0, differing: 0, failed: 0, unlisted: 0, differences: [] };
      expect(await report(tenants, 'beta')).toEqual(nothing);
      expect(deployment.shadowReport()).toMatchObject({ differing: 0, differences: [] });
      await add(tenants, 'beta', 'the bittern');
      expect((await report(tenants, 'beta'))?.compared).toBeGreaterThan(0);
      expect(await report(tenants, 'acme')).toEqual(acme);
      await deployment.scope(ADMIN, MINE).count();
      expect(await report(tenants, 'acme')).toEqual(acme);
      expect(told.length).toBeGreaterThan(0);
    });

    const opening = isolation === 'shared' ? test : () => undefined;
    opening('costs the room of what it keeps: a cache that may grow large is not made large for each', async () => {
      const { tenants } = await open({ maxOpen: 30 });
      const names = Array.from({ length: 20 }, (_, i) => `t-${i}`);
      for (const name of names) await tenants.create(OPERATOR, name);
      await add(tenants, 't-0', 'the heron');
      const before = process.memoryUsage().arrayBuffers;
      const leases = await Promise.all(names.map((name) => tenants.lease(name)));
      const each = (process.memoryUsage().arrayBuffers - before) / names.length;
      for (const { release } of leases) release();
      expect(each).toBeLessThan(300_000);
    });

    test.each(['no embedding', 400, 413, 422] as const)(
      'a text of it that the embedder refuses (%s) leaves no other tenant without a vector',
      async (answer) => {
        const { tenants } = await two({ clock: handClock(), embedder: embedderOf(server) });
        server.fault = (response) => response.writeHead(answer === 'no embedding' ? 200 : answer).end('{}');
        await add(tenants, 'acme', 'refused');
        server.fault = undefined;
        for (const tenant of ['beta', 'acme']) await add(tenants, tenant, `of ${tenant}`);
        expect(server.texts).toEqual(['refused', 'of beta', 'of acme']);
      },
    );

    test('an embedder that is not there rests for all that share it, and for 10 seconds', async () => {
      const clock = handClock();
      const { tenants } = await two({ clock, embedder: embedderOf(server) });
      server.fault = (response) => response.writeHead(500).end();
      await add(tenants, 'acme', 'lost');
      server.fault = undefined;
      for (const tenant of ['beta', 'acme']) await add(tenants, tenant, `of ${tenant}`);
      // Those that are apart learn it each by itself.
      expect(server.texts).toEqual(['lost', ...(isolation === 'shared' ? [] : ['of beta'])]);
      clock.forward(10_000);
      await add(tenants, 'beta', 'later');
      expect(server.texts.at(-1)).toBe('later');
    });
  },
  ISOLATIONS,
  STORES,
);

function embedderOf({ url }: EmbeddingServer) {
  return { kind: 'http', url, model: 'one', disclose: { maxLevel: 'sensitive' } } as const;
}
