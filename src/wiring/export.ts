import type { ExportContext } from '../compliance/export/context.js';
import { Exports } from '../compliance/export/exports.js';
import type { Guard } from '../guard/guard.js';
import { linesOf } from './credentials.js';
import type { WardenParts } from './parts.js';

/** Wires exports, where there are keys to sign them with; `step` is called between their steps, for tests. */
export function exportsOf(guard: Guard, parts: WardenParts, step?: ExportContext['step']): Exports | undefined {
  const { keys, driver, audit, settings, policies } = parts;
  if (!keys) return undefined;
  const { service } = driver;
  return new Exports({
    guard,
    auditor: audit.auditor,
    instance: keys.instance,
    store: service,
    lines: linesOf(parts),
    clock: settings.clock,
    tenant: driver.tenant,
    policyRevision: () => policies.engine.revision,
    ...(step ? { step } : {}),
  });
}
