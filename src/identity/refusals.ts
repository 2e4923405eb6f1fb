import { LRUCache } from 'lru-cache';
import { atMost } from '../model/at-most.js';
import type { AuditEntry, Auditor, Origin } from '../model/auditor.js';
import type { Clock } from '../model/clock.js';
import type { Principal } from '../model/principal.js';

/** A request that its credential does not cover. */
export interface Overreach {
  /** Who asked, on nobody's behalf. */
  readonly principal: Principal;
  readonly act: 'on_behalf_of' | 'purpose';
  /** The user that was named. */
  readonly owner?: string;
}

/** How many requests were refused before any policy was asked, since the start. */
export interface RefusalCounters {
  readonly unauthenticated: number;
  /** Named a user or a purpose outside of the grant. */
  readonly outsideGrant: number;
}

const NOBODY: Principal = Object.freeze({ id: 'anonymous', role: 'anonymous' });
const MINUTE_MS = 60_000;
const RECORDED_A_MINUTE = 60;
const CREDENTIALS_KEPT = 10_000;

/** Says of what comes again and again which is a record of its own, and how many each of these stands for. */
class Bound {
  #from = Number.NEGATIVE_INFINITY;
  #recorded = 0;
  #untold = 0;

  /** @returns how many since the last record, with this one; undefined where this one is to be counted alone */
  next(now: number, most: number): number | undefined {
    this.#untold += 1;
    if (now - this.#from >= MINUTE_MS || now < this.#from) [this.#from, this.#recorded] = [now, 0];
    if (this.#recorded >= most) return undefined;
    this.#recorded += 1;
    const count = this.#untold;
    this.#untold = 0;
    return count;
  }
}

/** Has refusals on record that no policy decided. */
export class Refusals {
  readonly #auditor: Auditor;
  readonly #revision: () => string;
  readonly #clock: Clock;
  readonly #most: number;
  #unauthenticated = 0;
  #outsideGrant = 0;
  readonly #strangers = new Bound();
  readonly #holders = new LRUCache<string, Bound>(atMost(CREDENTIALS_KEPT));

  /**
   * @param most how many refused authentications, and of each credential how many requests outside of its grant, are
   *   records of their own in a minute; the others are counted in the next
   */
  constructor(auditor: Auditor, revision: () => string, clock: Clock, most = RECORDED_A_MINUTE) {
    this.#auditor = auditor;
    this.#revision = revision;
    this.#clock = clock;
    this.#most = most;
  }

  get counters(): RefusalCounters {
    return { unauthenticated: this.#unauthenticated, outsideGrant: this.#outsideGrant };
  }

  /**
   * A request without a valid credential. A flood of them does not fill the log: what is beyond the bound of a minute is
   * in the count of the next record.
   *
   * @throws MemwardenError audit_unavailable, audit_timeout
   */
  async unauthenticated(origin: Origin): Promise<void> {
    this.#unauthenticated += 1;
    const count = this.#strangers.next(this.#clock().getTime(), this.#most);
    if (count === undefined) return;
    await this.#record({ principal: NOBODY, owner: undefined, act: 'authenticate', count, origin });
  }

  /**
   * A request that names a user or a purpose outside of its grant; bounded as those without a credential are, for each
   * credential apart.
   *
   * @throws MemwardenError audit_unavailable, audit_timeout
   */
  async outsideGrant({ principal, act, owner }: Overreach): Promise<void> {
    this.#outsideGrant += 1;
    const holder = this.#holders.get(principal.id) ?? new Bound();
    this.#holders.set(principal.id, holder);
    const count = holder.next(this.#clock().getTime(), this.#most);
    if (count === undefined) return;
    await this.#record({ principal, owner, act, ...(count === 1 ? {} : { count }) });
  }

  async #record(entry: Pick<AuditEntry, 'principal' | 'owner' | 'act' | 'count' | 'origin'>): Promise<void> {
    const refused = { action: 'read', subject: 'Memory', phase: 'read', outcome: 'denied', ids: [] } as const;
    await this.#auditor.record({ ...entry, ...refused, revision: this.#revision() });
  }
}
