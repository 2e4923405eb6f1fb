import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KeyRing, KeyVersion } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import type { Unlock } from '../../model/sealer.js';
import { wipe, type DerivedKeys } from '../seal/key-schedule.js';
import type { HeldRing } from './held-ring.js';

/** The keys that one act has met: those held for all, and those that are its own. */
export class KeySession {
  readonly #renew: (partition: Partition) => Promise<KeyRing | undefined>;
  readonly #held: HeldRing;
  readonly #unlock: Unlock;
  readonly #open: (version: KeyVersion) => Promise<DerivedKeys>;
  readonly #own = new Map<string, DerivedKeys>();
  #newer: KeyRing | undefined;
  #asked = false;

  /**
   * @param renew reads the key record again
   * @param open unwraps a key version, with the owner's key where the owner holds it
   */
  constructor(
    held: HeldRing,
    unlock: Unlock,
    renew: (partition: Partition) => Promise<KeyRing | undefined>,
    open: (version: KeyVersion) => Promise<DerivedKeys>,
  ) {
    this.#renew = renew;
    this.#held = held;
    this.#unlock = unlock;
    this.#open = open;
  }

  readonly atHand = (keyId: string): DerivedKeys | undefined => this.#own.get(keyId) ?? this.#held.key(keyId);

  readonly find = async (keyId: string): Promise<DerivedKeys | undefined> => {
    const known = this.atHand(keyId);
    if (known) return known;
    const version = this.#versionOf(this.#held.ring, keyId);
    if (version) {
      if (this.#held.ring?.ownerHeld) return this.#unwrapOwn(version);
      return this.#held.unwrapped(keyId, () => this.#open(version));
    }
    // Another process may have put a new version in use. Asked once an act: a row may name anything.
    if (!this.#asked) {
      this.#asked = true;
      this.#newer = await this.#renew(this.#unlock.partition);
    }
    const newer = this.#versionOf(this.#newer, keyId);
    return newer && this.#unwrapOwn(newer);
  };

  /** Unwraps the key in use with the key of its owner. */
  async unlock(): Promise<void> {
    if (!this.#unlock.ownerKey) throw new MemwardenError('owner_key_required');
    const { ring } = this.#held;
    if (ring?.state === 'active') await this.#unwrapOwn(inUse(ring));
  }

  end(): void {
    for (const keys of this.#own.values()) wipe(keys);
    this.#own.clear();
  }

  #versionOf(ring: KeyRing | undefined, keyId: string): KeyVersion | undefined {
    return ring?.versions.find((version) => version.keyId === keyId);
  }

  async #unwrapOwn(version: KeyVersion): Promise<DerivedKeys> {
    const keys = await this.#open(version);
    this.#own.get(version.keyId)?.wipe();
    this.#own.set(version.keyId, keys);
    return keys;
  }
}

/** The key version that a ring seals with. */
export function inUse(ring: KeyRing): KeyVersion {
  const version = ring.versions.find(({ state }) => state === 'active');
  if (!version) throw new MemwardenError('internal');
  return version;
}
