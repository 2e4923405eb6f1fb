import { noAuditor } from './audit/no-auditor.js';
import { toSettings, type Settings, type WardenOptions } from './config/options.js';
import { clearSealer } from './crypto/clear-sealer.js';
import { isMemwardenError, MemwardenError } from './errors/memwarden-error.js';
import { Guard } from './guard/guard.js';
import type { UserPage } from './guard/users.js';
import { Importer } from './memory/import.js';
import { toPage } from './memory/selection.js';
import { purge, repairLapsed, type PurgeResult } from './memory/purge.js';
import { ScopedMemory } from './memory/scoped-memory.js';
import { Alarms, type AlarmName } from './metrics/alarms.js';
import type { CursorKeys } from './model/cursor-keys.js';
import type { Finding } from './model/finding.js';
import type { Principal } from './model/principal.js';
import { PolicyEngine } from './policy/engine.js';
import { loadPolicyFolder } from './policy/load.js';
import type { StoreDriver } from './store/driver.js';
import type { ServiceStore } from './store/service.js';

const BINDINGS = 10_000;

/**
 * Stores memories whose ids were fixed ahead; for the resumable import of the command line. Not a method, so that who
 * has a warden alone cannot choose ids.
 */
export let importerOf: (warden: Warden, principal: Principal) => Importer;

/** Memories of many users, behind their policies. Made by `createWarden`. */
export class Warden {
  readonly #settings: Settings;
  readonly #driver: StoreDriver;
  readonly #policy: PolicyEngine;
  readonly #alarms: Alarms;
  readonly #guard: Guard;
  #closed = false;

  static {
    importerOf = (warden, principal) => new Importer(warden.#guard, principal);
  }

  /** @internal */
  constructor(settings: Settings, driver: StoreDriver, policy: PolicyEngine, alarms: Alarms) {
    this.#settings = settings;
    this.#driver = driver;
    this.#policy = policy;
    this.#alarms = alarms;
    this.#guard = new Guard({
      policy,
      alarms,
      store: whileOpen(driver.planned, () => this.#closed),
      sealer: clearSealer,
      auditor: noAuditor,
      clock: settings.clock,
      cursorKeys: cursorKeys(driver.service),
      defaultTtlMs: settings.defaultTtlMs,
    });
  }

  /**
   * The memories of one user, as one principal may see and change them.
   *
   * @param principal who asks, from a verified credential
   * @param userId whose memories
   * @throws MemwardenError invalid_principal, invalid_owner
   */
  scope(principal: Principal, userId: string): ScopedMemory {
    return new ScopedMemory(this.#guard, this.#guard.access(principal, userId), this.#settings.clock);
  }

  /**
   * A page of the users that memories are kept of, ordered by the bytes of their ids.
   *
   * @throws MemwardenError invalid_principal, invalid_argument, invalid_cursor, forbidden
   */
  async users(
    principal: Principal,
    options?: { readonly limit?: number; readonly cursor?: string },
  ): Promise<UserPage> {
    const { limit, cursor } = toPage(options);
    return this.#guard.users(principal, limit, cursor);
  }

  /** Deletes what has expired, with its history. An operator's act: nobody could read any of it. */
  async purge(onProgress?: (deleted: number) => void): Promise<PurgeResult> {
    return purge(this.#driver.maintenance, this.#settings.clock, onProgress);
  }

  /**
   * Reads the policies again and puts them in force at once; where they do not load, what is in force stays.
   *
   * @returns the revision in force
   * @throws MemwardenError policy_invalid
   */
  async reloadPolicies(): Promise<string> {
    return this.#policy.reload();
  }

  /** SHA-256 of the policies in force. */
  get policyRevision(): string {
    return this.#policy.revision;
  }

  /** Whether everything is in order: false while a failed reload of the policies is being served from the last good set. */
  get ready(): boolean {
    return !this.#closed && !this.#policy.stale;
  }

  /** How often an alarm was raised since the start. */
  alarmCount(name: AlarmName): number {
    return this.#alarms.count(name);
  }

  /** Makes collections, validators and indexes; safe to run again. */
  async migrate(): Promise<void> {
    await this.#driver.migrate();
  }

  /** What is wrong with the store, and what was found right. */
  async diagnose(): Promise<Finding[]> {
    return this.#driver.diagnose();
  }

  /** Closes the store. Calls after it throw `closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#driver.close();
  }
}

/**
 * Makes a warden.
 *
 * @throws MemwardenError config_invalid, policy_invalid, store_unavailable, store_unsafe, store_not_migrated
 */
export async function createWarden(options?: WardenOptions): Promise<Warden> {
  const settings = toSettings(options);
  const alarms = new Alarms(settings.onAlarm);
  const policy = await PolicyEngine.start({
    load: () => loadPolicyFolder(settings.policies),
    clock: settings.clock,
    alarms,
    maxStaleMs: settings.policyMaxStaleMs,
    cacheSize: BINDINGS,
  });
  const driver = await openStore(settings);
  try {
    if (settings.migrate) await driver.migrate();
    await driver.assertMigrated();
    await repairLapsed(driver.maintenance);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return new Warden(settings, driver, policy, alarms);
}

/**
 * What is wrong with policies and store, and what was found right; also where no warden can be made of them.
 *
 * @internal
 */
export async function diagnoseSettings(options?: WardenOptions): Promise<Finding[]> {
  const settings = toSettings(options);
  const findings: Finding[] = [];
  const attempt = async <T>(
    check: string,
    act: () => Promise<T>,
    right: (made: T) => string,
  ): Promise<T | undefined> => {
    try {
      const made = await act();
      findings.push({ check, ok: true, message: right(made) });
      return made;
    } catch (error) {
      if (!isMemwardenError(error)) throw error;
      findings.push({ check, ok: false, message: `${error.code}: ${error.message} ${error.remedy}` });
      return undefined;
    }
  };
  await attempt(
    'policies',
    () => loadPolicyFolder(settings.policies),
    ({ roles, revision }) => `${roles.size} roles, revision ${revision}`,
  );
  const driver = await attempt(
    'store',
    () => openStore(settings),
    ({ kind }) => `${kind}, reached; acknowledged means durable`,
  );
  try {
    if (driver) findings.push(...(await driver.diagnose()));
  } finally {
    await driver?.close();
  }
  return findings;
}

// A driver is loaded when it is used, so that nobody pays for the other.
async function openStore({ store, timeoutMs }: Settings): Promise<StoreDriver> {
  if (store.kind === 'embedded') {
    const { openEmbedded } = await import('./store/embedded/driver.js');
    return openEmbedded({ path: store.path });
  }
  const { openMongo } = await import('./store/mongodb/driver.js');
  return openMongo({ uri: store.uri, timeoutMs });
}

// The key in use changes only by rotation, which old cursors survive by naming theirs.
function cursorKeys(service: ServiceStore): CursorKeys {
  let current: ReturnType<CursorKeys['current']> | undefined;
  return {
    current: () =>
      (current ??= service.currentKey('cursor').catch((error: unknown) => {
        current = undefined;
        throw error;
      })),
    async byId(id) {
      const known = await this.current();
      if (known.id === id) return known;
      const key = await service.keyById(id);
      return key?.purpose === 'cursor' ? key : undefined;
    },
  };
}

function whileOpen<T extends object>(store: T, isClosed: () => boolean): T {
  return new Proxy(store, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (isClosed()) throw new MemwardenError('closed');
      return member;
    },
  });
}
