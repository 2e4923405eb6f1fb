import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../errors/table.js';

/** What any operation that asks the policies may answer, whatever it does. */
export const EVERYWHERE = [
  'unauthenticated',
  'invalid_argument',
  'invalid_owner',
  'invalid_principal',
  'request_malformed',
  'request_timeout',
  'rate_limited',
  'forbidden',
  'policy_unavailable',
  'audit_unavailable',
  'audit_timeout',
  'store_unavailable',
  'store_timeout',
  'store_not_primary',
  'store_refused',
  'kms_unavailable',
  'kms_timeout',
  'key_refused',
  'unauthentic',
  'closed',
  'internal',
] as const satisfies readonly ErrorCode[];

/** What a body may be refused for. */
export const OF_BODIES = ['body_too_large', 'unsupported_media_type'] as const satisfies readonly ErrorCode[];

/** What a write of memories may answer beside. */
export const OF_WRITES = [
  'content_too_large',
  'metadata_too_large',
  'owner_key_required',
  'erasing',
  'epoch_over',
  'classifier_failed',
  'embedder_unavailable',
  'embedder_timeout',
  'embedder_busy',
  'embedder_refused',
  'store_duplicate',
] as const satisfies readonly ErrorCode[];

/** What an `Idempotency-Key` may answer. */
export const OF_REPLAYS = ['idempotency_mismatch', 'idempotency_in_progress'] as const satisfies readonly ErrorCode[];

/** A place in a policy that is wrong. */
const detail = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** The body of an answer for errors of one status. */
function problemOf(status: number, codes: readonly [ErrorCode, ...ErrorCode[]]) {
  return z.strictObject({
    type: z.enum(codes.map((code) => `urn:memwarden:error:${code}`)),
    title: z.string(),
    status: z.literal(status),
    code: z.enum(codes),
    detail: z.string(),
    about: detail.optional(),
  });
}

/** The answers for the errors of an operation, by status, for its description. */
export function problemAnswers(codes: readonly ErrorCode[]): Record<number, object> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...new Set(codes)].sort()) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const answers = [...byStatus].map(([status, [first, ...rest]]) => [
    status,
    {
      description: [first, ...rest].join(', '),
      content: { 'application/problem+json': { schema: problemOf(status, [first as ErrorCode, ...rest]) } },
    },
  ]);
  return Object.fromEntries(answers) as Record<number, object>;
}
