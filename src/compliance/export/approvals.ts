import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import { isSigned, signedBytes } from '../../crypto/ledger.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Clock } from '../../model/clock.js';
import type { ExportApproval, ExportRequest } from '../../model/export.js';
import type { Principal } from '../../model/principal.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import { newNoteId, noteName, openNote, sealNote, type NoteKind } from '../sealed-note.js';

type Asking = Extract<NoteKind, 'request' | 'approval'>;

const DAY = 86_400_000;
/** For how long each is kept, in milliseconds; so long an approval holds. */
const KEPT_MS: Readonly<Record<Asking, number>> = { request: 7 * DAY, approval: DAY };
const ALL = 'export.';

// Tenants that share a store share the key that signs. What the deployment signed before there were tenants stays good.
function ofTenant(tenant: string): { readonly tenant?: string } {
  return tenant === DEFAULT_TENANT ? {} : { tenant };
}

/** Where requests and approvals are kept: a name is bound once, to the value of whoever comes first. */
export interface Bindings {
  bound(name: string, value?: string, until?: Date): Promise<string | undefined>;
  /** Takes away what was bound until a time, under the names that begin so. */
  unbind(family: string, time: Date): Promise<number>;
}

/** The line that a principal's credential is of: those of one line may be in one hand. */
export interface Lines {
  of(principal: Principal): Promise<string>;
}

/** What approvals stand on. */
export interface ApprovalsOptions {
  readonly bindings: Bindings;
  readonly keys: InstanceKeys;
  readonly clock: Clock;
  readonly lines: Lines;
  /** Whose requests these are. */
  readonly tenant: string;
}

/** A request, and the digest of everything that is asked for: an approval serves nothing else. */
interface StoredRequest extends ExportRequest {
  readonly target: string;
  readonly line: string;
}

/** What is stored: it names nobody to who has not the id, which is not stored. */
interface Stored {
  readonly sealed: string;
  /** ISO 8601. */
  readonly until: string;
  readonly signedBy: string;
  readonly signature: string;
}

/**
 * Requests to export more users than a rule lets one principal export alone, and their approvals. Both name people, and
 * queries do: they are sealed under their id, which the principals hand to one another and nothing here keeps, so that
 * neither needs to be found when a user is erased; and they are taken away when they expire.
 */
export class Approvals {
  readonly #options: ApprovalsOptions;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** Files a request. @returns its id */
  async request(about: Omit<ExportRequest, 'id' | 'requestedAt'>, asker: Principal, target: string): Promise<string> {
    const id = newNoteId();
    const requestedAt = this.#options.clock().toISOString();
    const line = await this.#options.lines.of(asker);
    await this.#bind('request', id, { id, requestedAt, ...about, target, line });
    return id;
  }

  /** A request. @throws MemwardenError not_found */
  async find(id: string): Promise<StoredRequest> {
    const found = (await this.#bound('request', id)) as StoredRequest | undefined;
    if (!found) throw new MemwardenError('not_found');
    return found;
  }

  /** Approves a request of another principal. @throws MemwardenError not_found, own_approval */
  async approve(id: string, approver: Principal): Promise<ExportApproval> {
    const { id: by, role } = approver;
    const { principal, line } = await this.find(id);
    if (principal.id === by || line === (await this.#options.lines.of(approver)))
      throw new MemwardenError('own_approval');
    const approval: ExportApproval = { id, approvedBy: { id: by, role }, at: this.#options.clock().toISOString() };
    await this.#bind('approval', id, approval);
    // Of two that approve at once the first counts.
    return ((await this.#bound('approval', id)) as ExportApproval | undefined) ?? approval;
  }

  /** The approval of a request, if it is for this export and principal and holds still. */
  async approved(id: string, { id: asker }: Principal, target: string): Promise<ExportApproval | undefined> {
    const request = (await this.#bound('request', id)) as StoredRequest | undefined;
    const approval = (await this.#bound('approval', id)) as ExportApproval | undefined;
    if (request?.target !== target || !approval) return undefined;
    const age = this.#options.clock().getTime() - new Date(approval.at).getTime();
    return approval.approvedBy.id !== asker && age >= 0 ? approval : undefined;
  }

  /** Takes away what has expired. */
  async expire(): Promise<void> {
    await this.#options.bindings.unbind(ALL, this.#options.clock());
  }

  // Signed, so that who writes to the store past the product approves nothing.
  async #bind(kind: Asking, id: string, note: object): Promise<void> {
    const { bindings, keys, clock, tenant } = this.#options;
    await this.expire();
    const name = noteName(kind, id);
    const until = new Date(clock().getTime() + KEPT_MS[kind]);
    const { id: signedBy } = await keys.current('signing');
    const whole = { sealed: sealNote(kind, id, note), until: until.toISOString(), signedBy };
    const { signature } = await keys.sign(signedBytes({ ...whole, name, ...ofTenant(tenant) }));
    const stored: Stored = { ...whole, signature: signature.toString('base64url') };
    await bindings.bound(name, JSON.stringify(stored), until);
  }

  async #bound(kind: Asking, id: string): Promise<unknown> {
    const { bindings, keys, clock, tenant } = this.#options;
    await this.expire();
    const name = noteName(kind, id);
    const text = await bindings.bound(name);
    if (text === undefined) return undefined;
    const { sealed, until, ...signed } = JSON.parse(text) as Stored;
    const { keys: known } = await keys.jwks();
    if (!isSigned({ ...signed, sealed, until, name, ...ofTenant(tenant) }, known))
      throw new MemwardenError('unauthentic');
    return new Date(until) > clock() ? openNote(kind, id, sealed) : undefined;
  }
}
