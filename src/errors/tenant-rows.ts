import type { ErrorRow } from './row.js';

/** What can be wrong with tenants. */
export const TENANT_ROWS = {
  invalid_tenant: {
    status: 400,
    exit: 2,
    message: 'The id of the tenant is malformed, or too long for the names that are made of it.',
    remedy: 'Pass 1 to 40 lower-case letters, digits and dashes, no dash at either end, and not `default`.',
  },
  tenant_required: {
    status: 403,
    exit: 3,
    message: 'The principal carries no tenant.',
    remedy: 'Pass `tenant` with the principal, from its verified credential.',
  },
  tenant_not_found: {
    status: 404,
    exit: 4,
    message: 'There is no such tenant, or it is not in use: it is being made, being dropped, or dropped.',
    remedy: 'Run `memwarden tenants list`; `memwarden tenants create` goes on with one that is being made.',
  },
  tenant_exists: {
    status: 409,
    exit: 5,
    message: 'The id of the tenant is taken; that of a tenant that was dropped is never given again.',
    remedy: 'Choose another id.',
  },
  tenant_foreign: {
    status: 500,
    exit: 10,
    message: 'The store in the place of the tenant was made for another tenant.',
    remedy: 'Put the stores back where they were, or restore this tenant from its own backup.',
  },
  tenant_shared: {
    status: 403,
    exit: 3,
    message: "The act concerns what all tenants of the store share: it is the deployment's.",
    remedy: 'Run it for the deployment: without `--tenant`.',
  },
  tenants_isolation: {
    status: 500,
    exit: 2,
    message: 'The store was made for the other isolation of its tenants.',
    remedy: 'Open it with the isolation that it was made with, or make another store; docs/tenants.md.',
  },
  tenants_busy: {
    status: 503,
    exit: 7,
    message: 'More tenants are in use at this moment than may be open, or the tenant is in use still.',
    remedy: 'Call again, or raise `maxOpen`.',
  },
} as const satisfies Record<string, ErrorRow>;
