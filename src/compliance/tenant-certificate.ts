import { z } from 'zod';
import type { InstanceKeys, PublicJwk } from '../crypto/keys/instance-keys.js';
import { isSigned, signedBytes } from '../crypto/ledger.js';
import { MemwardenError } from '../errors/memwarden-error.js';

const time = z.iso.datetime();
const count = z.int().nonnegative();
const shape = z.strictObject({
  format: z.literal('memwarden tenant certificate 1'),
  dropId: z.string(),
  tenant: z.string(),
  storeId: z.string(),
  requestedBy: z.strictObject({ id: z.string(), role: z.string() }),
  requestedAt: time,
  keysDestroyedAt: time,
  completedAt: time,
  finalAt: time,
  keys: z.strictObject({ users: count, keys: count, digest: z.string().regex(/^[0-9a-f]{64}$/) }),
  remains: z.array(z.strictObject({ where: z.string(), what: z.string(), until: z.string() })),
  beyond: z.array(z.string()),
  signedBy: z.string(),
  signature: z.string(),
});
const jwks = z.object({
  keys: z.array(z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string(), x: z.string() })),
});

/** The signed statement that a tenant was dropped: its keys first, then its data. Times are ISO 8601. */
export type TenantCertificate = z.output<typeof shape>;

/** What a certificate says of the drop itself. */
export type DroppedTenant = Pick<
  TenantCertificate,
  'dropId' | 'tenant' | 'storeId' | 'requestedBy' | 'requestedAt' | 'keysDestroyedAt' | 'completedAt' | 'keys'
>;

/** Where a dropped tenant's keys lay, and how long copies of them last. */
export interface TenantRemains {
  readonly keyStore: 'mongodb' | 'embedded';
  /** Whether the tenant had a key-encryption key of its own, which is gone too. */
  readonly hadOwnKek: boolean;
  /** Whether other tenants have the same store, which stays. */
  readonly sharesStore: boolean;
  readonly retentionDays: number;
}

const DAY_MS = 86_400_000;

/** Makes the certificate, signed by the deployment: the keys of the tenant itself are gone. */
export async function certifyTenant(
  dropped: DroppedTenant,
  { keyStore, hadOwnKek, sharesStore, retentionDays }: TenantRemains,
  keys: InstanceKeys,
): Promise<TenantCertificate> {
  const { id: signedBy } = await keys.current('signing');
  const finalAt = new Date(new Date(dropped.completedAt).getTime() + retentionDays * DAY_MS).toISOString();
  const opens = hadOwnKek ? 'wrapped keys, which the key-encryption key of the tenant opened' : 'wrapped keys';
  const backups = { where: 'backups of the key store', what: opens, until: finalAt };
  const server = {
    where: 'oplog, journal and free blocks of the server of the key store',
    what: opens,
    until: finalAt,
  };
  const file = { where: 'backups of the key file of the tenant', what: 'its key-encryption key', until: finalAt };
  const data = { where: 'backups of the data', what: 'ciphertext that no key opens any more', until: 'unlimited' };
  const log = {
    where: 'the audit log of the deployment',
    what: 'records of the tenant, under pseudonyms that nobody can make again',
    until: 'until they are pruned',
  };
  const free = {
    where: 'free blocks of the store of the deployment',
    what: 'ciphertext that no key opens any more',
    until: 'until the store writes over them',
  };
  const statement = {
    format: 'memwarden tenant certificate 1' as const,
    ...dropped,
    finalAt,
    remains: [
      ...(keyStore === 'mongodb' ? [server] : []),
      backups,
      ...(hadOwnKek ? [file] : []),
      data,
      ...(sharesStore ? [free, log] : []),
    ],
    beyond: [
      'Files that were exported and handed out.',
      'Memories that the application copied elsewhere.',
      'What sinks of the audit log hold: pseudonyms and dates, no content.',
    ],
    signedBy,
  };
  const { signature } = await keys.sign(signedBytes(statement));
  return { ...statement, signature: signature.toString('base64url') };
}

/**
 * Checks a certificate of a tenant offline.
 *
 * @param text the certificate, JSON
 * @param keys the public keys of the deployment, a JWKS as `memwarden keys public` prints it
 * @throws MemwardenError certificate_invalid
 */
export function verifyTenantCertificate(text: string, keys: string): TenantCertificate {
  const certificate = shape.safeParse(parsed(text));
  const known = jwks.safeParse(parsed(keys));
  const isWhole =
    certificate.success && known.success && isSigned(certificate.data, known.data.keys as unknown as PublicJwk[]);
  if (!isWhole) throw new MemwardenError('certificate_invalid');
  return certificate.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
