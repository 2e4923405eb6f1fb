import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import type { Credential, Grant } from '../model/credential.js';
import { newId } from '../model/id.js';
import type { KeyValueStore } from '../model/key-value.js';
import type { NameOf } from '../model/name-of.js';
import { namespaced, type Kept, type Namespace } from '../model/namespace.js';
import type { UserTraces } from '../model/user-traces.js';
import { Caller } from './caller.js';
import { CredentialMac, type Authentic } from './credential-mac.js';
import type { CredentialTraces } from './credential-traces.js';
import { isForAlone, namesUser, withoutUser } from './grants.js';

/** A new API key: the only time that its secret is told. */
export interface NewApiKey {
  readonly key: string;
  readonly credential: Credential;
}

/** What a new API key is for. */
export interface ApiKeyOrder {
  readonly name?: string;
  readonly grant: Grant;
  readonly expiresAt?: Date;
  /** The line that it is of; without one it begins its own. */
  readonly line?: string | undefined;
}

type Row = Omit<Credential, 'lastUsedAt' | 'prefix'> & { readonly hash: string; readonly line?: string };
type Found = Kept<Authentic<Row>>;

const FORMAT = /^mw_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;
const PREFIX_BYTES = 12;
const DIGEST_BYTES = 32;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const USE_RECORDED_EVERY_MS = 60_000;
// Of a prefix that is not known: the same steps are taken with it.
const NO_ROW: Authentic<Row> = {
  id: '',
  grant: { role: '', users: [], purposes: [] },
  createdAt: '',
  hash: Buffer.alloc(DIGEST_BYTES).toString('base64'),
  mac: '',
};

/** The part of an API key that is no secret; undefined where a text is no key. */
export function prefixOf(key: string): string | undefined {
  return FORMAT.exec(key)?.[1];
}

/**
 * API keys: `mw_<prefix>_<secret>`, where the prefix is for lookup and the secret is 256 random bits in base64url. The
 * SHA-256 of the whole key is stored; a slow hash would add nothing to 256 random bits. Each use reads the store, so that a
 * revocation is in force at the next request of every process.
 */
export class ApiKeys implements UserTraces {
  readonly #keys: Namespace<Authentic<Row>>;
  readonly #mac: CredentialMac<Row>;
  readonly #uses: Namespace<string>;
  readonly #clock: Clock;
  readonly #traces: Pick<CredentialTraces, 'drop' | 'dropEvents'> | undefined;

  readonly #note: ((prefix: string) => Promise<void>) | undefined;

  /**
   * @param nameOf authenticates the rows, so that none holds that was made or changed past this class
   * @param traces what goes with a key that is revoked or forgotten; without it that stays
   * @param note called with the prefix of each new key, before the key is there
   */
  constructor(
    store: KeyValueStore,
    clock: Clock,
    nameOf: NameOf,
    traces?: Pick<CredentialTraces, 'drop' | 'dropEvents'>,
    note?: (prefix: string) => Promise<void>,
  ) {
    this.#note = note;
    this.#mac = new CredentialMac(nameOf);
    this.#keys = namespaced(store, 'credentials', clock);
    this.#uses = namespaced(store, 'credential-uses', clock);
    this.#clock = clock;
    this.#traces = traces;
  }

