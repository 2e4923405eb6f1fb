import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import { BEFORE_THE_FIRST, digestOf, signedBytes, type Ledger, type Tombstone } from '../../crypto/ledger.js';
import type { Clock } from '../../model/clock.js';
import type { ErasureHead } from '../../model/erasure.js';
import type { KeyStore } from '../../model/key-store.js';

const PAGE = 1_000;

/** What tombstones are made with. */
export interface TombstonesOptions {
  readonly store: KeyStore;
  readonly instance: InstanceKeys;
  readonly head: ErasureHead;
  readonly clock: Clock;
}

/** The tombstones in the key store: numbered, each naming the one before it, put by whoever comes first. */
export class Tombstones {
  readonly #options: TombstonesOptions;

  constructor(options: TombstonesOptions) {
    this.#options = options;
  }

  /** Puts the tombstone of an erasure, once however often it is tried. */
  async put(erasureId: string, keyIds: readonly string[]): Promise<{ readonly tombstone: Tombstone }> {
    for (;;) {
      let last: Tombstone | undefined;
      for (const tombstone of await this.#newest()) {
        if (tombstone.erasureId === erasureId) return { tombstone };
        last = tombstone;
      }
      const tombstone = await this.#sign(erasureId, keyIds, last);
      if (await this.keep(tombstone)) return { tombstone };
    }
  }

  /** Puts a tombstone as it is; false where its number is taken. */
  keep(tombstone: Tombstone): Promise<boolean> {
    const value = tombstone as unknown as Record<string, unknown>;
    return this.#options.store.add('tombstone', { id: idOf(tombstone.sequence), value });
  }

  // What the data know of is there; one that an erasure put before it stopped is among the newest.
  async #newest(): Promise<Tombstone[]> {
    return tombstonesAfter(this.#options.store, Math.max(0, (await this.#options.head.erasureHead()) - PAGE));
  }

  async #sign(erasureId: string, keyIds: readonly string[], last: Tombstone | undefined): Promise<Tombstone> {
    const { instance, head, clock } = this.#options;
    const { id: signedBy } = await instance.current('signing');
    const statement = {
      format: 'memwarden tombstone 1' as const,
      sequence: (last?.sequence ?? 0) + 1,
      erasureId,
      storeId: await head.storeId(),
      keyIds,
      at: clock().toISOString(),
      previous: last ? digestOf(last) : BEFORE_THE_FIRST,
      signedBy,
      signer: await instance.endorsed(),
    };
    const { signature } = await instance.sign(signedBytes(statement));
    return { ...statement, signature: signature.toString('base64url') };
  }
}

/**
 * Puts into the ledger what it lacks of the tombstones of the key store: a crash between the two leaves one out, and
 * the ledger may be lost (S21).
 *
 * @param last the number of the last one to put in
 */
export async function fillLedger(store: KeyStore, ledger: Ledger, last = Infinity): Promise<void> {
  const all = await tombstonesAfter(store, 0);
  await ledger.append(all.filter(({ sequence }) => sequence <= last));
}

async function tombstonesAfter(store: KeyStore, sequence: number): Promise<Tombstone[]> {
  const all: Tombstone[] = [];
  let after = idOf(sequence);
  for (;;) {
    const page = await store.documents('tombstone', after, PAGE);
    all.push(...page.map(({ value }) => value as unknown as Tombstone));
    after = page.at(-1)?.id ?? after;
    if (page.length < PAGE) return all;
  }
}

/** The id of a tombstone in the key store: ordered as its number. */
export function idOf(sequence: number): string {
  return String(sequence).padStart(12, '0');
}
