import { noAuditor } from './audit/no-auditor.js';
import { classifierOf } from './classify/classifier.js';
import type { KeyAdmin } from './compliance/key-admin.js';
import { encryptExisting, type EncryptionResult } from './compliance/encrypt-existing.js';
import { toSettings, type WardenOptions } from './config/options.js';
import { MemwardenError } from './errors/memwarden-error.js';
import { Guard } from './guard/guard.js';
import type { ViewStatistics } from './guard/views.js';
import type { UserPage } from './guard/users.js';
import { Importer } from './memory/import.js';
import type { EmbedOptions, EmbedResult } from './memory/embed.js';
import { toOwnerKey, type ScopeOptions } from './memory/owner-key.js';
import { toPage } from './memory/selection.js';
import { PolicyEffects } from './memory/policy-effect.js';
import { purge, repairLapsed, type PurgeResult } from './memory/purge.js';
import { ScopedMemory } from './memory/scoped-memory.js';
import { Alarms, type AlarmName } from './metrics/alarms.js';
import type { ShadowReport } from './metrics/differences.js';
import type { Finding } from './model/finding.js';
import type { Partition } from './model/partition.js';
import type { Principal } from './model/principal.js';
import { keyAdmin } from './wiring/acts.js';
import { assertFit, openKeys, type Keys } from './wiring/keys.js';
import { Policies } from './wiring/policies.js';
import { openStore } from './wiring/stores.js';
import { Embeds } from './wiring/embedding.js';
import type { WardenParts } from './wiring/parts.js';
import { whileOpen } from './wiring/while-open.js';

/**
 * Stores memories whose ids were fixed ahead; for the resumable import of the command line. Not a method, so that who
 * has a warden alone cannot choose ids.
 */
export let importerOf: (warden: Warden, principal: Principal) => Importer;

/** What the policies of another folder would change in a warden's store; for `policy diff`. */
export let effectsOf: (warden: Warden, folder: string) => Promise<PolicyEffects>;

/** Memories of many users, behind their policies. Made by `createWarden`. */
export class Warden {
  readonly #parts: WardenParts;
  readonly #guard: Guard;
  readonly #keyAdmin: KeyAdmin | undefined;
  readonly #embeds: Embeds;
  #closed = false;

