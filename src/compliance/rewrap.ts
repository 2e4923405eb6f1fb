import { context } from '../crypto/keys/instance-keys.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { KeyRing, KeyStore, Rewrap, WrappedKey } from '../model/key-store.js';
import type { KeyContext, Kms } from '../model/kms.js';
import type { Partition } from '../model/partition.js';

const PAGE = 500;
const AT_ONCE = 32;

/** What rewrapping did. */
export interface RewrapResult {
  readonly users: number;
  readonly keys: number;
}

/**
 * Wraps every key under the key-encryption key in use; the keys themselves, and with them the data, stay. What is
 * wrapped under it already is passed over, so that the same call goes on where it stopped.
 *
 * @param from opens what is stored; the key service before, or the one in use where that opens its own older keys
 * @param to wraps
 */
export async function rewrap(
  store: KeyStore,
  from: Kms,
  to: Kms,
  onProgress?: (users: number) => void,
): Promise<RewrapResult> {
  const result = { users: 0, keys: 0 };
  let after: Partition | undefined;
  for (;;) {
    const page = await store.rings(after, PAGE);
    const due = page.filter((ring) => keysOf(ring).some(({ kekId }) => kekId !== to.kekId));
    for (let start = 0; start < due.length; start += AT_ONCE) {
      const changes = await Promise.all(due.slice(start, start + AT_ONCE).map((ring) => rewrapped(ring, from, to)));
      result.users += await store.rewrap(changes);
      result.keys += changes.reduce((sum, { wrapped, pseudonym }) => sum + wrapped.size + (pseudonym ? 1 : 0), 0);
      onProgress?.(result.users);
    }
    after = page.at(-1);
    if (page.length < PAGE) break;
  }
  result.keys += await instanceKeys(store, from, to);
  await store.shred();
  return result;
}

async function rewrapped(ring: KeyRing, from: Kms, to: Kms): Promise<Rewrap> {
  const { tenant, userId, epoch, pseudonym } = ring;
  const wrapped = new Map<string, Buffer>();
  for (const version of ring.versions) {
    const { keyId } = version;
    if (version.kekId !== to.kekId)
      wrapped.set(keyId, await again(version, { tenant, userId, keyId, purpose: 'data' }, from, to));
  }
  const own =
    pseudonym && pseudonym.kekId !== to.kekId
      ? {
          pseudonym: await again(pseudonym, { tenant, userId, keyId: pseudonym.keyId, purpose: 'pseudonym' }, from, to),
        }
      : {};
  return { partition: { tenant, userId }, epoch, kekId: to.kekId, wrapped, ...own };
}

async function instanceKeys(store: KeyStore, from: Kms, to: Kms): Promise<number> {
  let keys = 0;
  let after: string | undefined;
  for (;;) {
    const page = await store.documents('instance', after, PAGE);
    for (const { id, value } of page) {
      const { kekId, wrapped, purpose } = value;
      // A pointer to the key in use.
      if (typeof kekId !== 'string' || kekId === to.kekId) continue;
      if (!Buffer.isBuffer(wrapped) || typeof purpose !== 'string') throw new MemwardenError('key_refused');
      const next = await again({ keyId: id, kekId, wrapped }, context(purpose, id), from, to);
      await store.put('instance', { id, value: { ...value, kekId: to.kekId, wrapped: next } });
      keys += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return keys;
  }
}

async function again({ wrapped }: WrappedKey, bound: KeyContext, from: Kms, to: Kms): Promise<Buffer> {
  const key = await from.unwrap(wrapped, bound);
  try {
    return Buffer.from(await to.wrap(key, bound));
  } finally {
    key.fill(0);
  }
}

function keysOf(ring: KeyRing): WrappedKey[] {
  return [...ring.versions, ...(ring.pseudonym ? [ring.pseudonym] : [])];
}
