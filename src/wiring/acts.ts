import { LONGEST_CACHE_MS } from '../config/keys.js';
import type { Settings } from '../config/options.js';
import { encryptExisting, type EncryptionResult } from '../compliance/encrypt-existing.js';
import type { KeyAdminOptions } from '../compliance/key-admin.js';
import { Eraser } from '../compliance/erase/eraser.js';
import type { EraserOptions } from '../compliance/erase/eraser-options.js';
import { KeyAdmin } from '../compliance/key-admin.js';
import { Rotator } from '../compliance/rotate.js';
import { openKms } from '../crypto/kms/open.js';
import type { Guard } from '../guard/guard.js';
import { keptNames } from '../memory/kept-names.js';
import type { KeyStore } from '../model/key-store.js';
import type { Partition } from '../model/partition.js';
import type { Principal } from '../model/principal.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import type { StoreDriver } from '../store/driver.js';
import type { Keys } from './keys.js';
import type { Ending } from './ending.js';
import type { WardenParts } from './parts.js';
import { tracesOf } from './traces.js';
import { leavingOf } from './spaces.js';

/** How acts on keys are wired, beside what is opened. */
export interface ActOptions {
  readonly guard: Pick<Guard, 'administer'>;
  readonly driver: StoreDriver;
  readonly keys: Keys;
  /** The key store with the rings of all tenants. */
  readonly whole: KeyStore;
  readonly settings: Settings;
  readonly policyRevision: () => string;
  readonly onErased: (partition: Partition) => void;
  readonly trailOf: KeyAdminOptions['trailOf'];
  /** Takes a user who is being erased from shared spaces. */
  readonly leave?: EraserOptions['leave'];
  /** Waits, in milliseconds; what it throws ends the act where it can be gone on with. */
  readonly wait: (ms: number) => Promise<void>;
  /** Called between the steps of erasures and rotations; for tests that stop there. */
  readonly step?: (name: string) => void | Promise<void>;
}

// No process holds an unwrapped key for longer than the longest cache, nor writes with one for longer than a writer's
// lease after the fence; a second for clocks.
const WAIT_MS = LONGEST_CACHE_MS + 1_000;

/** Wires the acts on keys and erasures of a warden; undefined where it has no keys. */
export function keyAdminOf(
  guard: Guard,
  parts: WardenParts,
  trailOf: ActOptions['trailOf'],
  ending: Ending,
): KeyAdmin | undefined {
  const { keys, driver, settings, policies, acts, shared } = parts;
  if (!keys) return undefined;
  keys.onChange((partition) => guard.dropViews(partition));
  const onErased = (partition: Partition) => {
    guard.dropViews(partition);
    keys.pseudonyms.drop(partition);
  };
  const policyRevision = () => policies.engine.revision;
  const leave = leavingOf(keys, driver, settings, parts.alarms);
  const whole = shared?.keys.store ?? keys.store;
  // An act that is under way when the warden is closed ends at its next step.
  const administer: Guard['administer'] = (...args) => ending.during(() => guard.administer(...args));
  const { wait = ending.wait } = acts ?? {};
  const step = async (name: string) => {
    ending.assertGoesOn();
    await acts?.step?.(name);
  };
  const ends = { guard: { administer }, wait, step };
  return keyAdmin({ driver, keys, whole, settings, policyRevision, onErased, trailOf, leave, ...ends });
}

/** Seals rows that a version before encryption wrote in clear, as an act of a principal. */
export function encryptIn(
  guard: Guard,
  { sealer, driver }: WardenParts,
  principal: Principal,
  onProgress?: (rows: number) => void,
): Promise<EncryptionResult> {
  const act = { action: 'administer', subject: 'Key', act: 'encrypt-existing', changes: true } as const;
  const isTenants = driver.tenant !== DEFAULT_TENANT;
  // No version before encryption knew tenants.
  const marks = isTenants ? { bound: () => Promise.resolve('yes') } : driver.service;
  const run = () => encryptExisting(sealer, driver.maintenance, marks, onProgress);
  return guard.administer(principal, act, run);
}

/** Wires the acts on keys and erasures. */
export function keyAdmin({
  guard,
  driver,
  keys,
  whole,
  settings,
  policyRevision,
  onErased,
  trailOf,
  leave,
  wait,
  step,
}: ActOptions): KeyAdmin {
  const { store, kms, rings, instance, ledger } = keys;
  const { maintenance } = driver;
  const shared = {
    store,
    rings,
    maintenance,
    clock: settings.clock,
    waitMs: WAIT_MS,
    wait,
    ...(step ? { step } : {}),
  };
  const { retentionDays } = settings.keys;
  // Whoever carries an erasure through, and before its result is on record: no name of the user is left to record it under.
  const drop = (partition: Partition) => {
    rings.drop(partition);
    onErased(partition);
  };
  const traces = tracesOf(driver.values, settings.clock, keptNames(instance.cursorKeys('name')));
  const { tenant } = driver;
  return new KeyAdmin({
    guard,
    tenant,
    store,
    // Nobody but the deployment wraps anew.
    whole: tenant === DEFAULT_TENANT ? whole : undefined,
    kms,
    instance,
    rotator: new Rotator(shared),
    eraser: new Eraser({
      ...shared,
      rings: { drop },
      instance,
      ledger,
      head: driver.service,
      traces,
      retentionDays,
      ...(leave ? { leave } : {}),
    }),
    policyRevision,
    openKms: (uri) => openKms(uri, { timeoutMs: settings.timeoutMs }),
    rowsLeft: (partition, keyId) => maintenance.countNotUnder(partition, keyId),
    trailOf,
  });
}
