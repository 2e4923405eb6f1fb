import { connect, DURABLE, type MongoOptions } from './connect.js';
import { translated } from './errors.js';

/**
 * Drops the database that an address names, with everything in it; where there is none, nothing is done.
 *
 * @throws MemwardenError store_unsafe, config_invalid, store_unavailable, store_refused
 */
export async function dropDatabase(options: MongoOptions): Promise<void> {
  const connection = await connect(options);
  try {
    await translated(() => connection.getClient().db(connection.name).dropDatabase(DURABLE));
  } finally {
    await connection.close();
  }
}
