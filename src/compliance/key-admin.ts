import {
  ROTATED_PURPOSES,
  type InstanceKeys,
  type PublicJwk,
  type RotatedPurpose,
} from '../crypto/keys/instance-keys.js';
import type { Guard } from '../guard/guard.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { toOwner } from '../model/owner.js';
import type { KeyStore } from '../model/key-store.js';
import type { Kms } from '../model/kms.js';
import type { Partition } from '../model/partition.js';
import { subjectOf, type Principal } from '../model/principal.js';
import { spaceOwner, toSpaceId } from '../model/space.js';
import type { AuditTrail } from './audit-trail.js';
import type { DisclosureReport, SpaceDisclosureReport } from './disclosures.js';
import type { Eraser } from './erase/eraser.js';
import type { ErasureCertificate } from '../model/erasure.js';
import { keyStatus, type KeyStatus } from './key-status.js';
import { rewrap, type RewrapResult } from './rewrap.js';
import type { RotationProgress, RotationResult, Rotator } from './rotate.js';

const ROTATION = 'rotation';

/** What the acts on keys stand on. */
export interface KeyAdminOptions {
  readonly guard: Pick<Guard, 'administer'>;
  /** Whose keys these are. */
  readonly tenant: string;
  readonly store: KeyStore;
  /** The key store with the rings of all tenants; undefined in one of them. */
  readonly whole: KeyStore | undefined;
  readonly kms: Kms;
  readonly instance: InstanceKeys;
  readonly rotator: Rotator;
  readonly eraser: Eraser;
  readonly policyRevision: () => string;
  /** Opens another key service, to move from it. */
  readonly openKms: (uri: string) => Promise<Kms>;
  /** Rows that are under no key in use, and in clear. */
  readonly rowsLeft: (partition: Partition, keyId: string | undefined) => Promise<number>;
  /** Accounts for disclosures: acts of their own, decided and recorded. */
  readonly trailOf: (principal: Principal) => Pick<AuditTrail, 'report' | 'reportSpace'>;
}

/** Acts on keys and erasures: each is decided by the policies and audited. */
export class KeyAdmin {
  readonly #options: KeyAdminOptions;

  constructor(options: KeyAdminOptions) {
    this.#options = options;
  }

