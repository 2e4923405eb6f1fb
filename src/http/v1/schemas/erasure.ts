import { z } from 'zod';
import { JOB_STATES } from '../../job-row.js';
import { time } from './memory.js';

const count = z.int().nonnegative();

const certificate = z
  .strictObject({
    format: z.literal('memwarden erasure certificate 1'),
    erasureId: z.string(),
    storeId: z.string(),
    requestedBy: z.strictObject({ id: z.string(), role: z.string(), purpose: z.string().optional() }),
    requestedAt: time,
    keysDestroyedAt: time,
    completedAt: time,
    finalAt: time.meta({ description: 'From this moment on no copy that the product knows of can be opened.' }),
    policyRevision: z.string(),
    keyIds: z.array(z.string()),
    deleted: z.strictObject({ memories: count, states: count }),
    shared: z
      .array(z.strictObject({ space: z.string(), rule: z.enum(['remove', 'keep']), removed: count }))
      .optional()
      .meta({ description: 'The shared spaces that the user was taken from, by their pseudonyms in the log.' }),
    tombstone: z.int().positive(),
    remains: z.array(z.strictObject({ where: z.string(), what: z.string(), until: z.string() })),
    beyond: z.array(z.string()),
    signedBy: z.string(),
    signature: z.string(),
  })
  .meta({ id: 'ErasureCertificate', description: 'Names keys, never the user; signed with Ed25519.' });

export const erasureJob = z
  .strictObject({
    id: z.string(),
    state: z.enum(JOB_STATES),
    createdAt: time,
    endedAt: time.optional(),
    error: z.string().optional(),
    certificate: certificate.optional(),
  })
  .meta({ id: 'ErasureJob' });
