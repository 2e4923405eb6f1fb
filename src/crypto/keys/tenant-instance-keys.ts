import { hkdfSync } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KeyStore } from '../../model/key-store.js';
import type { Kms } from '../../model/kms.js';
import { InstanceKeys, type InstancePurpose, type InstanceSecret } from './instance-keys.js';

const BYTES = 32;

/**
 * The keys of the product itself as one tenant has them: each derived (HKDF-SHA-256) from that of all for this tenant
 * alone, so that no cursor, handle or name of one tenant is one of another, whatever it is bound to beside. What signs is
 * the deployment's. They rotate with those of all.
 */
export class TenantInstanceKeys extends InstanceKeys {
  readonly #whole: InstanceKeys;
  readonly #tenant: string;
  // By purpose and id. What stands on a key knows it by its bytes' place.
  readonly #derived = new Map<string, InstanceSecret>();

  constructor(whole: InstanceKeys, store: KeyStore, kms: Kms, tenant: string) {
    super(store, kms);
    this.#whole = whole;
    this.#tenant = tenant;
  }

  override async current(purpose: InstancePurpose): Promise<InstanceSecret> {
    return this.#of(purpose, await this.#whole.current(purpose));
  }

  override async byId(purpose: InstancePurpose, id: string): Promise<InstanceSecret | undefined> {
    const found = await this.#whole.byId(purpose, id);
    return found && this.#of(purpose, found);
  }

  override rotate(): Promise<string> {
    return Promise.reject(new MemwardenError('tenant_shared'));
  }

  #of(purpose: InstancePurpose, { id, secret }: InstanceSecret): InstanceSecret {
    if (purpose === 'signing') return { id, secret };
    const name = `${purpose} ${id}`;
    const known = this.#derived.get(name);
    if (known) return known;
    const info = `memwarden tenant key 1 ${purpose} ${this.#tenant}`;
    const made = { id, secret: Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, BYTES)) };
    this.#derived.set(name, made);
    return made;
  }
}
