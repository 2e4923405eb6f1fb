import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { findServers } from '../support/mongo/binary.js';
import { startReplicaSet } from '../support/mongo/deployment.js';
import { progress } from './figures.js';

/** A MongoDB deployment that a suite may fill and empty. */
export interface BenchServer {
  readonly version: string;
  readonly kind: string;
  /** A connection string of a new database. */
  database(): string;
  stop(): Promise<void>;
}

/**
 * The server of MEMWARDEN_TEST_MONGODB_URI, else a replica set of one member of its own, else undefined, said loudly.
 *
 * @param cacheGb the cache of a server that is started here; the harness gives its many servers little
 */
export async function openServer(cacheGb = 1): Promise<BenchServer | undefined> {
  const servers = process.env['MEMWARDEN_TEST_ONLY'] === 'embedded' ? { kind: 'none' as const } : await findServers();
  if (servers.kind === 'none') {
    if (process.env['MEMWARDEN_REQUIRE_MONGODB'] === '1')
      throw new Error('MEMWARDEN_REQUIRE_MONGODB=1, but there is no MongoDB server');
    progress(
      '!! The MongoDB figures are SKIPPED: no server. Put mongod on the PATH, or name one in MONGOD or MEMWARDEN_TEST_MONGODB_URI.',
    );
    return undefined;
  }
  const own = servers.kind === 'local' ? await startReplicaSet({ members: 1 }) : undefined;
  const uri = own?.uri ?? (servers as { uri: string }).uri;
  const client = new MongoClient(uri);
  const admin = client.db('admin');
  const made: string[] = [];
  try {
    if (own) await admin.command({ setParameter: 1, wiredTigerEngineRuntimeConfig: `cache_size=${cacheGb}G` });
    const { version } = (await admin.command({ buildInfo: 1 })) as unknown as { version: string };
    return {
      version,
      kind: own?.kind ?? 'given',
      database() {
        const name = `memwarden_bench_${randomBytes(6).toString('hex')}`;
        made.push(name);
        return withDatabase(uri, name);
      },
      async stop() {
        if (!own) for (const name of made) await client.db(name).dropDatabase();
        await client.close();
        await own?.stop();
      },
    };
  } catch (error) {
    await client.close();
    await own?.stop();
    throw error;
  }
}

function withDatabase(uri: string, name: string): string {
  const [, server, path, query] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  if (!server) throw new Error('not a MongoDB connection string');
  const authSource = server.includes('@') && !/authSource=/i.test(query ?? '') ? [`authSource=${path || 'admin'}`] : [];
  const options = [...(query ? [query] : []), ...authSource].join('&');
  return `${server}/${name}${options ? `?${options}` : ''}`;
}

/** Runs a work with a folder of its own. */
export async function withFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'memwarden-bench-'));
  try {
    return await work(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}
