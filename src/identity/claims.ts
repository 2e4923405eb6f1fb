import type { JWTPayload } from 'jose';
import type { ClaimName, JwtOptions, JwtRole } from '../config/jwt.js';
import type { Grant } from '../model/credential.js';
import type { Attribute } from '../model/principal.js';
import { isTenantId } from '../model/tenant.js';
import { isId, isText } from '../model/text.js';

const MAX_NAMES = 1_000;

/**
 * What the claims of a token let its holder be; undefined where they do not say all that the configuration asks for, or
 * say it in another type. A claim that is missing never widens a grant.
 */
export function grantOf(payload: JWTPayload, { claims = {}, roles }: JwtOptions): Grant | undefined {
  const found = roleOf(claimOf(payload, claims.role ?? 'role'), roles);
  if (!found) return undefined;
  const users = usersOf(payload, claims, found.users ?? 'claims');
  const purposes = found.purposes ?? namesOf(payload, claims.purposes, []);
  const attributes = attributesOf(payload, claims.attributes);
  if (!users || !purposes || !attributes) return undefined;
  const { role } = found;
  return { role, users, purposes, ...(Object.keys(attributes).length === 0 ? {} : { attributes }) };
}

/** The tenant that a token says it is of; undefined where it does not say one, or no claim for it is configured. */
export function tenantIn(payload: JWTPayload, { claims = {} }: JwtOptions): string | undefined {
  const value = claims.tenant === undefined ? undefined : claimOf(payload, claims.tenant);
  return isTenantId(value) ? value : undefined;
}

function roleOf(value: unknown, roles: JwtOptions['roles']): JwtRole | undefined {
  const values = new Set(Array.isArray(value) ? value : [value]);
  // The order of the table decides, and nothing that is not its own.
  const [found] = Object.keys(roles).filter((name) => values.has(name));
  const role = found === undefined ? undefined : roles[found];
  return typeof role === 'string' ? { role } : role;
}

function usersOf(
  payload: JWTPayload,
  { user, users }: NonNullable<JwtOptions['claims']>,
  mode: NonNullable<JwtRole['users']>,
): Grant['users'] | undefined {
  if (mode === 'any') return 'any';
  if (mode === 'none') return [];
  if (user !== undefined) {
    const name = claimOf(payload, user);
    return isId(name) ? [name] : undefined;
  }
  // Nobody at all would be more than nobody named: it leaves the partition to the role.
  const named = namesOf(payload, users, []);
  return users !== undefined && named?.length === 0 ? undefined : named;
}

function namesOf<T>(payload: JWTPayload, name: ClaimName | undefined, absent: T): T | readonly string[] | undefined {
  if (name === undefined) return absent;
  const value = claimOf(payload, name);
  if (value === undefined) return absent;
  const names: unknown[] = Array.isArray(value) ? value : [value];
  return names.length <= MAX_NAMES && names.every(isId) ? [...new Set(names)] : undefined;
}

function attributesOf(
  payload: JWTPayload,
  names: Readonly<Record<string, ClaimName>> = {},
): Readonly<Record<string, Attribute>> | undefined {
  const attributes: Record<string, Attribute> = {};
  for (const [name, claim] of Object.entries(names)) {
    const value = claimOf(payload, claim);
    // A rule that names it then finds it missing (S4).
    if (value === undefined) continue;
    const fits = typeof value === 'boolean' || Number.isFinite(value) || (isText(value) && value !== '');
    if (!fits) return undefined;
    attributes[name] = value as Attribute;
  }
  return attributes;
}

// Own properties alone, on the whole way.
function claimOf(payload: JWTPayload, name: ClaimName): unknown {
  let value: unknown = payload;
  for (const step of typeof name === 'string' ? [name] : name) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