  static {
    importerOf = (warden, principal) => new Importer(warden.#guard, principal);
    effectsOf = (warden, folder) => PolicyEffects.open(warden.#guard, folder);
  }

  /** @internal */
  constructor(parts: WardenParts) {
    this.#parts = parts;
    const { settings, driver, policies, alarms, sealer, auditor, cursorKeys, keys } = parts;
    this.#embeds = new Embeds(parts);
    this.#guard = new Guard({
      policy: policies.engine,
      shadow: policies.shadow,
      alarms,
      store: whileOpen(driver.planned, () => this.#closed),
      sealer,
      auditor,
      clock: settings.clock,
      cursorKeys,
      defaultTtlMs: settings.defaultTtlMs,
      raises: driver.raises,
      ...(keys ? { keyEpoch: (partition) => keys.epochOf(partition) } : {}),
      searchIndexBytes: settings.searchIndexBytes,
      classify: classifierOf(settings.classify),
      classifyTimeoutMs: settings.timeoutMs,
      ...this.#embeds.guardParts,
    });
    const policyRevision = () => policies.engine.revision;
    const onErased = (partition: Partition) => void this.#guard.dropViews(partition);
    keys?.onChange((partition) => this.#guard.dropViews(partition));
    const acts = { guard: this.#guard, driver, settings, policyRevision, onErased, ...parts.acts };
    if (keys) this.#keyAdmin = keyAdmin({ ...acts, keys });
  }

  /**
   * The memories of one user, as one principal may see and change them.
   *
   * @param principal who asks, from a verified credential
   * @param userId whose memories
   * @param options `ownerKey` where the owner's application holds the key; nothing of it is kept beyond each request
   * @throws MemwardenError invalid_principal, invalid_owner, invalid_argument
   */
  scope(principal: Principal, userId: string, options?: ScopeOptions): ScopedMemory {
    const access = this.#guard.access(principal, userId, toOwnerKey(options));
    return new ScopedMemory(this.#guard, access, this.#parts.settings.clock);
  }

  /** Acts on keys, and erasures. */
  get keys(): KeyAdmin {
    if (this.#closed) throw new MemwardenError('closed');
    if (!this.#keyAdmin) throw new MemwardenError('internal');
    return this.#keyAdmin;
  }

  /**
   * Seals rows that a version before encryption wrote in clear. An operator's act; nobody could read any of them.
   *
   * @throws MemwardenError invalid_principal, forbidden
   */
  async encryptExisting(principal: Principal, onProgress?: (rows: number) => void): Promise<EncryptionResult> {
    await this.#guard.assertMay(principal, { action: 'administer', subject: 'Key' });
    const { sealer, driver } = this.#parts;
    return encryptExisting(sealer, driver.maintenance, driver.service, onProgress);
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
    return purge(this.#parts.driver.maintenance, this.#parts.settings.clock, onProgress);
  }

  /** Embeds what has no vector of the configured model; online, and where `signal` ends it the next call goes on. */
  async embed(options?: EmbedOptions): Promise<EmbedResult> {
    if (this.#closed) throw new MemwardenError('closed');
    return this.#embeds.all(options);
  }

  /**
   * Reads the policies again and puts them in force at once; where they do not load, what is in force stays.
   *
   * @returns the revision in force
   * @throws MemwardenError policy_invalid
   */
  async reloadPolicies(): Promise<string> {
    return this.#parts.policies.reload();
  }

  /**
   * Puts the policies in force whenever their files change, and the shadow's likewise, until the warden is closed.
   */
  async watchPolicies(): Promise<void> {
    if (this.#closed) throw new MemwardenError('closed');
    await this.#parts.policies.watch();
  }

  /** Where the shadow's policies decide otherwise than those in force; undefined where there is no shadow. */
  shadowReport(): ShadowReport | undefined {
    return this.#parts.policies.report();
  }

  /** SHA-256 of the policies in force. */
  get policyRevision(): string {
    return this.#parts.policies.engine.revision;
  }

  /** Whether everything is in order: false while a failed reload of the policies is being served from the last good set. */
  get ready(): boolean {
    return !this.#closed && !this.#parts.policies.engine.stale;
  }

  /** How often an alarm was raised since the start. */
  alarmCount(name: AlarmName): number {
    return this.#parts.alarms.count(name);
  }

  /** How the indexes of searches are used: hits, builds, and what is kept now. */
  get searchStatistics(): ViewStatistics {
    return this.#guard.viewStatistics;
  }

  /** Makes collections, validators and indexes; safe to run again. */
  async migrate(): Promise<void> {
    await this.#parts.driver.migrate();
  }

  /** What is wrong with the store, and what was found right. */
  async diagnose(): Promise<Finding[]> {
    return this.#parts.driver.diagnose();
  }

  /** Closes the store. Calls after it throw `closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#guard.dropViews();
    await this.#embeds.close();
    await this.#parts.policies.close();
    await this.#parts.keys?.close();
    await this.#parts.driver.close();
  }
}

/**
 * Makes a warden.
 *
 * @throws MemwardenError config_invalid, policy_invalid, store_unavailable, store_unsafe, store_not_migrated
 */
export async function createWarden(options?: WardenOptions): Promise<Warden> {
  return openWarden(options);
}

/**
 * The same, with another wait between the steps of long acts.
 *
 * @internal
 */
export async function openWarden(options?: WardenOptions, acts: WardenParts['acts'] = {}): Promise<Warden> {
  const settings = toSettings(options);
  const alarms = new Alarms(settings.onAlarm);
  const policies = await Policies.start(settings, alarms);
  const driver = await openStore(settings);
  let keys: Keys | undefined;
  try {
    if (settings.migrate) await driver.migrate();
    await driver.assertMigrated();
    keys = await openKeys(settings.keys, settings);
    await assertFit(keys, driver);
    await repairLapsed(driver.maintenance);
    if (settings.watchPolicies) await policies.watch();
  } catch (error) {
    await policies.close();
    await keys?.close();
    await driver.close();
    throw error;
  }
  const cursorKeys = keys.instance.cursorKeys();
  return new Warden({
    settings,
    driver,
    policies,
    alarms,
    sealer: keys.rings,
    auditor: noAuditor,
    cursorKeys,
    keys,
    acts,
  });
}
