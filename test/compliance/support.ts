import { deriveKeys, type DerivedKeys } from '../../src/crypto/seal/key-schedule.js';
import type { KeyRing } from '../../src/model/key-store.js';
import type { Opened } from '../support/warden.js';

export const DEFAULT = 'default';

/** A wait that only counts. */
export function noWait() {
  const waits: number[] = [];
  return Object.assign((ms: number) => (waits.push(ms), Promise.resolve()), { waits });
}

/** The key record of a user, as it is stored. */
export async function ringOf({ keys }: Opened, userId: string): Promise<KeyRing | undefined> {
  return keys.store.ring({ tenant: DEFAULT, userId });
}

/** The keys of a user, as an operator with the key-encryption key can have them. */
export async function unwrappedKeys({ keys }: Opened, ring: KeyRing): Promise<DerivedKeys[]> {
  return Promise.all(
    ring.versions.map(async ({ keyId, wrapped }) => {
      const { tenant, userId } = ring;
      return deriveKeys(await keys.kms.unwrap(wrapped, { tenant, userId, keyId, purpose: 'data' }), keyId);
    }),
  );
}

/** Everything of a user in the raw store of memories. */
export async function rowsOf({ raw }: Opened, userId: string): Promise<Record<string, unknown>[]> {
  return [...(await raw.memories()), ...(await raw.states())].filter((row) => row['user_id'] === userId);
}
