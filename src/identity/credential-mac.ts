import { timingSafeEqual } from 'node:crypto';
import canonicalize from 'canonicalize';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { NameOf } from '../model/name-of.js';

/** A row with what authenticates it. */
export type Authentic<Row> = Row & { readonly mac: string };

/**
 * Authenticates what the store holds for a credential: HMAC-SHA-256 over the row as canonical JSON (RFC 8785) and the prefix
 * that it lies under. Who can write to the database and has no keys can neither make a credential nor widen the grant of
 * one, and one of another tenant is none here.
 */
export class CredentialMac<Row extends object> {
  readonly #nameOf: NameOf;

  constructor(nameOf: NameOf) {
    this.#nameOf = nameOf;
  }

  /** @param row a MAC that it carries is left behind */
  async seal(prefix: string, row: Row & { readonly mac?: string }): Promise<Authentic<Row>> {
    return { ...row, mac: await this.#of(prefix, row) };
  }

  async holds(prefix: string, row: Row & { readonly mac?: unknown }): Promise<boolean> {
    const expected = Buffer.from(await this.#of(prefix, row));
    const stored = Buffer.from(typeof row.mac === 'string' ? row.mac : '');
    return stored.length === expected.length && timingSafeEqual(stored, expected);
  }

  #of(prefix: string, row: object): Promise<string> {
    const text = canonicalize({ ...row, mac: undefined });
    if (text === undefined) throw new MemwardenError('internal');
    return this.#nameOf('credential', prefix, text);
  }
}
