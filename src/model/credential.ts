import type { Attribute } from './principal.js';

/** What a credential lets its holder be. */
export interface Grant {
  readonly role: string;
  /** The users that it may act for: these alone, or any. With an empty list it acts for nobody. */
  readonly users: 'any' | readonly string[];
  /** The purposes that a request may name. With exactly one, every request has it. */
  readonly purposes: 'any' | readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** An API key as it is listed: everything but its secret. */
export interface Credential {
  readonly id: string;
  /** The part of the key in clear, by which it is looked up. */
  readonly prefix: string;
  readonly name?: string;
  readonly grant: Grant;
  readonly createdAt: string;
  readonly expiresAt?: string;
  /** At most a minute old. */
  readonly lastUsedAt?: string;
  readonly revokedAt?: string;
}
