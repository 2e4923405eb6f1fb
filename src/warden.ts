import { classifierOf } from './classify/classifier.js';
import { AuditTrail } from './compliance/audit-trail.js';
import type { CredentialAdmin } from './compliance/credential-admin.js';
import type { KeyAdmin } from './compliance/key-admin.js';
import type { Exports } from './compliance/export/exports.js';
import type { EncryptionResult } from './compliance/encrypt-existing.js';
import { toSettings, type WardenOptions } from './config/options.js';
import { MemwardenError } from './errors/memwarden-error.js';
import type { Guard } from './guard/guard.js';
import type { SpacePage } from './guard/space-pages.js';
import type { ViewStatistics } from './guard/views.js';
import type { UserPage } from './guard/users.js';
import type { EmbedOptions, EmbedResult } from './memory/embed.js';
import type { ForEachUserOptions, ForEachUserResult, UserAct } from './memory/each-user/options.js';
import { toExport, type ExportOptions } from './memory/exporting.js';
import { toOwnerKey, type ScopeOptions } from './memory/owner-key.js';
import { toPage, type PageOptions } from './memory/selection.js';
import { repairLapsed, type PurgeResult } from './memory/purge.js';
import { ScopedMemory } from './memory/scoped-memory.js';
import { SharedSpace } from './memory/shared-space.js';
import type { AlarmName } from './metrics/alarms.js';
import type { AuditCounters } from './metrics/audit-metrics.js';
import type { ShadowReport } from './metrics/differences.js';
import type { ExportResult } from './model/export.js';
import type { Finding } from './model/finding.js';
import { toPrincipal, type Principal } from './model/principal.js';
import { encryptIn, keyAdminOf } from './wiring/acts.js';
import { Ending } from './wiring/ending.js';
import { credentialAdminOf } from './wiring/credentials.js';
import { eachUserOf } from './wiring/each-user.js';
import { Embeds } from './wiring/embedding.js';
import { exportsOf } from './wiring/export.js';
import { guardOf } from './wiring/guard.js';
import { Operations } from './wiring/operations.js';
import { openParts, type WardenParts } from './wiring/parts.js';

/** What a warden is made of; not a method, so that who has a warden alone cannot reach it. For `internals`. */
export let insideOf: (warden: Warden) => WardenInside;

/** What a warden is made of. */
export interface WardenInside {
  readonly guard: Guard;
  readonly parts: WardenParts;
  readonly exports: Exports | undefined;
}

