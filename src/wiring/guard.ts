import type { Classify, SteppedClassifier } from '../model/classifier.js';
import { Guard } from '../guard/guard.js';
import type { GuardContext } from '../guard/context.js';
import type { WardenParts } from './parts.js';
import { spacesOf } from './spaces.js';
import { whileOpen } from './while-open.js';

/** Wires the guard; once the warden is closed it reaches no memory any more. */
export function guardOf(
  parts: WardenParts,
  classify: Classify | SteppedClassifier | undefined,
  embedding: Pick<GuardContext, 'passages' | 'semantics'>,
  isClosed: () => boolean,
): Guard {
  const { settings, driver, policies, alarms, sealer, audit, cursorKeys, keys } = parts;
  return new Guard({
    tenant: driver.tenant,
    policy: policies.engine,
    shadow: policies.shadow,
    alarms,
    store: whileOpen(driver.planned, isClosed),
    sealer,
    auditor: audit.auditor,
    clock: settings.clock,
    cursorKeys,
    defaultTtlMs: settings.defaultTtlMs,
    raises: driver.raises,
    ...(keys ? { keyEpoch: (partition) => keys.epochOf(partition) } : {}),
    ...(keys ? { spaces: spacesOf(keys, driver) } : {}),
    searchIndexBytes: settings.searchIndexBytes,
    classify,
    classifyTimeoutMs: settings.timeoutMs,
    ...embedding,
  });
}
