import type { ApiKeys } from '../identity/api-keys.js';
import type { NameOf } from '../model/name-of.js';
import { originOf, type Principal } from '../model/principal.js';

/**
 * Lines of credentials: an API key that was made over the network is of the line of the credential that made it, and so on
 * down; one that was made on the command line, by the embedding application or at the first start begins a line. Whoever
 * holds a credential may come to hold every one that is made with it, so that two of one line are no two people.
 */
export class CredentialLines {
  readonly #keys: ApiKeys;
  readonly #nameOf: NameOf;

  /** @param nameOf makes the keyed name of a principal that holds no API key: its id may be a user's */
  constructor(keys: ApiKeys, nameOf: NameOf) {
    this.#keys = keys;
    this.#nameOf = nameOf;
  }

  /** The line that a principal is of; its own where it holds no API key, or one that begins a line. */
  async of({ id }: Principal): Promise<string> {
    return (await this.#keys.lineOf(id)) ?? this.#nameOf('line', id);
  }

  /** The line of what a principal makes; undefined where that begins one. */
  async below(maker: Principal): Promise<string | undefined> {
    const origin = originOf(maker);
    return origin === undefined || origin.door === 'cli' ? undefined : this.of(maker);
  }
}
