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
  'tenant_required',
  'tenants_busy',
  'policy_unavailable',
  'audit_unavailable',
  'audit_timeout',
  'store_unavailable',
  'store_timeout',
  'store_not_primary',
  'store_refused',
  'store_unwritable',
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

const problem = z
  .looseObject({
    type: z.string().meta({ description: '`urn:memwarden:error:` and the code.' }),
    title: z.string().meta({ description: 'What happened.' }),
    status: z.int(),
    code: z.string(),
    detail: z.string().meta({ description: 'What to do about it.' }),
    about: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .meta({ description: 'Names and limits, never values.' }),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457). Codes are stable; docs/errors.md says what each means.' });

/** The answers for the errors of an operation, by status, for its description. */
export function problemAnswers(codes: readonly ErrorCode[]): Record<number, object> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...new Set(codes)].sort()) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const answers = [...byStatus].map(([status, codes]) => [
    status,
    {
      description: codes.join(', '),
      content: { 'application/problem+json': { schema: problem.and(z.looseObject({ code: z.enum(codes) })) } },
    },
  ]);
  return Object.fromEntries(answers) as Record<number, object>;
}
