import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { SigningKey, SigningKeys } from '../model/signing-keys.js';

/** Where the seeds of signing keys lie. */
export interface SeedSource {
  current(): Promise<Seed>;
  byId(id: string): Promise<Seed | undefined>;
}

interface Seed {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

// RFC 8410: an OneAsymmetricKey that holds a 32-byte seed.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEPT_MS = 60_000;

/** Ed25519 keys whose seeds (RFC 8032, 32 bytes) are instance keys. */
export function instanceSigningKeys(source: SeedSource, now: () => number = Date.now): SigningKeys {
  const known = new Map<string, SigningKey>();
  let current: { readonly key: Promise<SigningKey>; readonly until: number } | undefined;
  const open = (found: Seed): SigningKey => {
    const key = known.get(found.id) ?? signingKey(found.id, found.secret);
    known.set(key.id, key);
    return key;
  };
  return {
    current() {
      if (current && now() < current.until) return current.key;
      const key = source.current().then(open);
      current = { key, until: now() + KEPT_MS };
      key.catch(() => (current = undefined));
      return key;
    },
    async byId(id) {
      const found = known.get(id);
      if (found) return found;
      const seed = await source.byId(id);
      return seed && open(seed);
    },
  };
}

/** The key pair of a seed. */
export function signingKey(id: string, seed: Buffer): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { id, publicKey: Buffer.from(x, 'base64url'), sign: (bytes) => sign(null, bytes, key) };
}