  /**
   * Erases a user: keys, memories, history. It takes over a minute, for no process may hold a key any more; one that
   * was cut off goes on with the same call, or with `resumeErasures`.
   *
   * @param onReport takes the person's last disclosure report, before anything is erased: after it nobody can make one.
   * Where it rejects nothing is erased
   * @returns the signed certificate
   * @throws MemwardenError invalid_principal, invalid_owner, forbidden
   */
  async erase(
    principal: Principal,
    userId: string,
    onReport?: (report: DisclosureReport) => void | Promise<void>,
  ): Promise<ErasureCertificate> {
    const owner = toOwner(userId);
    if (onReport) await onReport(await this.#options.trailOf(principal).report(owner));
    const partition = { tenant: this.#options.tenant, userId: owner };
    const { guard, eraser, policyRevision } = this.#options;
    const act = { action: 'erase', subject: 'User', act: 'erase', owner, changes: true } as const;
    return guard.administer(principal, act, async (who) => {
      // A certificate names keys, never the user, who may be the one that asks (S21).
      const { name, isUser } = subjectOf(who);
      const isSelf = who.id === owner || name === owner;
      // Nor another end user, whose name outlives them in it (S26).
      const id = isSelf ? 'the user' : isUser ? 'another user' : who.id;
      const requester = { id, role: who.role, ...(who.purpose === undefined ? {} : { purpose: who.purpose }) };
      return eraser.erase(partition, { principal: requester, policyRevision: policyRevision() });
    });
  }

  /**
   * Erases a shared space: its keys, memories, history and access list, whoever wrote there. Like every act on a space as
   * a whole it takes `grant` on SharedMemory, and it takes as long as erasing a user.
   *
   * @param onReport takes the last disclosure report of the space, as `erase` hands out that of a person
   * @returns the signed certificate
   * @throws MemwardenError invalid_principal, invalid_argument, forbidden, not_found
   */
  async eraseSpace(
    principal: Principal,
    spaceId: string,
    onReport?: (report: SpaceDisclosureReport) => void | Promise<void>,
  ): Promise<ErasureCertificate> {
    const owner = spaceOwner(toSpaceId(spaceId));
    if (onReport) await onReport(await this.#options.trailOf(principal).reportSpace(spaceId));
    const partition = { tenant: this.#options.tenant, userId: owner };
    const { guard, store, eraser, policyRevision } = this.#options;
    const act = { action: 'grant', subject: 'SharedMemory', act: 'space.erase', owner, changes: true } as const;
    return guard.administer(principal, act, async ({ id, role, purpose }) => {
      if (!(await store.ring(partition))) throw new MemwardenError('not_found');
      const requester = { id, role, ...(purpose === undefined ? {} : { purpose }) };
      return eraser.erase(partition, { principal: requester, policyRevision: policyRevision() });
    });
  }

  /** Goes on with erasures that were cut off. */
  async resumeErasures(
    principal: Principal,
    onCertificate?: (certificate: ErasureCertificate) => void,
  ): Promise<ErasureCertificate[]> {
    return this.#administer(principal, 'erasure.resume', () => this.#options.eraser.resume(onCertificate));
  }

  /** A certificate that was signed before. @throws MemwardenError not_found */
  async certificate(principal: Principal, erasureId: string): Promise<ErasureCertificate> {
    return this.#look(principal, 'certificate', async () => {
      const found = await this.#options.store.document('certificate', erasureId);
      if (!found) throw new MemwardenError('not_found');
      return found.value as unknown as ErasureCertificate;
    });
  }

  /** Puts a new key of one user in use and seals everything anew under it. */
  async rotateUser(principal: Principal, userId: string, onProgress?: RotationProgress): Promise<RotationResult> {
    const owner = toOwner(userId);
    const partition = { tenant: this.#options.tenant, userId: owner };
    const rotate = () => this.#options.rotator.rotate(partition, onProgress);
    return this.#administer(principal, 'keys.rotate', rotate, owner);
  }

  /** The same of every user; one that was cut off goes on with the same call. */
  async rotateAll(principal: Principal, now: Date, onProgress?: RotationProgress): Promise<RotationResult> {
    const { store, rotator } = this.#options;
    return this.#administer(principal, 'keys.rotate.all', async () => {
      const open = await store.document('meta', ROTATION);
      const startedAt = open?.value['startedAt'];
      const before = startedAt instanceof Date ? startedAt : now;
      await store.put('meta', { id: ROTATION, value: { startedAt: before } });
      const result = await rotator.rotateAll(before, onProgress);
      await store.put('meta', { id: ROTATION, value: {} });
      return result;
    });
  }

  /** Wraps every key under the key-encryption key in use; `from` names the key service before it, where it was another. */
  async rewrap(
    principal: Principal,
    from: string | undefined,
    onProgress?: (users: number) => void,
  ): Promise<RewrapResult> {
    const { whole, kms, openKms } = this.#options;
    return this.#administer(principal, 'keys.rewrap', async () => {
      if (!whole) throw new MemwardenError('tenant_shared');
      if (from === undefined) return rewrap(whole, kms, kms, onProgress);
      const before = await openKms(from);
      try {
        return await rewrap(whole, before, kms, onProgress);
      } finally {
        await before.close();
      }
    });
  }

  /** Puts a new instance key in use. @returns its id @throws MemwardenError invalid_argument where it is none that rotates */
  async rotateInstanceKey(principal: Principal, purpose: RotatedPurpose): Promise<string> {
    if (!ROTATED_PURPOSES.includes(purpose)) throw new MemwardenError('invalid_argument', { argument: 'purpose' });
    return this.#administer(principal, `keys.rotate.${purpose}`, () => this.#options.instance.rotate(purpose));
  }

  /** How many keys there are, of which versions, and how much is left to seal anew. */
  async status(principal: Principal, onProgress?: (users: number) => void): Promise<KeyStatus> {
    const { store, kms, rowsLeft } = this.#options;
    return this.#look(principal, 'keys.status', () => keyStatus(store, kms, rowsLeft, onProgress));
  }

  /** The public keys that certificates and ledgers are checked with (a JWKS, RFC 7517). They are no secret. */
  publicKeys(): Promise<{ readonly keys: readonly PublicJwk[] }> {
    return this.#options.instance.jwks();
  }

  #look<T>(principal: Principal, act: string, run: () => Promise<T>): Promise<T> {
    return this.#options.guard.administer(principal, { action: 'list', subject: 'Key', act, changes: false }, run);
  }

  #administer<T>(principal: Principal, act: string, run: () => Promise<T>, owner?: string): Promise<T> {
    const about = owner === undefined ? {} : { owner };
    const decided = { action: 'administer', subject: 'Key', act, changes: true, ...about } as const;
    return this.#options.guard.administer(principal, decided, run);
  }
}
