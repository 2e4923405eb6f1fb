import { toSettings, type WardenOptions } from '../config/options.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { DatabaseUser, PasswordsFor } from '../store/mongodb/roles.js';

export type { DatabaseUser, PasswordsFor };

/**
 * Makes the least-privileged users and roles of a MongoDB deployment, and the view of public rows.
 *
 * @throws MemwardenError invalid_argument where the store is not on MongoDB, or the keys are on another server
 */
export async function setUpRoles(options: WardenOptions, passwordsFor: PasswordsFor): Promise<DatabaseUser[]> {
  const { store, keys, timeoutMs } = toSettings(options);
  if (store.kind !== 'mongodb')
    throw new MemwardenError('invalid_argument', { argument: '--roles', reason: 'the store is not on MongoDB' });
  const roles = await import('../store/mongodb/roles.js');
  const keysUri = keys.store.kind === 'mongodb' ? keys.store.uri : undefined;
  return roles.setUpRoles({ uri: store.uri, timeoutMs }, keysUri, passwordsFor);
}
