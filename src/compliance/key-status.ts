import type { KeyStore } from '../model/key-store.js';
import type { Kms } from '../model/kms.js';
import type { Partition } from '../model/partition.js';

const PAGE = 500;

/** The state of the keys. */
export interface KeyStatus {
  readonly users: number;
  /** Users by the number of key versions that they have. */
  readonly versions: Readonly<Record<string, number>>;
  /** Users with a key that is being retired. */
  readonly retiring: number;
  /** Rows that are still under a key that is being retired. */
  readonly rowsLeft: number;
  readonly ownerHeld: number;
  readonly erasing: number;
  /** The key-encryption key in use. */
  readonly kekId: string;
  /** Keys by the key-encryption key that they are wrapped under. */
  readonly wrappedUnder: Readonly<Record<string, number>>;
}

/** Counts the keys of all users. */
export async function keyStatus(
  store: KeyStore,
  kms: Kms,
  rowsLeft: (partition: Partition, keyId: string | undefined) => Promise<number>,
  onProgress?: (users: number) => void,
): Promise<KeyStatus> {
  const counts = { users: 0, retiring: 0, rowsLeft: 0, ownerHeld: 0, erasing: 0 };
  const versions: Record<string, number> = {};
  const wrappedUnder: Record<string, number> = {};
  let after: Partition | undefined;
  for (;;) {
    const page = await store.rings(after, PAGE);
    for (const ring of page) {
      counts.users += 1;
      versions[ring.versions.length] = (versions[ring.versions.length] ?? 0) + 1;
      for (const { kekId } of ring.versions) wrappedUnder[kekId] = (wrappedUnder[kekId] ?? 0) + 1;
      if (ring.ownerHeld) counts.ownerHeld += 1;
      if (ring.state === 'erasing') counts.erasing += 1;
      const inUse = ring.versions.find(({ state }) => state === 'active');
      if (!inUse || ring.versions.length === 1) continue;
      counts.retiring += 1;
      counts.rowsLeft += await rowsLeft({ tenant: ring.tenant, userId: ring.userId }, inUse.keyId);
    }
    onProgress?.(counts.users);
    after = page.at(-1);
    if (page.length < PAGE) return { ...counts, versions, kekId: kms.kekId, wrappedUnder };
  }
}
