import type { KeyRing } from '../../model/key-store.js';
import { wipe, type DerivedKeys } from '../seal/key-schedule.js';

/** A key record in memory with those of its keys that were unwrapped. */
export class HeldRing {
  /** Undefined where the user has no keys. */
  readonly ring: KeyRing | undefined;
  readonly #keys = new Map<string, DerivedKeys>();
  readonly #pending = new Map<string, Promise<DerivedKeys>>();
  #wiped = false;

  constructor(ring: KeyRing | undefined) {
    this.ring = ring;
  }

  /** An unwrapped key, if it is here. */
  key(keyId: string): DerivedKeys | undefined {
    return this.#keys.get(keyId);
  }

  /** An unwrapped key; however many ask for it at once, it is unwrapped once. A failure is not kept. */
  async unwrapped(keyId: string, unwrap: () => Promise<DerivedKeys>): Promise<DerivedKeys> {
    const known = this.#keys.get(keyId);
    if (known) return known;
    let pending = this.#pending.get(keyId);
    if (!pending) {
      pending = unwrap().then((keys) => this.#keep(keyId, keys));
      this.#pending.set(keyId, pending);
      const done = () => void this.#pending.delete(keyId);
      pending.then(done, done);
    }
    return pending;
  }

  wipe(): void {
    this.#wiped = true;
    for (const keys of this.#keys.values()) wipe(keys);
    this.#keys.clear();
  }

  #keep(keyId: string, keys: DerivedKeys): DerivedKeys {
    if (this.#wiped) wipe(keys);
    else this.#keys.set(keyId, keys);
    return keys;
  }
}
