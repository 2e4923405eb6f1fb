import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import canonicalize from 'canonicalize';
import { MemwardenError } from '../errors/memwarden-error.js';
import { endorsedBytes, type Endorsed, type PublicJwk } from './keys/instance-keys.js';

/** What remains of an erased user: the names of keys that are no more. Nothing in it names a user (S21). */
export interface Tombstone {
  readonly format: 'memwarden tombstone 1';
  /** Counts the erasures of one store, from 1. */
  readonly sequence: number;
  readonly erasureId: string;
  /** The random name of the store of memories. */
  readonly storeId: string;
  readonly keyIds: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  /** SHA-256 of the canonical JSON (RFC 8785) of the tombstone before it, hexadecimal; zeros before the first. */
  readonly previous: string;
  /** The key that signed. */
  readonly signedBy: string;
  /** The same, for a key store from before it was made. */
  readonly signer: Endorsed;
  /** Ed25519 over the canonical JSON of everything else, base64url. */
  readonly signature: string;
}

/** What the first tombstone follows. */
export const BEFORE_THE_FIRST = '0'.repeat(64);

/** SHA-256 of a tombstone, hexadecimal. */
export function digestOf(tombstone: Tombstone): string {
  return createHash('sha256').update(canonical(tombstone)).digest('hex');
}

/** The bytes that a signed document is signed over: its canonical JSON without the signature. */
export function signedBytes(document: Readonly<Record<string, unknown>>): Buffer {
  const { signature: _, ...rest } = document;
  return Buffer.from(canonical(rest), 'utf8');
}

/** Whether one of some public keys signed a document. */
export function isSigned(document: Readonly<Record<string, unknown>>, keys: readonly PublicJwk[]): boolean {
  const jwk = keys.find(({ kid }) => kid === document['signedBy']);
  const { signature } = document;
  if (!jwk || typeof signature !== 'string') return false;
  const bytes = Buffer.from(signature, 'base64url');
  // Node takes padding, blanks and the other alphabet; a signature has one form.
  return bytes.toString('base64url') === signature && verify(null, signedBytes(document), publicKey(jwk), bytes);
}

/**
 * Whether each of some tombstones, oldest first, was signed by a known key, or by one that a known key vouches for.
 *
 * @param known the public keys of the key store, which may be from before some of the tombstones
 */
export function areSigned(tombstones: readonly Tombstone[], known: readonly PublicJwk[]): boolean {
  const keys = [...known];
  for (const tombstone of tombstones) {
    const { signedBy: kid, signer } = tombstone;
    if (!keys.some((key) => key.kid === kid) && isVouchedFor(kid, signer, keys))
      keys.push({ kty: 'OKP', crv: 'Ed25519', kid, x: signer.x, use: 'sig', alg: 'EdDSA' });
    if (!isSigned(tombstone as unknown as Record<string, unknown>, keys)) return false;
  }
  return true;
}

function isVouchedFor(kid: string, { x, endorsedBy, endorsement }: Endorsed, keys: readonly PublicJwk[]): boolean {
  const by = keys.find((key) => key.kid === endorsedBy);
  if (!by || endorsement === undefined) return false;
  return verify(null, endorsedBytes(kid, x), publicKey(by), Buffer.from(endorsement, 'base64url'));
}

function publicKey({ kty, crv, x }: PublicJwk): KeyObject {
  return createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
}

/**
 * The ledger of erasures: a file of one JSON line a tombstone, outside the data and outside the key store, so that who
 * restores those from a backup does not restore this.
 */
export class Ledger {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Every tombstone of a store, by its number.
   *
   * A line that is none (a crash cuts lines off) is passed over: one that is really missing leaves a gap.
   *
   * @throws MemwardenError ledger_invalid where a number is missing, or one does not follow the one before it
   */
  async read(storeId: string): Promise<Tombstone[]> {
    const tombstones = new Map<number, Tombstone>();
    for (const tombstone of parsed(await this.#text()))
      if (tombstone.storeId === storeId) tombstones.set(tombstone.sequence, tombstone);
    const ordered = [...tombstones.values()].sort((a, b) => a.sequence - b.sequence);
    ordered.forEach((tombstone, n) => {
      const before = ordered[n - 1];
      const follows = tombstone.previous === (before ? digestOf(before) : BEFORE_THE_FIRST);
      if (tombstone.sequence !== n + 1 || !follows) throw new MemwardenError('ledger_invalid', { line: n + 1 });
    });
    return ordered;
  }

  /**
   * Puts those tombstones at the end whose numbers are not there; they are on disk when the promise resolves. A line
   * is never put in the place of another, so that a changed one is found.
   */
  async append(tombstones: readonly Tombstone[]): Promise<void> {
    const text = await this.#text();
    const there = new Set(parsed(text).map(placeOf));
    const lines = tombstones.filter((one) => !there.has(placeOf(one))).map((one) => `${canonical(one)}\n`);
    if (lines.length === 0) return;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = await open(this.#path, 'a', 0o600);
    try {
      // A line that a crash cut off is ended first, and is then no line of its own.
      await file.appendFile(`${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('')}`);
      await file.sync();
    } finally {
      await file.close();
    }
    const folder = await open(dirname(this.#path), 'r');
    await folder.sync().finally(() => folder.close());
  }

  async #text(): Promise<string> {
    const file = await open(this.#path, 'r').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new MemwardenError('ledger_invalid');
    });
    if (!file) return '';
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  }
}

function placeOf({ storeId, sequence }: Tombstone): string {
  return `${storeId} ${sequence}`;
}

// What follows the last end of a line was cut off.
function parsed(text: string): Tombstone[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line) => parse(line) ?? []);
}

function parse(line: string): Tombstone | undefined {
  try {
    const value = JSON.parse(line) as Partial<Record<keyof Tombstone, unknown>>;
    const isOne = value.format === 'memwarden tombstone 1' && Number.isSafeInteger(value.sequence);
    const isSigned = typeof value.signer === 'object' && value.signer !== null && typeof value.signedBy === 'string';
    if (isOne && isSigned && Array.isArray(value.keyIds) && typeof value.storeId === 'string')
      return value as unknown as Tombstone;
  } catch {
    // None, as said below.
  }
  return undefined;
}

function canonical(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new MemwardenError('internal');
  return text;
}
