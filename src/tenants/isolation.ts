import { MemwardenError } from '../errors/memwarden-error.js';
import { boundIsolation } from '../internals.js';
import type { Warden } from '../warden.js';
import type { Registry } from './registry.js';

/**
 * What the walls between tenants are made of: `database`, a database (embedded: an LMDB environment), a key store with its
 * key file, and an audit log for each; `shared`, one of each for all, where everything is bound to its tenant.
 */
export const ISOLATIONS = ['database', 'shared'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/**
 * Holds a store to the isolation that it was made with: whoever opens its tenants first says it for good.
 *
 * @param wanted undefined where that is what the store was made with
 * @returns the isolation; `database` where none was ever said
 * @throws MemwardenError tenants_isolation
 */
export async function isolationOf(
  deployment: Warden,
  registry: Registry,
  wanted: Isolation | undefined,
): Promise<Isolation> {
  // Tenants that are there without a word were made before there was a choice.
  const first = (await registry.list(1)).length > 0 ? 'database' : wanted;
  const made = await boundIsolation(deployment, first);
  if (wanted !== undefined && made !== wanted) throw new MemwardenError('tenants_isolation');
  return made === 'shared' ? 'shared' : 'database';
}
