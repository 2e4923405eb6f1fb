import { SealedTexts } from '../guard/sealed-text.js';
import type { CursorKeys } from '../model/cursor-keys.js';

/** What a handle names, and of whom. */
export interface Place {
  readonly owner: string;
  readonly id: string;
}

/**
 * Ids for doors whose routes name no owner (S14): the owner and an id, sealed under an instance key. Who holds one learns
 * nothing from it and can make no other; what is no handle, or one of another kind, opens to nothing. A handle gives no
 * right: the owner that it carries is checked against the credential, and the call is decided like any other.
 */
export class Handles {
  readonly #texts: SealedTexts;
  readonly #tenant: string;

  /** @param tenant whose handles these are: one of another opens to nothing */
  constructor(keys: CursorKeys, tenant: string) {
    this.#tenant = tenant;
    this.#texts = new SealedTexts(keys, 'memwarden handle 1');
  }

  /** @param kind what is named, so that a handle of one kind serves no other */
  seal(kind: string, { owner, id }: Place): Promise<string> {
    return this.#texts.seal([kind, this.#tenant], JSON.stringify([owner, id]));
  }

  async open(kind: string, handle: string): Promise<Place | undefined> {
    const text = await this.#texts.open([kind, this.#tenant], handle);
    if (text === undefined) return undefined;
    const [owner, id] = JSON.parse(text) as [string, string];
    return { owner, id };
  }
}
