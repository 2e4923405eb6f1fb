import { z } from 'zod';
import { EXPORT_FORMATS } from '../../../model/export.js';
import { JOB_STATES } from '../../job-row.js';
import { name, time, words } from './memory.js';
import { selection } from './selection.js';

const count = z.int().nonnegative();
const levels = z.record(z.string(), count);
const principal = z.strictObject({
  id: z.string(),
  role: z.string(),
  userId: z.string().optional(),
  purpose: z.string().optional(),
});
const query = z.strictObject({
  users: z.union([z.literal('all'), count]),
  spaces: z.union([z.literal('all'), count]).optional(),
  filter: z.record(z.string(), z.unknown()),
  format: z.enum(EXPORT_FORMATS),
  gzip: z.boolean(),
});
const counts = z.strictObject({
  users: count,
  memories: count,
  levels,
  spaces: z.array(z.strictObject({ space: z.string(), memories: count, levels })).optional(),
  withheld: count
    .optional()
    .meta({ description: 'Lines of the file of users that say that what was written in a space is withheld.' }),
});

export const jobId = z.strictObject({ id: z.string().meta({ description: 'The id of the job.' }) });

export const exportBody = z
  .strictObject({
    users: z
      .union([z.literal('all'), z.array(name).min(1).max(10_000)])
      .optional()
      .meta({ description: 'With users who are named comes what they wrote in spaces.' }),
    spaces: z
      .union([z.literal('all'), z.array(name).min(1).max(1_000)])
      .optional()
      .meta({ description: 'Shared spaces, `all` that the principal reads; users or spaces are to be named.' }),
    filter: selection.optional(),
    format: z
      .enum(EXPORT_FORMATS)
      .optional()
      .meta({ description: '`ndjson` where none is given; `zip` is for one person.' }),
    gzip: z.boolean().optional(),
    recipient: words.optional().meta({ description: 'Who gets it, where that is not the principal; on record.' }),
  })
  .meta({ id: 'ExportOrder' });

export const exportFileQuery = z.strictObject({
  part: z
    .enum(['memories', 'users'])
    .optional()
    .meta({ description: 'The memories, or the file of users: counts, levels and time of each.' }),
});

export const exportFileBytes = z.string().meta({ format: 'binary' });

export const exportJob = z
  .strictObject({
    id: z.string(),
    state: z
      .enum(JOB_STATES)
      .meta({ description: '`waiting`: for an approval; `ready` and `interrupted`: the same request runs it.' }),
    createdAt: time,
    endedAt: time.optional(),
    progress: z.record(z.string(), count).optional(),
    error: z.string().optional().meta({ description: 'The code of the error that it ended in.' }),
    counts: counts.optional(),
    request: z
      .strictObject({ id: z.string(), requestedAt: time, principal, recipient: z.string().optional(), query })
      .optional()
      .meta({ description: 'What is to be approved; told to who may approve it.' }),
  })
  .meta({ id: 'ExportJob' });

export const manifest = z
  .strictObject({
    format: z.literal('memwarden export manifest 1'),
    exportId: z.string(),
    storeId: z.string(),
    principal,
    recipient: z.string().optional(),
    query,
    approval: z
      .strictObject({ id: z.string(), approvedBy: z.strictObject({ id: z.string(), role: z.string() }), at: time })
      .optional(),
    policyRevisions: z.array(z.string()),
    startedAt: z.array(time),
    completedAt: time,
    counts,
    files: z.array(z.strictObject({ name: z.string(), bytes: count, sha256: z.string() })),
    signedBy: z.string(),
    signature: z.string(),
  })
  .meta({ id: 'ExportManifest', description: 'Signed with Ed25519 over the canonical JSON of everything else.' });
