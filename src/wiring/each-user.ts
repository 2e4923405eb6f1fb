import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard } from '../guard/guard.js';
import { forEachUser } from '../memory/each-user/for-each-user.js';
import { toForEach, type ForEachUserOptions, type ForEachUserResult } from '../memory/each-user/options.js';
import type { Time } from '../memory/each-user/pacer.js';
import { toPrincipal, type Principal } from '../model/principal.js';
import type { WardenParts } from './parts.js';

// What the system's clock says does not matter here: it may be set.
const TIME: Time = {
  now: () => performance.now(),
  wait: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};

/** Wires acts over many users. */
export async function eachUserOf(
  guard: Guard,
  { audit, driver, settings, policies }: WardenParts,
  principal: Principal,
  options: ForEachUserOptions,
  act: (userId: string) => Promise<unknown>,
): Promise<ForEachUserResult> {
  const context = {
    guard,
    auditor: audit.auditor,
    values: driver.values,
    clock: settings.clock,
    time: TIME,
    pseudonymOf: (userId: string) => audit.pseudonymsOf(userId),
    policyRevision: () => policies.engine.revision,
  };
  return forEachUser(context, toPrincipal(principal), toForEach(options), act);
}
