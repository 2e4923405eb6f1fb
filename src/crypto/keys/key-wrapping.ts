import { randomBytes } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KeyVersion, WrappedKey } from '../../model/key-store.js';
import type { Kms } from '../../model/kms.js';
import type { Partition } from '../../model/partition.js';
import { openClientHeld } from '../kms/client-held.js';
import { deriveKeys, newKeyId, type DerivedKeys } from '../seal/key-schedule.js';

const KEY_BYTES = 32;

/** What a user's key serves; part of what its wrap is bound to. */
export type KeyPurpose = 'data' | 'pseudonym';

/**
 * Makes and unwraps the keys of users. A key that its owner holds is wrapped by that first and by the key-encryption key
 * then, so that who has one of the two has nothing, and a new key-encryption key asks no owner.
 */
export class KeyWrapping {
  readonly #kms: Kms;

  constructor(kms: Kms) {
    this.#kms = kms;
  }

  /** Makes a key version, wrapped, and in use. */
  async make(partition: Partition, ownerKey: Uint8Array | undefined, at: Date, reserved: number): Promise<KeyVersion> {
    const wrapped = await this.makeFor('data', partition, ownerKey);
    return { ...wrapped, state: 'active', createdAt: at, reserved };
  }

  /** Makes a key for a purpose, wrapped. */
  async makeFor(purpose: KeyPurpose, partition: Partition, ownerKey?: Uint8Array): Promise<WrappedKey> {
    const keyId = newKeyId();
    const context = { ...nameOf(partition), keyId, purpose };
    const key = randomBytes(KEY_BYTES);
    try {
      const inner = ownerKey ? await byOwner(ownerKey, (owner) => owner.wrap(key, context)) : key;
      return { keyId, kekId: this.#kms.kekId, wrapped: Buffer.from(await this.#kms.wrap(inner, context)) };
    } finally {
      key.fill(0);
    }
  }

  /** The bytes of a key; the caller wipes them. */
  async unwrap(
    purpose: KeyPurpose,
    partition: Partition,
    { keyId, wrapped }: WrappedKey,
    ownerKey?: Uint8Array,
  ): Promise<Buffer> {
    const context = { ...nameOf(partition), keyId, purpose };
    const outer = await this.#kms.unwrap(wrapped, context);
    const key = ownerKey ? await byOwner(ownerKey, (owner) => owner.unwrap(outer, context)) : outer;
    if (ownerKey) outer.fill(0);
    if (key.length === KEY_BYTES) return Buffer.from(key.buffer, key.byteOffset, key.length);
    key.fill(0);
    throw new MemwardenError('key_refused');
  }

  /** What a key version seals with. */
  async open(partition: Partition, version: WrappedKey, ownerKey?: Uint8Array): Promise<DerivedKeys> {
    const key = await this.unwrap('data', partition, version, ownerKey);
    try {
      return deriveKeys(key, version.keyId);
    } finally {
      key.fill(0);
    }
  }
}

// Opened for one act, and wiped after it.
async function byOwner(ownerKey: Uint8Array, act: (owner: Kms) => Promise<Uint8Array>): Promise<Uint8Array> {
  const owner = openClientHeld(ownerKey);
  try {
    return await act(owner);
  } finally {
    await owner.close();
  }
}

function nameOf({ tenant, userId }: Partition): { tenant: string; userId: string } {
  return { tenant, userId };
}
