import { MongoClient, type MongoOptions as Understood } from 'mongodb';
import mongoose, { type Connection } from 'mongoose';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { translated } from './errors.js';

/** How to reach a MongoDB deployment. */
export interface MongoOptions {
  /** A connection string with the name of a database; `memwarden` where it names none. */
  readonly uri: string;
  /** How long one operation may take, all retries within it, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxPoolSize?: number;
  /** Whether an operation may take as long as it takes: to make an index of many documents. */
  readonly patient?: boolean;
}

// S17: what would let an acknowledged write be lost, or a read see what can be rolled back.
// `directConnection` is among them because the driver then asks for `primaryPreferred` and reads from a secondary.
const WEAKENING = [
  ...['w', 'journal', 'j', 'fsync', 'safe', 'wtimeoutms', 'wtimeout', 'readconcern', 'readconcernlevel'],
  ...['readpreference', 'readpreferencetags', 'maxstalenessseconds', 'directconnection', 'slaveok'],
];
const DEFAULT_DATABASE = 'memwarden';

/** Acknowledged means on disk on most members; given with each operation, whatever the server's defaults are. */
export const DURABLE = { writeConcern: { w: 'majority', j: true } } as const;
/** A read sees only what can no longer be rolled back, and strings are compared byte by byte (S3, S17). */
export const SETTLED = {
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  collation: { locale: 'simple' },
} as const;
/** A write's own comparison of strings. */
export const SIMPLE = { collation: { locale: 'simple' } } as const;

/**
 * Connects.
 *
 * @throws MemwardenError store_unsafe for a URI option that weakens durability; config_invalid for what is not a
 *   connection string; store_unavailable where nobody answers
 */
export async function connect(options: MongoOptions): Promise<Connection> {
  const database = checkUri(options.uri);
  const half = Math.max(250, Math.floor(options.timeoutMs / 2));
  const connection = mongoose.createConnection();
  connection.set('strictQuery', 'throw');
  await translated(() =>
    connection.openUri(options.uri, {
      dbName: database,
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      // The driver repeats an operation once, so that each of the two has half of the time.
      socketTimeoutMS: options.patient ? 0 : half,
      connectTimeoutMS: half,
      serverSelectionTimeoutMS: half,
      waitQueueTimeoutMS: half,
      maxPoolSize: options.maxPoolSize ?? 100,
      // A value that is missing must not widen a filter.
      ignoreUndefined: false,
      promoteBuffers: true,
      appName: 'memwarden',
    }),
  );
  return connection;
}

function checkUri(uri: string): string {
  let options: Readonly<Understood>;
  try {
    ({ options } = new MongoClient(uri));
  } catch {
    throw new MemwardenError('config_invalid', { argument: 'store.uri', reason: 'not an address of MongoDB' });
  }
  // White space inside goes, as where the driver parses it.
  const [place = '', query = ''] = uri.replace(/[\t\n\r]/g, '').split('?');
  for (const name of new URLSearchParams(query).keys()) {
    if (WEAKENING.includes(name.toLowerCase()))
      throw new MemwardenError('store_unsafe', { argument: name.toLowerCase() });
  }
  // What the driver understood, in case it reads a text in another way than this does.
  const { writeConcern, readConcern, readPreference, directConnection } = options;
  const weak = Boolean(writeConcern) || Boolean(readConcern) || directConnection || readPreference.mode !== 'primary';
  if (weak) throw new MemwardenError('store_unsafe', { argument: 'store.uri' });
  return /^[^/]+:\/\/[^/]+\/./.test(place) ? options.dbName : DEFAULT_DATABASE;
}

/** Which servers an address names, in an order of their own, and which database. */
export function placeOf(uri: string): { readonly servers: string; readonly database: string } {
  const database = checkUri(uri);
  const { options } = new MongoClient(uri);
  return { servers: options.srvHost ?? options.hosts.map(String).sort().join(','), database };
}
