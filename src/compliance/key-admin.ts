import type { InstanceKeys, InstancePurpose, PublicJwk } from '../crypto/keys/instance-keys.js';
import type { Guard } from '../guard/guard.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { toOwner } from '../model/owner.js';
import type { KeyStore } from '../model/key-store.js';
import type { Kms } from '../model/kms.js';
import type { Partition } from '../model/partition.js';
import type { Principal } from '../model/principal.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import type { Eraser } from './erase/eraser.js';
import type { ErasureCertificate } from '../model/erasure.js';
import { keyStatus, type KeyStatus } from './key-status.js';
import { rewrap, type RewrapResult } from './rewrap.js';
import type { RotationProgress, RotationResult, Rotator } from './rotate.js';

const ROTATION = 'rotation';

/** What the acts on keys stand on. */
export interface KeyAdminOptions {
  readonly guard: Guard;
  readonly store: KeyStore;
  readonly kms: Kms;
  readonly instance: InstanceKeys;
  readonly rotator: Rotator;
  readonly eraser: Eraser;
  readonly policyRevision: () => string;
  /** Opens another key service, to move from it. */
  readonly openKms: (uri: string) => Promise<Kms>;
  /** Rows that are under no key in use, and in clear. */
  readonly rowsLeft: (partition: Partition, keyId: string | undefined) => Promise<number>;
  readonly onErased: (partition: Partition) => void;
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
   * @returns the signed certificate
   * @throws MemwardenError invalid_principal, invalid_owner, forbidden
   */
  async erase(principal: Principal, userId: string): Promise<ErasureCertificate> {
    const owner = toOwner(userId);
    const who = await this.#options.guard.assertMay(principal, { action: 'erase', subject: 'User', owner });
    const partition = { tenant: DEFAULT_TENANT, userId: owner };
    const requester = { id: who.id, role: who.role, ...(who.purpose === undefined ? {} : { purpose: who.purpose }) };
    const order = { principal: requester, policyRevision: this.#options.policyRevision() };
    const certificate = await this.#options.eraser.erase(partition, order);
    this.#options.onErased(partition);
    return certificate;
  }

  /** Goes on with erasures that were cut off. */
  async resumeErasures(
    principal: Principal,
    onCertificate?: (certificate: ErasureCertificate) => void,
  ): Promise<ErasureCertificate[]> {
    await this.#administer(principal);
    return this.#options.eraser.resume(onCertificate);
  }

  /** A certificate that was signed before. @throws MemwardenError not_found */
  async certificate(principal: Principal, erasureId: string): Promise<ErasureCertificate> {
    await this.#options.guard.assertMay(principal, { action: 'list', subject: 'Key' });
    const found = await this.#options.store.document('certificate', erasureId);
    if (!found) throw new MemwardenError('not_found');
    return found.value as unknown as ErasureCertificate;
  }

  /** Puts a new key of one user in use and seals everything anew under it. */
  async rotateUser(principal: Principal, userId: string, onProgress?: RotationProgress): Promise<RotationResult> {
    const owner = toOwner(userId);
    await this.#administer(principal);
    return this.#options.rotator.rotate({ tenant: DEFAULT_TENANT, userId: owner }, onProgress);
  }

  /** The same of every user; one that was cut off goes on with the same call. */
  async rotateAll(principal: Principal, now: Date, onProgress?: RotationProgress): Promise<RotationResult> {
    await this.#administer(principal);
    const { store, rotator } = this.#options;
    const open = await store.document('meta', ROTATION);
    const startedAt = open?.value['startedAt'];
    const before = startedAt instanceof Date ? startedAt : now;
    await store.put('meta', { id: ROTATION, value: { startedAt: before } });
    const result = await rotator.rotateAll(before, onProgress);
    await store.put('meta', { id: ROTATION, value: {} });
    return result;
  }

  /** Wraps every key under the key-encryption key in use; `from` names the key service before it, where it was another. */
  async rewrap(
    principal: Principal,
    from: string | undefined,
    onProgress?: (users: number) => void,
  ): Promise<RewrapResult> {
    await this.#administer(principal);
    const { store, kms, openKms } = this.#options;
    if (from === undefined) return rewrap(store, kms, kms, onProgress);
    const before = await openKms(from);
    try {
      return await rewrap(store, before, kms, onProgress);
    } finally {
      await before.close();
    }
  }

  /** Puts a new instance key in use. @returns its id */
  async rotateInstanceKey(principal: Principal, purpose: InstancePurpose): Promise<string> {
    await this.#administer(principal);
    return this.#options.instance.rotate(purpose);
  }

  /** How many keys there are, of which versions, and how much is left to seal anew. */
  async status(principal: Principal, onProgress?: (users: number) => void): Promise<KeyStatus> {
    await this.#options.guard.assertMay(principal, { action: 'list', subject: 'Key' });
    return keyStatus(this.#options.store, this.#options.kms, this.#options.rowsLeft, onProgress);
  }

  /** The public keys that certificates and ledgers are checked with (a JWKS, RFC 7517). They are no secret. */
  publicKeys(): Promise<{ readonly keys: readonly PublicJwk[] }> {
    return this.#options.instance.jwks();
  }

  async #administer(principal: Principal): Promise<void> {
    await this.#options.guard.assertMay(principal, { action: 'administer', subject: 'Key' });
  }
}
