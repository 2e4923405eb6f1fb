import { z } from 'zod';
import { isSigned, signedBytes } from '../../crypto/ledger.js';
import type { InstanceKeys, PublicJwk } from '../../crypto/keys/instance-keys.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ErasureCertificate, Remainder } from '../../model/erasure.js';
import type { ErasureJob, KeyStore } from '../../model/key-store.js';

const DAY_MS = 86_400_000;
const time = z.iso.datetime();
const count = z.int().nonnegative();

const shape = z.strictObject({
  format: z.literal('memwarden erasure certificate 1'),
  erasureId: z.string(),
  storeId: z.string(),
  requestedBy: z.strictObject({ id: z.string(), role: z.string(), purpose: z.string().optional() }),
  requestedAt: time,
  keysDestroyedAt: time,
  completedAt: time,
  finalAt: time,
  policyRevision: z.string(),
  keyIds: z.array(z.string().regex(/^[0-9a-f]{32}$/)),
  deleted: z.strictObject({ memories: count, states: count }),
  shared: z.array(z.strictObject({ space: z.string(), rule: z.enum(['remove', 'keep']), removed: count })).optional(),
  tombstone: z.int().positive(),
  remains: z.array(z.strictObject({ where: z.string(), what: z.string(), until: z.string() })),
  beyond: z.array(z.string()),
  signedBy: z.string(),
  signature: z.string(),
});
const SHARED = 'Backups of the lists of shared spaces that named the user, sealed under the keys of those spaces.';
const jwks = z.object({
  keys: z.array(z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string(), x: z.string() })),
});

/** What a certificate states beside the job itself. */
export interface CertificateFacts {
  readonly job: ErasureJob;
  readonly storeId: string;
  /** After the files of the key store were written anew. */
  readonly completedAt: Date;
  readonly destroyedAt: Date;
  readonly tombstone: number;
  readonly keyStore: KeyStore['kind'];
  /** How long backups of the key store, and the oplog of its server, are kept, in days. */
  readonly retentionDays: number;
}

/** Makes the signed certificate of an erasure that is done. */
export async function certify(facts: CertificateFacts, keys: InstanceKeys): Promise<ErasureCertificate> {
  const { job, completedAt, destroyedAt } = facts;
  const remains = remainders(facts);
  const { id: signedBy } = await keys.current('signing');
  const statement: Omit<ErasureCertificate, 'signature'> = {
    format: 'memwarden erasure certificate 1',
    erasureId: job.erasureId,
    storeId: facts.storeId,
    requestedBy: job.principal,
    requestedAt: job.requestedAt.toISOString(),
    keysDestroyedAt: destroyedAt.toISOString(),
    completedAt: completedAt.toISOString(),
    finalAt: finalAt(facts).toISOString(),
    policyRevision: job.policyRevision,
    keyIds: job.keyIds,
    deleted: { memories: job.memories, states: job.states },
    ...(job.shared ? { shared: job.shared } : {}),
    tombstone: facts.tombstone,
    remains,
    beyond: [
      'Files that were exported and handed out, unfinished ones among them.',
      'Memories that the application copied elsewhere.',
      'Ids and dates in clear (no content) in backups of the data, until those are deleted.',
      ...(job.shared ? [SHARED] : []),
    ],
    signedBy,
  };
  const { signature } = await keys.sign(signedBytes(statement));
  return { ...statement, signature: signature.toString('base64url') };
}

/**
 * Checks a certificate offline, with the public keys alone.
 *
 * @param text the certificate, JSON
 * @param keys the public keys, a JWKS as `memwarden keys public` prints it
 * @returns the certificate
 * @throws MemwardenError certificate_invalid
 */
export function verifyCertificate(text: string, keys: string): ErasureCertificate {
  const certificate = shape.safeParse(parsed(text));
  const known = jwks.safeParse(parsed(keys));
  if (!certificate.success || !known.success) throw new MemwardenError('certificate_invalid');
  if (!isSigned(certificate.data, known.data.keys as unknown as PublicJwk[]))
    throw new MemwardenError('certificate_invalid');
  return certificate.data as ErasureCertificate;
}

// A backup that was made until the end may hold what the files of the key store held until then.
function finalAt({ completedAt, retentionDays }: CertificateFacts): Date {
  return new Date(completedAt.getTime() + retentionDays * DAY_MS);
}

function remainders(facts: CertificateFacts): Remainder[] {
  const { keyStore } = facts;
  const until = finalAt(facts).toISOString();
  const backups: Remainder = {
    where: 'backups of the key store',
    what: 'wrapped keys, which open older backups of the data',
    until,
  };
  const data: Remainder = {
    where: 'backups of the data',
    what: 'ciphertext that no key opens any more',
    until: 'unlimited',
  };
  if (keyStore === 'embedded') return [backups, data];
  const server: Remainder = {
    where: 'oplog, journal and free blocks of the server of the key store',
    what: 'wrapped keys, until the server writes over them; see docs/keys.md, "After an erasure"',
    until,
  };
  return [server, backups, data];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
