import { CredentialAdmin } from '../compliance/credential-admin.js';
import type { Guard } from '../guard/guard.js';
import { ApiKeys } from '../identity/api-keys.js';
import { JwtRevocations } from '../identity/jwt-revocations.js';
import type { WardenParts } from './parts.js';

/** Wires the acts on credentials. */
export function credentialAdminOf(
  guard: Guard,
  { driver: { values }, settings: { clock } }: WardenParts,
): CredentialAdmin {
  return new CredentialAdmin(guard, new ApiKeys(values, clock), new JwtRevocations(values, clock));
}
