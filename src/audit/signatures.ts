import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { AuditFinding } from '../model/audit-report.js';
import type { PublicKeyOf } from '../model/signing-keys.js';
import type { CheckedGroup } from './check.js';
import type { NamedKey } from './registry.js';

/** The public key of a raw one (base64url); undefined for what is none. */
export function publicKey(x: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/**
 * The keys that heads may be signed with: those that were kept elsewhere, and those that the registry introduces under
 * one of them; where none were kept, what the store names.
 */
export class TrustedKeys {
  readonly #known = new Map<string, KeyObject>();
  readonly #keyOf: PublicKeyOf | undefined;

  constructor(pinned: readonly NamedKey[] | undefined, keyOf: PublicKeyOf) {
    for (const key of pinned ?? []) this.introduce(key);
    this.#keyOf = pinned ? undefined : keyOf;
  }

  introduce({ id, x }: NamedKey): void {
    const key = publicKey(x);
    if (key && !this.#known.has(id)) this.#known.set(id, key);
  }

  async find(id: string): Promise<KeyObject | undefined> {
    const known = this.#known.get(id);
    if (known || !this.#keyOf) return known;
    const raw = await this.#keyOf(id);
    if (raw) this.introduce({ id, x: raw.toString('base64url') });
    return this.#known.get(id);
  }
}

const MOST_UNDER_WAY = 64;

/** Checks signatures beside the hashing, in the thread pool. */
export class Signatures {
  readonly findings: AuditFinding[] = [];
  readonly #underWay = new Set<Promise<boolean>>();
  checked = 0;

  check(key: KeyObject, { signed, signature }: CheckedGroup, finding: () => AuditFinding): Promise<boolean> {
    const check = new Promise<boolean>((done) => {
      verify(null, signed, key, signature, (error, good) => done(!error && good));
    }).then((good) => {
      this.checked += 1;
      if (!good) this.findings.push(finding());
      this.#underWay.delete(check);
      return good;
    });
    this.#underWay.add(check);
    return check;
  }

  /** Waits where many are under way. */
  async room(): Promise<void> {
    if (this.#underWay.size >= MOST_UNDER_WAY) await Promise.race(this.#underWay);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