/** Memories of many users, behind their policies. Made by `createWarden`. */
export class Warden {
  readonly #parts: WardenParts;
  readonly #guard: Guard;
  readonly #keyAdmin: KeyAdmin | undefined;
  readonly #operations: Operations;
  readonly #embeds: Embeds;
  readonly #exports: Exports | undefined;
  /** API keys of the doors. */
  readonly credentials: CredentialAdmin;
  readonly #ending = new Ending();
  static {
    insideOf = (warden) => ({ guard: warden.#guard, parts: warden.#parts, exports: warden.#exports });
  }

  /** @internal */
  constructor(parts: WardenParts) {
    this.#parts = parts;
    this.#embeds = new Embeds(parts);
    const classify = classifierOf(parts.settings.classify);
    this.#guard = guardOf(parts, classify, this.#embeds.guardParts, () => this.#ending.isOver);
    this.#exports = exportsOf(this.#guard, parts, parts.acts?.step);
    this.#operations = new Operations(parts, this.#embeds, this.#exports);
    this.credentials = credentialAdminOf(this.#guard, parts);
    this.#keyAdmin = keyAdminOf(this.#guard, parts, (principal) => this.audit(principal), this.#ending);
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

  /** The memories of a shared space, as one principal may see and change them. @throws MemwardenError invalid_principal, invalid_argument */
  space(principal: Principal, spaceId: string): SharedSpace {
    return new SharedSpace(this.#guard, this.#guard.space(principal, spaceId), this.#parts.settings.clock);
  }

  /** A page of the spaces that a principal reads; of all of them, for who may grant. @throws MemwardenError invalid_principal, forbidden */
  async spaces(principal: Principal, options?: PageOptions): Promise<SpacePage> {
    const { limit, cursor } = toPage(options);
    return this.#guard.spaces(principal, limit, cursor);
  }

  /** Acts on keys, and erasures. */
  get keys(): KeyAdmin {
    return this.#open(this.#keyAdmin);
  }

  /** Seals rows that a version before encryption wrote in clear: nobody could read them. @throws MemwardenError forbidden */
  async encryptExisting(principal: Principal, onProgress?: (rows: number) => void): Promise<EncryptionResult> {
    return encryptIn(this.#guard, this.#parts, principal, onProgress);
  }

  /** A page of the users that memories are kept of, by the bytes of their ids. @throws MemwardenError invalid_cursor, forbidden */
  async users(principal: Principal, options?: PageOptions): Promise<UserPage> {
    const { limit, cursor } = toPage(options);
    return this.#guard.users(principal, limit, cursor);
  }

  /**
   * Does something to each user that a principal may list; under a job's name it goes on where it was cut off.
   * @throws MemwardenError invalid_principal, invalid_argument, forbidden, job_taken, closed, store_*, audit_*
   */
  async forEachUser(principal: Principal, options: ForEachUserOptions, act: UserAct): Promise<ForEachUserResult> {
    const run = (userId: string) => act(this.scope(principal, userId), userId);
    return eachUserOf(this.#open(this.#guard), this.#parts, principal, options, run);
  }

  /**
   * Exports what a principal may read and export of some users, or of all, into a file with a signed manifest beside it.
   * The same call goes on with what was cut off, without duplicates or gaps.
   *
   * @throws MemwardenError invalid_principal, invalid_owner, invalid_argument, forbidden, export_unsettled,
   *   approval_required where the policy asks for the approval of another principal
   */
  async export(principal: Principal, options: ExportOptions): Promise<ExportResult> {
    return this.#open(this.#exports).run(toPrincipal(principal), toExport(options));
  }

  /** Requests to export more users than a rule lets one principal export alone, and their approvals. */
  get exportApprovals(): Pick<Exports, 'request' | 'approve'> {
    return this.#open(this.#exports);
  }

  /** Deletes what has expired, with its history. An operator's act: nobody could read any of it. */
  async purge(onProgress?: (deleted: number) => void): Promise<PurgeResult> {
    return this.#operations.purge(onProgress);
  }

  /** Embeds what has no vector of the configured model; online, and where `signal` ends it the next call goes on. */
  async embed(options?: EmbedOptions): Promise<EmbedResult> {
    return this.#open(this.#operations).embed(options);
  }

  /**
   * Reads the policies again and puts them in force at once; where they do not load, what is in force stays.
   *
   * @returns the revision in force
   * @throws MemwardenError policy_invalid
   */
  async reloadPolicies(): Promise<string> {
    return this.#operations.reloadPolicies();
  }

  /**
   * Puts the policies in force whenever their files change, and the shadow's likewise, until the warden is closed. Each
   * time is an act on record; while none can be, what is in force stays, and it is tried again.
   */
  async watchPolicies(): Promise<void> {
    await this.#open(this.#operations).watchPolicies();
  }

  /** Where the shadow's policies decide otherwise than those in force; undefined where there is no shadow. */
  shadowReport(): ShadowReport | undefined {
    return this.#parts.policies.report();
  }

  /** The audit log, as one principal may look at it (action audit on AuditRecord). @throws MemwardenError invalid_principal */
  audit(principal: Principal): AuditTrail {
    return new AuditTrail(this.#guard, this.#parts.audit, toPrincipal(principal));
  }

  /** Counters of decisions, denials by rule, alarms, and how far the audit log is behind. */
  get auditCounters(): AuditCounters & { readonly alarms: Readonly<Partial<Record<AlarmName, number>>> } {
    return { ...this.#parts.audit.counters(), alarms: this.#parts.alarms.snapshot() };
  }

  /** SHA-256 of the policies in force. */
  get policyRevision(): string {
    return this.#parts.policies.engine.revision;
  }

  /** Whether everything is in order: false while a failed reload of the policies is being served from the last good set. */
  get ready(): boolean {
    return !this.#ending.isOver && !this.#parts.policies.engine.stale;
  }

  /** How often an alarm was raised since the start. */
  readonly alarmCount = (name: AlarmName): number => this.#parts.alarms.count(name);

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

  #open<T>(part: T | undefined): T {
    if (this.#ending.isOver || part === undefined) throw new MemwardenError('closed');
    return part;
  }

  /** Closes the store. Calls after it throw `closed`. */
  async close(): Promise<void> {
    if (!(await this.#ending.come())) return;
    this.#guard.dropViews();
    await this.#embeds.close();
    await this.#parts.close();
  }
}

/**
 * Makes a warden.
 *
 * @throws MemwardenError config_invalid, policy_invalid, store_unavailable, store_unsafe, store_not_migrated
 */
export const createWarden = (options?: WardenOptions): Promise<Warden> => openWarden(options);

/**
 * The same, with another wait between the steps of long acts.
 *
 * @internal
 */
export async function openWarden(
  options?: WardenOptions,
  acts: WardenParts['acts'] = {},
  own: Pick<WardenParts, 'tenant' | 'noteKey'> = {},
): Promise<Warden> {
  const settings = toSettings(options);
  const warden = new Warden({ ...(await openParts(settings, repairLapsed)), acts, ...own });
  try {
    if (settings.watchPolicies) await warden.watchPolicies();
    return warden;
  } catch (error) {
    await warden.close();
    throw error;
  }
}
