import { CredentialAdmin } from '../compliance/credential-admin.js';
import { CredentialLines } from '../compliance/credential-lines.js';
import type { Guard } from '../guard/guard.js';
import { ApiKeys } from '../identity/api-keys.js';
import { JwtRevocations } from '../identity/jwt-revocations.js';
import { Handles } from '../memory/handles.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import type { WardenParts } from './parts.js';
import { tracesOf } from './traces.js';

/** Wires the acts on credentials. */
export function credentialAdminOf(guard: Guard, parts: WardenParts): CredentialAdmin {
  const { driver, settings } = parts;
  const { values } = driver;
  const { clock } = settings;
  const { apiKeys } = tracesOf(values, clock, handleKeysOf(parts), parts.noteKey);
  return new CredentialAdmin(guard, apiKeys, new JwtRevocations(values, clock), linesOf(parts));
}

/** Wires the lines of credentials. */
export function linesOf(parts: WardenParts): CredentialLines {
  const { driver, settings, keys, cursorKeys } = parts;
  // Lines are compared for as long as there are keys of them: a name that changed would be of nobody's line.
  const handles = new Handles(keys?.instance.cursorKeys('line') ?? cursorKeys);
  return new CredentialLines(new ApiKeys(driver.values, settings.clock), (...of) => handles.nameOf(...of));
}

function handleKeysOf({ keys, cursorKeys }: WardenParts): CursorKeys {
  return keys?.instance.cursorKeys('handle') ?? cursorKeys;
}
