import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { NewApiKey } from '../../identity/api-keys.js';
import type { DoorServices } from '../../internals.js';
import { namespaced } from '../../model/namespace.js';
import { principalAt } from '../../model/principal.js';
import type { Warden } from '../../warden.js';

const RESERVED_MS = 60_000;

/**
 * Makes an admin key where the store holds no credential at all: of the role `admin`, for nobody's behalf and any purpose.
 * Of several processes that start at once, one makes it.
 *
 * @param tell is given the key, which is told this once; where it fails the key is revoked
 * @returns whether one was made
 * @throws MemwardenError forbidden where the policies do not let an admin administer credentials
 */
export async function makeFirstKey(
  warden: Warden,
  { apiKeys, values, clock }: DoorServices,
  tell: (made: NewApiKey) => Promise<void>,
): Promise<boolean> {
  if (!(await apiKeys.isEmpty())) return false;
  const reservations = namespaced<true>(values, 'first-start', clock);
  // Not given back: whoever finds it expired finds a credential too, unless its maker died before it made one.
  if (!(await reservations.insert('admin-key', true, new Date(clock().getTime() + RESERVED_MS)))) return false;
  if (!(await apiKeys.isEmpty())) return false;
  const operator = principalAt({ id: 'operator', role: 'admin' }, { door: 'cli' });
  const order = { name: 'first admin key', role: 'admin', users: [], purposes: 'any' } as const;
  const made = await warden.credentials.create(operator, order);
  try {
    await tell(made);
  } catch (error) {
    await warden.credentials.revoke(operator, made.credential.id);
    throw error;
  }
  return true;
}

/**
 * Writes a key to a file that its owner alone can read, in the place of whatever stands there.
 *
 * @throws MemwardenError config_invalid where it cannot be written
 */
export async function writeKeyFile(path: string, key: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Renamed, so that no link is followed and nobody reads half of it.
    await writeFile(beside, `${key}\n`, { mode: 0o600, flag: 'wx' });
    await rename(beside, path);
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new MemwardenError('config_invalid', { argument: 'adminKeyFile', reason: 'cannot be written' });
  }
}
