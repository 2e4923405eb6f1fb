import { MemwardenError } from '../errors/memwarden-error.js';
import type { Guard } from '../guard/guard.js';
import type { AuditKeeper } from '../model/audit-keeper.js';
import type { AuditRecord } from '../model/audit-record.js';
import type { VerifyOptions, VerifyReport } from '../model/audit-report.js';
import type { Outcome } from '../model/auditor.js';
import { toOwner } from '../model/owner.js';
import type { Principal } from '../model/principal.js';
import { disclosuresOf, type DisclosureReport, type SpaceDisclosureReport } from './disclosures.js';

/** Which records to look for; everything where nothing is given. */
export interface AuditSelection {
  /** As owner or as principal. */
  readonly user?: string;
  /** The id of a principal. */
  readonly principal?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly outcome?: Outcome | 'unknown';
  /** The newest so many, 1 to 100,000; 1,000 where none is given. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 100_000;

/**
 * The audit log, as one principal may look at it. Every method asks the policy for the action `audit` on `AuditRecord`
 * (of a space `grant` does as well), is itself recorded before it releases anything, and may throw `forbidden`, `audit_unavailable`, `audit_timeout` and
 * the `store_*` errors, beside those that it names.
 */
export class AuditTrail {
  readonly #guard: Guard;
  readonly #keeper: AuditKeeper;
  readonly #principal: Principal;

  /** Made by `warden.audit()`. */
  constructor(guard: Guard, keeper: AuditKeeper, principal: Principal) {
    this.#guard = guard;
    this.#keeper = keeper;
    this.#principal = principal;
    Object.freeze(this);
  }

  /**
   * The newest records of a selection, oldest first. Of a user who has no pseudonym key (who was erased, or never had a
   * memory) nothing can be found.
   *
   * @throws MemwardenError invalid_owner, invalid_argument
   */
  async query(selection: AuditSelection = {}): Promise<AuditRecord[]> {
    const { user, principal, limit = DEFAULT_LIMIT, ...rest } = selection;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
      throw new MemwardenError('invalid_argument', { argument: 'limit' });
    const owner = user === undefined ? undefined : toOwner(user);
    return this.#look('query', owner, false, async () => {
      const pseudonym = owner === undefined ? undefined : await this.#keeper.pseudonymsOf(owner);
      if (owner !== undefined && pseudonym === undefined) return [];
      const self = principal === undefined ? undefined : await this.#keeper.pseudonymsOf(principal);
      return this.#keeper.newest({
        ...rest,
        limit,
        ...(pseudonym === undefined ? {} : { user: pseudonym }),
        ...(principal === undefined ? {} : { principal: self === undefined ? [principal] : [principal, self] }),
      });
    });
  }

  /**
   * Accounting of disclosures (HIPAA 164.528, GDPR 15): every release of a user's memories, with date, recipient, purpose,
   * kinds and number.
   *
   * @throws MemwardenError invalid_owner
   */
  async report(
    userId: string,
    period: { readonly since?: Date; readonly until?: Date } = {},
  ): Promise<DisclosureReport> {
    const owner = toOwner(userId);
    return this.#look('report', owner, false, async () => {
      const pseudonym = await this.#keeper.pseudonymsOf(owner);
      const records = pseudonym === undefined ? [] : this.#keeper.records({ ...period, user: pseudonym });
      return disclosuresOf({ userId: owner }, pseudonym, records, period);
    });
  }

  /**
   * The same of a shared space: every release of what is in it, whoever wrote that and whoever got it. It is for who may
   * `grant` on SharedMemory, and for who may look at the log; who may not grant is told nothing of a space whose list does
   * not let it read: `known` is false, as where there is no such space.
   *
   * @throws MemwardenError invalid_argument
   */
  async reportSpace(
    spaceId: string,
    period: { readonly since?: Date; readonly until?: Date } = {},
  ): Promise<SpaceDisclosureReport> {
    const access = this.#guard.space(this.#principal, spaceId);
    return this.#guard.accountOfSpace(access, async (isTold) => {
      const pseudonym = isTold ? await this.#keeper.pseudonymsOf(access.userId) : undefined;
      const records = pseudonym === undefined ? [] : this.#keeper.records({ ...period, user: pseudonym });
      return disclosuresOf({ space: spaceId }, pseudonym, records, period);
    });
  }

  /**
   * Verifies the log, or a folder of its lines (`files`).
   *
   * @throws MemwardenError audit_checkpoint_invalid
   */
  async verify(options: VerifyOptions & { readonly files?: string } = {}): Promise<VerifyReport> {
    return this.#look('verify', undefined, false, () => this.#keeper.verify(options));
  }

  /** Makes a checkpoint and keeps it in the folder of the configuration. @returns the path of the file */
  async checkpoint(): Promise<string> {
    return this.#look('checkpoint', undefined, false, () => this.#keeper.checkpoint());
  }

  /** Writes every line of the log into a folder, for a verifier of one's own. @returns the number of groups */
  async dump(folder: string): Promise<number> {
    return this.#look('dump', undefined, false, () => this.#keeper.dump(folder));
  }

  /**
   * Takes away whole streams that ended before a time; a signed summary of each stays, so that the rest verifies.
   * Checkpoints are made before and after.
   */
  async prune(before: Date): Promise<{ readonly streams: number; readonly records: number }> {
    if (!(before instanceof Date) || Number.isNaN(before.getTime()))
      throw new MemwardenError('invalid_argument', { argument: 'before' });
    return this.#look('prune', undefined, true, async () => {
      await this.#keeper.checkpoint();
      const pruned = await this.#keeper.prune(before);
      await this.#keeper.checkpoint();
      return pruned;
    });
  }

  /** Puts on record that it looks at the counters of a process, which tell of denials by rule; `warden.auditCounters`. */
  async metrics(): Promise<void> {
    return this.#look('metrics', undefined, false, () => Promise.resolve());
  }

  #look<T>(act: string, owner: string | undefined, changes: boolean, run: () => Promise<T>): Promise<T> {
    const about = owner === undefined ? {} : { owner };
    const look = { action: 'audit', subject: 'AuditRecord', act, changes, ...about } as const;
    return this.#guard.administer(this.#principal, look, run);
  }
}
