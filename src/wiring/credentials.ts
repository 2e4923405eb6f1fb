import { CredentialAdmin } from '../compliance/credential-admin.js';
import { CredentialLines } from '../compliance/credential-lines.js';
import type { Guard } from '../guard/guard.js';
import { ApiKeys } from '../identity/api-keys.js';
import { JwtRevocations } from '../identity/jwt-revocations.js';
import { keptNames } from '../memory/kept-names.js';
import type { NameOf } from '../model/name-of.js';
import type { WardenParts } from './parts.js';
import { tracesOf } from './traces.js';

/** Wires the acts on credentials. */
export function credentialAdminOf(guard: Guard, parts: WardenParts): CredentialAdmin {
  const { driver, settings } = parts;
  const { values } = driver;
  const { clock } = settings;
  const nameOf = namesOf(parts);
  const { apiKeys } = tracesOf(values, clock, nameOf, parts.noteKey);
  const tokens = new JwtRevocations(values, clock, nameOf);
  const roles = () => [...parts.policies.engine.set.roles.keys()];
  return new CredentialAdmin(guard, apiKeys, tokens, linesOf(parts), roles);
}

/** Wires the lines of credentials. */
export function linesOf(parts: WardenParts): CredentialLines {
  const { driver, settings } = parts;
  const nameOf = namesOf(parts);
  return new CredentialLines(new ApiKeys(driver.values, settings.clock, nameOf), nameOf);
}

// A composition without keys has those of its cursors.
function namesOf({ keys, cursorKeys }: WardenParts): NameOf {
  return keptNames(keys?.instance.cursorKeys('name') ?? cursorKeys);
}
