import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { CursorKeys } from '../../model/cursor-keys.js';
import type { KeyDocument, KeyStore } from '../../model/key-store.js';
import { newId } from '../../model/id.js';
import type { Kms } from '../../model/kms.js';

const TENANT = '';
const SECRET_BYTES = 32;
const POINTER_MS = 60_000;
// RFC 8410: the DER of an Ed25519 private key is these bytes and the seed.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** What an instance key serves that may be rotated. */
export const ROTATED_PURPOSES = ['cursor', 'handle', 'signing', 'idempotency'] as const;
export type RotatedPurpose = (typeof ROTATED_PURPOSES)[number];
/** What an instance key serves. One of `name` makes names that rows are found by for good: it stays. */
export type InstancePurpose = RotatedPurpose | 'name';

/** A secret that all processes on one key store share. */
export interface InstanceSecret {
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Buffer;
}

/** A public key as `memwarden keys public` prints it (RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly kid: string;
  readonly x: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

/** A signing key as a ledger carries it: where a restored key store does not know it, the one before it vouches for it. */
export interface Endorsed {
  /** The public key, base64url. */
  readonly x: string;
  readonly endorsedBy?: string;
  /** Ed25519 by that key over `endorsedBytes`, base64url. */
  readonly endorsement?: string;
}

/** What a key signs to vouch for the one after it. */
export function endorsedBytes(keyId: string, x: string): Buffer {
  return Buffer.from(`memwarden signing key ${keyId} ${x}`, 'utf8');
}

/** The keys of the product itself: wrapped like a user's, made by whoever asks first, named, rotated; never destroyed. */
export class InstanceKeys {
  readonly #store: KeyStore;
  readonly #kms: Kms;
  readonly #known = new Map<string, Promise<InstanceSecret>>();
  readonly #current = new Map<InstancePurpose, { readonly id: Promise<string>; readonly until: number }>();

  constructor(store: KeyStore, kms: Kms) {
    this.#store = store;
    this.#kms = kms;
  }

  /** The key in use for a purpose. */
  async current(purpose: InstancePurpose): Promise<InstanceSecret> {
    const id = await this.#inUse(purpose);
    const found = await this.byId(purpose, id);
    if (!found) throw new MemwardenError('key_refused');
    return found;
  }

