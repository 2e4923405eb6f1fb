import { MongoClient } from 'mongodb';
import Fastify from 'fastify';
import { createWarden, type Warden } from '../../../src/index.js';
import { toSettings } from '../../../src/config/options.js';
import { v1 } from '../../../src/http/v1/index.js';
import { buildServer } from '../../../src/http/server.js';
import { authenticating } from '../../../src/identity/authenticate.js';
import { servicesOf } from '../../../src/internals.js';
import { Alarms } from '../../../src/metrics/alarms.js';
import { openMongo } from '../../../src/store/mongodb/driver.js';
import { Warden as BareWarden } from '../../../src/warden.js';
import { assertOwn, openKeys } from '../../../src/wiring/keys.js';
import { closeShared } from '../../../src/wiring/parts.js';
import { Policies } from '../../../src/wiring/policies.js';
import { clearSealer } from '../../support/clear-sealer.js';
import { noKeeper } from '../../support/no-keeper.js';
import { ADMIN, type Row } from '../data.js';
import { POLICIES } from '../project.js';

// One of three servers that answer the same addresses, each in a process of its own: `product` with everything on,
// `light` without encryption and audit, `bare` with the driver and a filter written by hand. Arguments: kind, URI.

/** What a server says once it listens. */
export interface Ready {
  readonly port: number;
  /** Of an agent that may act for any user; empty where nobody asks for one. */
  readonly key: string;
}

const [kind = '', uri = ''] = process.argv.slice(2);
const LOCAL = { host: '127.0.0.1', port: 0 } as const;
const GRANT = { name: 'bench', role: 'agent', users: 'any' } as const;

async function serveWarden(warden: Warden): Promise<void> {
  const services = servicesOf(warden);
  const { key } = await services.apiKeys.create({ grant: { ...GRANT, purposes: [] } });
  const app = await buildServer({ warden, services, authenticate: authenticating(services.apiKeys) }, [v1]);
  tell(await app.listen(LOCAL), key);
}

async function light(): Promise<Warden> {
  const settings = toSettings({ store: { kind: 'mongodb', uri }, policies: POLICIES });
  const alarms = new Alarms();
  const driver = await openMongo({ uri, timeoutMs: settings.timeoutMs });
  await driver.migrate();
  const keys = await openKeys(settings.keys, settings);
  await assertOwn(keys.store, driver.service);
  const policies = await Policies.start(settings, alarms);
  const cursorKeys = keys.instance.cursorKeys();
  const opened = { driver, policies, audit: noKeeper, keys };
  const close = () => closeShared(opened);
  return new BareWarden({ ...opened, settings, alarms, sealer: clearSealer, cursorKeys, close });
}

async function bare(): Promise<void> {
  const client = await new MongoClient(uri).connect();
  const memories = client.db().collection<Row>('memories');
  const app = Fastify();
  const majority = { readConcern: { level: 'majority' } } as const;
  interface OfUser {
    Params: { user: string; id: string };
    Querystring: { limit?: string };
    Body: { query: string; content: string };
  }
  app.get<OfUser>('/v1/users/:user/memories/:id', ({ params }) =>
    memories.findOne({ _id: params.id, user_id: params.user }, majority),
  );
  app.get<OfUser>('/v1/users/:user/memories', async ({ params, query }) => ({
    memories: await memories
      .find({ user_id: params.user }, majority)
      .sort({ occurred_at: -1, _id: -1 })
      .limit(Number(query.limit ?? 20))
      .toArray(),
  }));
  await memories.createIndex({ user_id: 1, content: 'text' });
  app.post<OfUser>('/v1/users/:user/memories/search', async ({ params, body }) => ({
    hits: await memories
      .find({ user_id: params.user, $text: { $search: body.query } }, majority)
      .sort({ score: { $meta: 'textScore' } })
      .limit(10)
      .toArray(),
  }));
  let next = 0;
  app.post<OfUser>('/v1/users/:user/memories', async ({ params, body }, reply) => {
    const now = new Date();
    const row: Row = {
      ...{
        _id: `bench-${process.pid}-${(next += 1)}`,
        tenant: 'default',
        user_id: params.user,
        sensitivity: 'private',
      },
      ...{ category: 'general', occurred_at: now, created_at: now, updated_at: now, version: 1, content: body.content },
    };
    await memories.insertOne(row, { writeConcern: { w: 'majority', j: true } });
    return reply.status(201).send(row);
  });
  tell(await app.listen(LOCAL), '');
}

function tell(address: string, key: string): void {
  const ready: Ready = { port: Number(new URL(address).port), key };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

process.on('SIGTERM', () => process.exit(0));
if (kind === 'product') {
  const warden = await createWarden({ store: { kind: 'mongodb', uri }, policies: POLICIES, migrate: true });
  await warden.encryptExisting(ADMIN);
  await serveWarden(warden);
} else if (kind === 'light') await serveWarden(await light());
else await bare();