  /** @throws MemwardenError invalid_argument where the expiry is over already: nobody means a key that is dead */
  async create({ name, grant, expiresAt, line }: ApiKeyOrder): Promise<NewApiKey> {
    const now = this.#clock();
    if (expiresAt && expiresAt <= now)
      throw new MemwardenError('invalid_argument', { argument: 'expiresAt', reason: 'is over already' });
    const prefix = newPrefix();
    const key = `mw_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const row: Row = {
      id: newId(),
      ...(name === undefined ? {} : { name }),
      grant,
      createdAt: now.toISOString(),
      ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
      hash: hashOf(key).toString('base64'),
      ...(line === undefined ? {} : { line }),
    };
    await this.#note?.(prefix);
    if (!(await this.#keys.insert(prefix, await this.#mac.seal(prefix, row)))) throw new MemwardenError('internal');
    return { key, credential: toCredential(prefix, row) };
  }

  /** All of them, also the revoked and the expired. */
  async *list(): AsyncGenerator<Credential, void, undefined> {
    for await (const { key, value } of this.#all()) {
      const use = await this.#uses.get(key);
      yield toCredential(key, value, use?.value);
    }
  }

  /** The line of a key, by the key's id; undefined where there is none of it. */
  async lineOf(id: string): Promise<string | undefined> {
    for await (const { value } of this.#all()) if (value.id === id) return value.line ?? id;
    return undefined;
  }

  /**
   * Revokes a key, and then takes away what is kept for it. Where that fails the key is revoked all the same, and revoking
   * it again goes on.
   *
   * @throws MemwardenError credential_not_found
   */
  async revoke(id: string): Promise<Credential> {
    for await (const found of this.#all()) {
      if (found.value.id !== id) continue;
      const row = this.#revoked(found.value);
      if (found.value.revokedAt === undefined && !(await this.#put(found, row))) return this.revoke(id);
      await this.#drop(row);
      return toCredential(found.key, row);
    }
    throw new MemwardenError('credential_not_found');
  }

  /** Takes a user out of every grant. A key that was for that user alone goes: one for nobody could do more than it. */
  async forget(userId: string): Promise<void> {
    for await (const found of this.#keys.all()) await this.#forgetIn(found, userId);
  }

  async #forgetIn(found: Found, userId: string): Promise<void> {
    // What somebody else made or changed is not made right by taking a name out of it.
    if (!(await this.#mac.holds(found.key, found.value)))
      return void (await this.#keys.remove(found.key, found.version));
    await this.#traces?.dropEvents({ kind: 'key', id: found.value.id }, userId);
    if (!namesUser(found.value, userId)) return;
    const isDone = isForAlone(found.value.grant, userId)
      ? await this.#removed(found)
      : await this.#put(found, withoutUser(found.value, userId));
    if (isDone) return;
    const now = await this.#keys.get(found.key);
    if (now) await this.#forgetIn(now, userId);
  }

  // Revoked first, so that nothing new comes to what is kept for it; that goes before the key, or nothing would lead to it.
  async #removed(found: Found): Promise<boolean> {
    if (found.value.revokedAt === undefined) {
      await this.#put(found, this.#revoked(found.value));
      return false;
    }
    await this.#drop(found.value);
    await this.#uses.remove(found.key);
    return this.#keys.remove(found.key, found.version);
  }

  async #put(found: Found, row: Row): Promise<boolean> {
    return this.#keys.replace(found, await this.#mac.seal(found.key, row));
  }

  // Those that this class wrote, as it wrote them.
  async *#all(): AsyncGenerator<Found, void, undefined> {
    for await (const found of this.#keys.all()) if (await this.#mac.holds(found.key, found.value)) yield found;
  }

  async #drop({ id, grant }: Row): Promise<void> {
    await this.#traces?.drop({ kind: 'key', id }, grant.users);
  }

  #revoked(row: Row): Row {
    return { ...row, revokedAt: row.revokedAt ?? this.#clock().toISOString() };
  }

  /** Whether there is any; tells a first start. */
  async isEmpty(): Promise<boolean> {
    return (await this.#keys.list(1)).length === 0;
  }

  /** @returns who holds a key; undefined where it is none, unknown, expired or revoked */
  async authenticate(key: string): Promise<Caller | undefined> {
    const prefix = prefixOf(key);
    if (prefix === undefined) return undefined;
    const row = (await this.#keys.get(prefix))?.value ?? NO_ROW;
    const stored = Buffer.from(row.hash, 'base64');
    const isWhole = (await this.#mac.holds(prefix, row)) && stored.length === DIGEST_BYTES;
    if (!isWhole || !timingSafeEqual(hashOf(key), stored)) return undefined;
    const { id, grant, revokedAt, expiresAt } = row;
    const now = this.#clock();
    if (revokedAt !== undefined || (expiresAt !== undefined && new Date(expiresAt) <= now)) return undefined;
    void this.#used(prefix, now).catch(() => undefined);
    return new Caller('key', id, id, grant);
  }

  readonly #recorded = new Map<string, number>();

  // When a key was last used is a help to operators, nothing that a request waits for.
  async #used(prefix: string, now: Date): Promise<void> {
    if (now.getTime() - (this.#recorded.get(prefix) ?? 0) < USE_RECORDED_EVERY_MS) return;
    this.#recorded.set(prefix, now.getTime());
    const found = await this.#uses.get(prefix);
    if (found) await this.#uses.replace(found, now.toISOString());
    else await this.#uses.insert(prefix, now.toISOString());
  }
}

function toCredential(prefix: string, row: Row, lastUsedAt?: string): Credential {
  const { hash: _hash, line: _line, mac: _mac, ...rest } = row as Authentic<Row>;
  return { ...rest, prefix, ...(lastUsedAt === undefined ? {} : { lastUsedAt }) };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function newPrefix(): string {
  return Array.from(randomBytes(PREFIX_BYTES), (byte) => LETTERS[byte % LETTERS.length] ?? 'a').join('');
}
