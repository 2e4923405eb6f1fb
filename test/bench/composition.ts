import { noAuditor } from '../support/no-auditor.js';
import { clearSealer } from '../support/clear-sealer.js';
import type { GuardContext } from '../../src/guard/context.js';
import { Guard } from '../../src/guard/guard.js';
import { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { Alarms } from '../../src/metrics/alarms.js';
import type { Auditor } from '../../src/model/auditor.js';
import { systemClock } from '../../src/model/clock.js';
import type { Principal } from '../../src/model/principal.js';
import type { Sealer } from '../../src/model/sealer.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { loadPolicyFolder } from '../../src/policy/load.js';
import type { StoreDriver } from '../../src/store/driver.js';
import { openEmbedded } from '../../src/store/embedded/driver.js';
import { openMongo } from '../../src/store/mongodb/driver.js';
import { POLICIES } from './project.js';

/** What a composition may switch on. */
export interface Parts extends Pick<GuardContext, 'passages' | 'semantics' | 'searchIndexBytes'> {
  readonly sealer: Sealer;
  readonly auditor: Auditor;
}

/** Neither encryption nor audit: what the figures of part 1 are defined on. */
export const BARE: Parts = { sealer: clearSealer, auditor: noAuditor };

export type StorePlace =
  { readonly kind: 'mongodb'; readonly uri: string } | { readonly kind: 'embedded'; readonly path: string };

/** A guard on a store, put together as the composition root does it, with parts of one's choice. Not exported. */
export interface Composition {
  readonly driver: StoreDriver;
  readonly guard: Guard;
  readonly alarms: Alarms;
  scope(principal: Principal, userId: string): ScopedMemory;
  close(): Promise<void>;
}

export async function compose(place: StorePlace, parts: Parts = BARE): Promise<Composition> {
  const alarms = new Alarms();
  const policy = await PolicyEngine.start({
    load: () => loadPolicyFolder(POLICIES),
    clock: systemClock,
    alarms,
    maxStaleMs: 300_000,
    cacheSize: 10_000,
  });
  const driver =
    place.kind === 'embedded'
      ? await openEmbedded({ path: place.path })
      : await openMongo({ uri: place.uri, timeoutMs: 5_000 });
  await driver.migrate();
  const current = driver.service.currentKey('cursor');
  const guard = new Guard({
    ...parts,
    policy,
    alarms,
    tenant: driver.tenant,
    store: driver.planned,
    clock: systemClock,
    cursorKeys: { current: () => current, byId: (id) => driver.service.keyById(id) },
    defaultTtlMs: {},
  });
  return {
    driver,
    guard,
    alarms,
    scope: (principal, userId) => new ScopedMemory(guard, guard.access(principal, userId), systemClock),
    close: () => driver.close(),
  };
}
