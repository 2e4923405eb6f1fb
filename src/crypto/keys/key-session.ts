import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KeyRing, KeyVersion } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import type { Unlock } from '../../model/sealer.js';
import { secretIdOf } from '../../model/space-list.js';
import { deriveAuthorKeys, wipe, type DerivedKeys } from '../seal/key-schedule.js';
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

  /** @param author of the record that is sealed with them: in some spaces each has its own */
  readonly atHand = (keyId: string, author?: unknown): DerivedKeys | undefined => {
    const keys = this.#own.get(keyId) ?? this.#held.key(keyId);
    const secretId = secretIdOf(author);
    return keys && secretId !== undefined ? this.#ofAuthor(keys, secretId) : keys;
  };

  /** Keys such as a record in this partition is sealed with: of the version in use, and of an author where there are such. */
  readonly any = (): DerivedKeys | undefined => {
    const { ring } = this.#held;
    const keys = ring && this.atHand(inUse(ring).keyId);
    for (const secretId in ring?.authors) return keys && this.#ofAuthor(keys, secretId);
    return keys;
  };

  readonly find = async (keyId: string, author?: unknown): Promise<DerivedKeys | undefined> => {
    if (!(await this.#version(keyId))) return undefined;
    const known = this.atHand(keyId, author);
    if (known) return known;
    await this.#again();
    return this.atHand(keyId, author);
  };

  async #version(keyId: string): Promise<DerivedKeys | undefined> {
    const known = this.atHand(keyId);
    if (known) return known;
    const version = this.#versionOf(this.#held.ring, keyId);
    if (version) {
      if (this.#held.ring?.ownerHeld) return this.take(version);
      return this.#held.unwrapped(keyId, () => this.#open(version));
    }
    await this.#again();
    const newer = this.#versionOf(this.#newer, keyId);
    return newer && this.take(newer);
  }

  // Another process may have put a new version in use, or let an author in. Asked once an act: a row may name anything.
  async #again(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    this.#newer = await this.#renew(this.#unlock.partition);
  }

  /** Unwraps the key in use with the key of its owner. */
  async unlock(): Promise<void> {
    if (!this.#unlock.ownerKey) throw new MemwardenError('owner_key_required');
    const { ring } = this.#held;
    if (ring?.state === 'active') await this.take(inUse(ring));
  }

  end(): void {
    for (const keys of this.#own.values()) wipe(keys);
    this.#own.clear();
  }

  #ofAuthor(keys: DerivedKeys, secretId: string): DerivedKeys | undefined {
    const name = `${keys.keyId} ${secretId}`;
    const known = this.#own.get(name);
    if (known) return known;
    // The newer record, where one was read: a secret that is gone from it is gone.
    const secret = secretOf(this.#newer ?? this.#held.ring, secretId);
    if (secret === undefined) return undefined;
    const derived = deriveAuthorKeys(keys, secretId, secret);
    this.#own.set(name, derived);
    return derived;
  }

  #versionOf(ring: KeyRing | undefined, keyId: string): KeyVersion | undefined {
    return ring?.versions.find((version) => version.keyId === keyId);
  }

  /** Unwraps a version for this act alone. */
  async take(version: KeyVersion): Promise<DerivedKeys> {
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

/** The secret of an author; undefined where there is none, or none any more. */
export function secretOf(ring: KeyRing | undefined, secretId: string): string | undefined {
  const authors = ring?.authors;
  return authors && Object.hasOwn(authors, secretId) ? authors[secretId] : undefined;
}
