import { CredentialAdmin } from '../compliance/credential-admin.js';
import type { Guard } from '../guard/guard.js';
import { JwtRevocations } from '../identity/jwt-revocations.js';
import type { WardenParts } from './parts.js';
import { tracesOf } from './traces.js';

/** Wires the acts on credentials. */
export function credentialAdminOf(
  guard: Guard,
  { driver: { values }, settings: { clock }, keys, cursorKeys }: WardenParts,
): CredentialAdmin {
  const { apiKeys } = tracesOf(values, clock, keys?.instance.cursorKeys('handle') ?? cursorKeys);
  return new CredentialAdmin(guard, apiKeys, new JwtRevocations(values, clock));
}
