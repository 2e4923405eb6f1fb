/** The tenant of everything until tenants come; every record and key carries it so that no format changes then. */
export const DEFAULT_TENANT = 'default';
