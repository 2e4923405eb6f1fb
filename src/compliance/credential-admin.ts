import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Guard } from '../guard/guard.js';
import type { ApiKeyOrder, ApiKeys, NewApiKey } from '../identity/api-keys.js';
import type { JwtRevocations } from '../identity/jwt-revocations.js';
import type { Credential } from '../model/credential.js';
import type { Principal } from '../model/principal.js';
import { isId } from '../model/text.js';
import type { CredentialLines } from './credential-lines.js';

const id = z.string().refine(isId);
const names = z.union([z.literal('any'), z.array(id).max(1_000)]);
const order = z.strictObject({
  name: id.optional(),
  role: id,
  users: names,
  purposes: names.optional(),
  attributes: z.record(id, z.union([z.string().min(1), z.number(), z.boolean()])).optional(),
  expiresAt: z.date().optional(),
});

/** What a new credential is for. */
export interface NewCredential {
  readonly name?: string;
  readonly role: string;
  /** The users that it may act for: these alone, any, or with an empty list nobody. */
  readonly users: 'any' | readonly string[];
  /** The purposes that a request may name; none by default. */
  readonly purposes?: 'any' | readonly string[];
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly expiresAt?: Date;
}

/** API keys and tokens, as a principal may manage them (actions list and administer on Credential). */
export class CredentialAdmin {
  readonly #guard: Guard;
  readonly #keys: ApiKeys;
  readonly #tokens: JwtRevocations;
  readonly #lines: CredentialLines;
  readonly #roles: () => readonly string[];

  /** @param roles those that policies in force name */
  constructor(
    guard: Guard,
    keys: ApiKeys,
    tokens: JwtRevocations,
    lines: CredentialLines,
    roles: () => readonly string[],
  ) {
    this.#guard = guard;
    this.#keys = keys;
    this.#tokens = tokens;
    this.#lines = lines;
    this.#roles = roles;
  }

  /**
   * Makes an API key.
   *
   * @returns the key, which is told this once, and what is kept of it
   * @throws MemwardenError invalid_principal, forbidden; invalid_argument, also where no policy in force names the role
   */
  async create(principal: Principal, credential: NewCredential): Promise<NewApiKey> {
    const wanted = toOrder(credential);
    const act = { action: 'administer', subject: 'Credential', act: 'credential.create', changes: true } as const;
    return this.#guard.administer(principal, act, async (maker) => {
      const roles = this.#roles();
      // A slip: its holder could do nothing. Only who may make keys is told which roles there are.
      if (!roles.includes(wanted.grant.role))
        throw new MemwardenError('invalid_argument', {
          argument: 'role',
          reason: `no policy names it; those that policies name: ${[...roles].sort().join(', ') || 'none'}`,
        });
      return this.#keys.create({ ...wanted, line: await this.#lines.below(maker) });
    });
  }

  /**
   * All API keys without their secrets, also the revoked and expired ones.
   *
   * @throws MemwardenError invalid_principal, forbidden
   */
  async list(principal: Principal): Promise<Credential[]> {
    const act = { action: 'list', subject: 'Credential', act: 'credential.list', changes: false } as const;
    return this.#guard.administer(principal, act, async () => {
      const found: Credential[] = [];
      for await (const one of this.#keys.list()) found.push(one);
      return found;
    });
  }

  /**
   * Revokes an API key: in force at the next request, in every process.
   *
   * @throws MemwardenError invalid_principal, forbidden, credential_not_found
   */
  async revoke(principal: Principal, credentialId: string): Promise<Credential> {
    if (!isId(credentialId)) throw new MemwardenError('invalid_argument', { argument: 'id' });
    const act = { action: 'administer', subject: 'Credential', act: 'credential.revoke', changes: true } as const;
    return this.#guard.administer(principal, act, () => this.#keys.revoke(credentialId));
  }

  /**
   * Voids every JSON Web Token of a subject that was issued before now: in force at the next request, in every process.
   *
   * @param subject what `sub` says
   * @returns the moment, ISO 8601
   * @throws MemwardenError invalid_principal, invalid_argument, forbidden
   */
  async voidTokens(principal: Principal, subject: string): Promise<{ readonly notBefore: string }> {
    if (!isId(subject)) throw new MemwardenError('invalid_argument', { argument: 'subject' });
    // The subject is likely a user, and is on record as one.
    const about = { act: 'credential.not-before', owner: subject, changes: true } as const;
    const act = { action: 'administer', subject: 'Credential', ...about } as const;
    return this.#guard.administer(principal, act, async () => ({
      notBefore: (await this.#tokens.revoke(subject)).toISOString(),
    }));
  }
}

function toOrder(given: NewCredential): ApiKeyOrder {
  const parsed = order.safeParse(given);
  if (!parsed.success) {
    const argument = String(parsed.error.issues[0]?.path[0] ?? 'credential');
    throw new MemwardenError('invalid_argument', {
      argument: Object.hasOwn(order.shape, argument) ? argument : 'credential',
    });
  }
  const { name, role, users, purposes, attributes, expiresAt } = parsed.data;
  return {
    ...(name === undefined ? {} : { name }),
    grant: { role, users, purposes: purposes ?? [], ...(attributes ? { attributes } : {}) },
    ...(expiresAt ? { expiresAt } : {}),
  };
}
