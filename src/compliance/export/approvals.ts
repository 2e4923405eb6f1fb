import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import { isSigned, signedBytes } from '../../crypto/ledger.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Clock } from '../../model/clock.js';
import type { ExportApproval, ExportRequest } from '../../model/export.js';
import { newId } from '../../model/id.js';
import type { Principal } from '../../model/principal.js';
import { isId } from '../../model/text.js';

/** For how long an approval holds, in milliseconds. */
export const APPROVAL_MS = 86_400_000;

/** Where requests and approvals are kept: a name is bound once, to the value of whoever comes first. */
export interface Bindings {
  bound(name: string, value?: string): Promise<string | undefined>;
}

/** What approvals stand on. */
export interface ApprovalsOptions {
  readonly bindings: Bindings;
  readonly keys: InstanceKeys;
  readonly clock: Clock;
}

/** A request, and the digest of everything that is asked for: an approval serves nothing else. */
interface StoredRequest extends ExportRequest {
  readonly target: string;
}

type Signed = Readonly<Record<string, unknown>>;

/** Requests to export more users than a rule lets one principal export alone, and their approvals; both signed. */
export class Approvals {
  readonly #options: ApprovalsOptions;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** Files a request. @returns its id */
  async request(about: Omit<ExportRequest, 'id' | 'requestedAt'>, target: string): Promise<string> {
    const id = newId();
    const requestedAt = this.#options.clock().toISOString();
    await this.#bind(`export.request.${id}`, { id, requestedAt, ...about, target });
    return id;
  }

  /** A request. @throws MemwardenError not_found */
  async find(id: string): Promise<StoredRequest> {
    const found = isId(id) ? await this.#bound(`export.request.${id}`) : undefined;
    if (!found) throw new MemwardenError('not_found');
    const { signedBy: _, signature: __, ...request } = found;
    return request as unknown as StoredRequest;
  }

  /** Approves a request of another principal. @throws MemwardenError not_found, own_approval */
  async approve(id: string, { id: by, role }: Principal): Promise<ExportApproval> {
    const { principal } = await this.find(id);
    if (principal.id === by) throw new MemwardenError('own_approval');
    const approval: ExportApproval = { id, approvedBy: { id: by, role }, at: this.#options.clock().toISOString() };
    return approvalOf(await this.#bind(`export.approval.${id}`, { ...approval }));
  }

  /** The approval of a request, if it is for this export and principal and holds still. */
  async approved(id: string, { id: asker }: Principal, target: string): Promise<ExportApproval | undefined> {
    const request = await this.#bound(`export.request.${id}`);
    const found = await this.#bound(`export.approval.${id}`);
    if (!request || request['target'] !== target || !found) return undefined;
    const approval = approvalOf(found);
    const age = this.#options.clock().getTime() - new Date(approval.at).getTime();
    if (approval.id !== id || approval.approvedBy.id === asker || !(age >= 0 && age < APPROVAL_MS)) return undefined;
    return approval;
  }

  // Signed, so that who writes to the store past the product approves nothing.
  async #bind(name: string, value: Signed): Promise<Signed> {
    const { bindings, keys } = this.#options;
    const { id: signedBy } = await keys.current('signing');
    const whole = { ...value, signedBy };
    const { signature } = await keys.sign(signedBytes({ ...whole, name }));
    const text = JSON.stringify({ ...whole, signature: signature.toString('base64url') });
    const first = await bindings.bound(name, text);
    return first === undefined || first === text ? whole : ((await this.#bound(name)) ?? whole);
  }

  async #bound(name: string): Promise<Signed | undefined> {
    const { bindings, keys } = this.#options;
    const text = await bindings.bound(name);
    if (text === undefined) return undefined;
    const value = JSON.parse(text) as Signed;
    const jwks = await keys.jwks();
    if (!isSigned({ ...value, name }, jwks.keys)) throw new MemwardenError('unauthentic');
    return value;
  }
}

function approvalOf(value: Signed): ExportApproval {
  const { id, approvedBy, at } = value as unknown as ExportApproval;
  return { id, approvedBy, at };
}
