import type { KeyDocumentKind, KeyRing, KeyStore } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import { ownOf, refused } from './own.js';

// Numbered over the whole store, and in the one ledger of it.
const OF_ALL: ReadonlySet<KeyDocumentKind> = new Set(['instance', 'tombstone']);

/**
 * A key store as one tenant has it: no ring of another can be named. Certificates and what the acts note are its own;
 * tombstones, which name keys and no user, are those of the whole store. The keys of the product itself are the
 * deployment's to make and to wrap anew.
 */
export function keysOfTenant(whole: KeyStore, tenant: string): KeyStore {
  const own = ownOf(tenant);
  const isDeployment = tenant === DEFAULT_TENANT;
  const nameOf = (kind: KeyDocumentKind, id: string) => (isDeployment || OF_ALL.has(kind) ? id : `${tenant}/${id}`);
  const isKept = (kind: KeyDocumentKind) => isDeployment || kind !== 'instance';
  const isOwn = (ring: KeyRing) => ring.tenant === tenant;
  return {
    kind: whole.kind,
    ring: async (partition) => checked(await whole.ring(own(partition)), partition),
    swap: async (next, expected) => whole.swap(own(next), expected),
    remove: async (partition, expected) => whole.remove(own(partition), expected),
    reserve: async (partition, keyId, count) => whole.reserve(own(partition), keyId, count),
    // Those of a tenant lie together.
    rings: async (after, limit) =>
      (await whole.rings(after ? own(after) : { tenant, userId: '' }, limit)).filter(isOwn),
    erasing: async (limit) => (await whole.erasing(limit, tenant)).filter(isOwn),
    rewrap: isDeployment ? (changes) => whole.rewrap(changes) : refused,
    holdsKeys: () => whole.holdsKeys(),
    async document(kind, id) {
      // No id of the deployment's own has a slash: with one it is a tenant's.
      if (isDeployment && id.includes('/')) return undefined;
      const found = await whole.document(kind, nameOf(kind, id));
      return found && { id, value: found.value };
    },
    add: (kind, { id, value }) => (isKept(kind) ? whole.add(kind, { id: nameOf(kind, id), value }) : refused()),
    put: (kind, { id, value }) => (isKept(kind) ? whole.put(kind, { id: nameOf(kind, id), value }) : refused()),
    documents: (kind, after, limit) =>
      isDeployment || OF_ALL.has(kind) ? whole.documents(kind, after, limit) : refused(),
    shred: () => whole.shred(),
    // The deployment watches for all.
    watch: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

// A ring that was put in the place of another's by hand opens nothing there: its wraps name whose they are.
function checked(ring: KeyRing | undefined, { tenant, userId }: Partition): KeyRing | undefined {
  return ring && (ring.tenant !== tenant || ring.userId !== userId) ? { ...ring, tenant, userId } : ring;
}
