import { MemwardenError } from '../../errors/memwarden-error.js';

/** Refuses what is of another tenant than a port is bound to. */
export type Own = <T extends { readonly tenant: string }>(of: T) => T;

/** @returns what refuses the partitions of all tenants but one; it throws `internal`, for no caller can ask for another */
export function ownOf(tenant: string): Own {
  return (of) => {
    // What was planned by nobody may be anything.
    if ((of as { readonly tenant?: unknown } | null | undefined)?.tenant !== tenant)
      throw new MemwardenError('internal');
    return of;
  };
}

/** An act on what all tenants share, asked for in one of them. */
export function refused(): Promise<never> {
  return Promise.reject(new MemwardenError('tenant_shared'));
}
