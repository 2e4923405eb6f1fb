import { types } from 'node:util';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Origin } from './auditor.js';
import { bare, isPlainOrBare } from './bare.js';
import { isId } from './text.js';

/** A fact about a principal that a policy may name. */
export type Attribute = string | number | boolean;

/**
 * Who asks. Every part comes from a verified credential or from the embedding application, never from a model, a
 * filter or a stored document.
 */
export interface Principal {
  readonly id: string;
  readonly role: string;
  /** The user on whose behalf it acts. */
  readonly userId?: string;
  /** Why it asks, where policies distinguish purposes. */
  readonly purpose?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

const KEYS = new Set(['id', 'role', 'userId', 'purpose', 'attributes']);
const MAX_ATTRIBUTES = 64;
// Of principals that a door made: checked, frozen, and where their call came in. No caller can put one in.
const ORIGINS = new WeakMap<object, Origin>();
const SUBJECTS = new WeakMap<object, Subject>();

/** Whom a token names, where the id of its principal says more than that. */
export interface Subject {
  readonly name: string;
  /** Whether it is known to be an end user: then it is never on record in clear (S26). */
  readonly isUser: boolean;
}

/**
 * Checks a principal and copies it, so that nothing that happens to the caller's object later can widen it.
 *
 * @throws MemwardenError invalid_principal
 */
export function toPrincipal(value: unknown): Principal {
  if (typeof value === 'object' && value !== null && ORIGINS.has(value)) return value as Principal;
  try {
    return checked(value);
  } catch (error) {
    // A proxy may throw what it likes.
    throw error instanceof MemwardenError ? error : malformed('principal');
  }
}

/**
 * A principal whose calls came in at a door; they are on record with it.
 *
 * @param subject whom its token names, where it has one
 * @throws MemwardenError invalid_principal
 */
export function principalAt(value: unknown, origin: Origin, subject?: Subject): Principal {
  const principal = checked(value);
  ORIGINS.set(principal, Object.freeze({ ...origin }));
  if (subject) SUBJECTS.set(principal, subject);
  return principal;
}

/** Whom the token of a principal names; the principal's own id where there was none. */
export function subjectOf(principal: Principal): Subject {
  return SUBJECTS.get(principal) ?? { name: principal.id, isUser: false };
}

/** Where the calls of a principal come in; undefined where no door made it. */
export function originOf(principal: Principal): Origin | undefined {
  return ORIGINS.get(principal);
}

function checked(value: unknown): Principal {
  const given = ownData(value, 'principal');
  for (const key in given) if (!KEYS.has(key)) throw malformed('unknown key');
  const { id, role, userId, purpose, attributes } = given;
  if (!isId(id)) throw malformed('id');
  if (!isId(role)) throw malformed('role');
  if (userId !== undefined && !isId(userId)) throw malformed('userId');
  if (purpose !== undefined && !isId(purpose)) throw malformed('purpose');
  // Bare, so that a part which is absent here is absent whatever was done to Object.prototype.
  const principal = bare() as { -readonly [key in keyof Principal]: Principal[key] };
  principal.id = id;
  principal.role = role;
  if (userId !== undefined) principal.userId = userId;
  if (purpose !== undefined) principal.purpose = purpose;
  if (attributes !== undefined) principal.attributes = toAttributes(attributes);
  return Object.freeze(principal);
}

function toAttributes(value: unknown): Readonly<Record<string, Attribute>> {
  const given = ownData(value, 'attributes');
  const keys = Object.keys(given);
  if (keys.length > MAX_ATTRIBUTES) throw malformed('attributes');
  const copy = bare() as Record<string, Attribute>;
  for (const key of keys) {
    const attribute = given[key];
    if (!isId(key)) throw malformed('attributes');
    const fits =
      typeof attribute === 'boolean' ||
      (typeof attribute === 'number' && Number.isFinite(attribute)) ||
      (typeof attribute === 'string' && attribute !== '' && attribute.isWellFormed());
    if (!fits) throw malformed('attributes');
    copy[key] = attribute;
  }
  return Object.freeze(copy);
}

// The own data properties of a plain object, each read once; nothing inherited, no getters, no symbols.
function ownData(value: unknown, argument: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) throw malformed(argument);
  if (!isPlainOrBare(value)) throw malformed(argument);
  const data = bare();
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (typeof key !== 'string' || !property || !Object.hasOwn(property, 'value')) throw malformed(argument);
    data[key] = property.value;
  }
  return data;
}

function malformed(argument: string): MemwardenError {
  return new MemwardenError('invalid_principal', { argument });
}

/**
 * A key under which what was computed for a principal may be kept: typed and length-prefixed, so that two principals
 * that differ anywhere never share an entry (S4).
 */
export function principalKey(principal: Principal): string {
  const parts = [part(principal.id), part(principal.role), part(principal.userId), part(principal.purpose)];
  const { attributes } = principal;
  if (attributes !== undefined)
    for (const name of Object.keys(attributes).sort()) parts.push(part(name), part(attributes[name]));
  return parts.join('');
}

function part(value: Attribute | undefined): string {
  const text = String(value);
  return `${typeof value}:${text.length}:${text};`;
}