  /** A key by its id, or undefined where there is none of this purpose. */
  async byId(purpose: InstancePurpose, id: string): Promise<InstanceSecret | undefined> {
    const document = this.#known.has(id) ? undefined : await this.#store.document('instance', id);
    if (!this.#known.has(id) && document?.value['purpose'] !== purpose) return undefined;
    return kept(this.#known, id, () => this.#unwrap(purpose, id, document));
  }

  /** Puts a new key in use; what was made under the one before it can still be checked. */
  async rotate(purpose: RotatedPurpose): Promise<string> {
    const before = purpose === 'signing' ? await this.current(purpose) : undefined;
    const id = await this.#make(purpose, before);
    await this.#store.put('instance', { id: pointer(purpose), value: { keyId: id } });
    this.#current.delete(purpose);
    return id;
  }

  /** Signs with the key in use (Ed25519). */
  async sign(bytes: Uint8Array): Promise<{ readonly keyId: string; readonly signature: Buffer }> {
    const { id, secret } = await this.current('signing');
    return { keyId: id, signature: sign(null, bytes, privateKey(secret)) };
  }

  /** The signing key in use, as a ledger carries it. */
  async endorsed(): Promise<Endorsed> {
    const { id } = await this.current('signing');
    const document = await this.#store.document('instance', id);
    if (!document) throw new MemwardenError('key_refused');
    const { endorsedBy, endorsement } = document.value;
    const x = await this.#publicOf(id);
    const vouched = typeof endorsedBy === 'string' && typeof endorsement === 'string';
    return { x, ...(vouched ? { endorsedBy, endorsement } : {}) };
  }

  /** The public keys that ever signed, as a JWKS. */
  async jwks(): Promise<{ readonly keys: readonly PublicJwk[] }> {
    await this.current('signing');
    const keys: PublicJwk[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await this.#store.documents('instance', after, 100);
      for (const { id, value } of page) {
        if (value['purpose'] !== 'signing') continue;
        // Of the secret, not of what stands beside it: who may write here must not add a key of their own.
        keys.push({ kty: 'OKP', crv: 'Ed25519', kid: id, x: await this.#publicOf(id), use: 'sig', alg: 'EdDSA' });
      }
      after = page.at(-1)?.id;
      if (page.length < 100) return { keys };
    }
  }

  async #publicOf(id: string): Promise<string> {
    const found = await this.byId('signing', id);
    if (!found) throw new MemwardenError('key_refused');
    return publicPart(found.secret);
  }

  /** The keys as what seals short texts needs them. */
  cursorKeys(purpose: 'cursor' | 'handle' | 'name' = 'cursor'): CursorKeys {
    return { current: () => this.current(purpose), byId: (id) => this.byId(purpose, id) };
  }

  // Read anew each minute, so that another process's rotation is in force here too.
  #inUse(purpose: InstancePurpose): Promise<string> {
    const known = this.#current.get(purpose);
    if (known && known.until > Date.now()) return known.id;
    const id = this.#pointed(purpose);
    this.#current.set(purpose, { id, until: Date.now() + POINTER_MS });
    id.catch(() => this.#current.delete(purpose));
    return id;
  }

  async #pointed(purpose: InstancePurpose): Promise<string> {
    const found = await this.#store.document('instance', pointer(purpose));
    if (found) return String(found.value['keyId']);
    const id = await this.#make(purpose);
    // Of two that ask first at once, one is in use and the other stays unused.
    if (await this.#store.add('instance', { id: pointer(purpose), value: { keyId: id } })) return id;
    const first = await this.#store.document('instance', pointer(purpose));
    return String(first?.value['keyId']);
  }

  async #make(purpose: InstancePurpose, before?: InstanceSecret): Promise<string> {
    const id = newId();
    const secret = randomBytes(SECRET_BYTES);
    const wrapped = Buffer.from(await this.#kms.wrap(secret, context(purpose, id)));
    const x = purpose === 'signing' ? publicPart(secret) : undefined;
    const open = x !== undefined && before ? vouchFor(before, id, x) : {};
    const value = { purpose, kekId: this.#kms.kekId, wrapped, createdAt: new Date(), ...open };
    await this.#store.add('instance', { id, value });
    return id;
  }

  async #unwrap(purpose: InstancePurpose, id: string, document: KeyDocument | undefined): Promise<InstanceSecret> {
    const wrapped = document?.value['wrapped'];
    if (!Buffer.isBuffer(wrapped)) throw new MemwardenError('key_refused');
    const secret = Buffer.from(await this.#kms.unwrap(wrapped, context(purpose, id)));
    if (secret.length !== SECRET_BYTES) throw new MemwardenError('key_refused');
    return { id, secret };
  }
}

/** What the wrap of an instance key is bound to. */
export function context(purpose: string, keyId: string) {
  return { tenant: TENANT, userId: '', keyId, purpose };
}

function pointer(purpose: InstancePurpose): string {
  return `current:${purpose}`;
}

function privateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

function vouchFor({ id, secret }: InstanceSecret, next: string, x: string) {
  const endorsement = sign(null, endorsedBytes(next, x), privateKey(secret)).toString('base64url');
  return { endorsedBy: id, endorsement };
}

function publicPart(seed: Buffer): string {
  return String(createPublicKey(privateKey(seed)).export({ format: 'jwk' }).x);
}

// A promise that failed is forgotten, so that the next to ask tries again.
function kept<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  let value = map.get(key);
  if (!value) {
    value = make();
    map.set(key, value);
    value.catch(() => map.delete(key));
  }
  return value;
}
