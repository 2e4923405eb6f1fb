/** The tenant of what belongs to none: of the deployment itself, and of a tenant that has a store of its own. */
export const DEFAULT_TENANT = 'default';

/** The most characters of a tenant's id: names that are made of it must fit what databases may be named. */
export const LONGEST_TENANT = 40;

// No letter has a second case and no character a meaning in a path, an address or a name of a database, so that two ids
// never name one place.
const FORMAT = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Whether a value is the id of a tenant: 1 to 40 lower-case letters, digits and dashes, no dash at either end. `default`
 * is none: it names what belongs to no tenant.
 */
export function isTenantId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TENANT && FORMAT.test(value) && value !== DEFAULT_TENANT;
}
