import type { KeyRing } from '../../model/key-store.js';
import { wipe, type DerivedKeys } from '../seal/key-schedule.js';

/** A key record in memory with those of its keys that were unwrapped; wiped when it is dropped and nobody uses it. */
export class HeldRing {
  readonly ring: KeyRing | undefined;
  /** When the key store was asked, in milliseconds. */
  readonly loadedAt: number;
  readonly #keys = new Map<string, DerivedKeys>();
  readonly #pending = new Map<string, Promise<DerivedKeys>>();
  #uses = 0;
  #dropped = false;

  constructor(ring: KeyRing | undefined, loadedAt: number) {
    this.ring = ring;
    this.loadedAt = loadedAt;
  }

  get dropped(): boolean {
    return this.#dropped;
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
      pending = unwrap().then((keys) => {
        this.#keys.set(keyId, keys);
        return keys;
      });
      this.#pending.set(keyId, pending);
      const done = () => void this.#pending.delete(keyId);
      pending.then(done, done);
    }
    return pending;
  }

  enter(): void {
    this.#uses += 1;
  }

  leave(): void {
    this.#uses -= 1;
    this.#settle();
  }

  /** Lets nobody enter any more. */
  drop(): void {
    this.#dropped = true;
    this.#settle();
  }

  #settle(): void {
    if (!this.#dropped || this.#uses > 0) return;
    for (const keys of this.#keys.values()) wipe(keys);
    this.#keys.clear();
  }
}
