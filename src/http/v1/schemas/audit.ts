import { z } from 'zod';
import { toMoment } from '../../../model/moment.js';
import { name, time } from './memory.js';

const OUTCOMES = ['allowed', 'denied', 'absent', 'conflict', 'failed', 'unknown'] as const;

/** A time in a query string, as a date. */
const instant = z
  .string()
  .max(64)
  .refine((text) => toMoment(text) !== undefined)
  .transform((text) => toMoment(text) as Date)
  .meta({ format: 'date-time' });
const period = { since: instant.optional(), until: instant.optional() };

export const auditQuery = z.strictObject({
  user: name.optional().meta({ description: 'As owner or as principal.' }),
  principal: name.optional(),
  ...period,
  outcome: z.enum(OUTCOMES).optional(),
  limit: z.coerce.number<string>().int().min(1).max(10_000).optional(),
});

export const reportQuery = z.strictObject({ user: name, ...period });
export const spaceReportQuery = z.strictObject({ space: name, ...period });

const levels = z.record(z.string(), z.int().nonnegative());

export const auditRecords = z.array(
  z
    .strictObject({
      v: z.int(),
      kind: z.literal('event'),
      id: z.string(),
      time,
      door: z.string(),
      request: z.string(),
      principal: z.strictObject({
        id: z.string().optional(),
        self: z.string().optional(),
        role: z.string(),
        user: z.string().optional(),
      }),
      purpose: z.string().optional(),
      action: z.string(),
      subject: z.string(),
      act: z.string().optional(),
      phase: z.enum(['read', 'intent', 'result', 'reconciled']),
      outcome: z.enum(OUTCOMES),
      owner: z.string().optional(),
      count: z.int().nonnegative(),
      levels: levels.optional(),
      ids: z.string().optional(),
      rules: z.array(z.string()),
      policy: z.string(),
      hidden: z.boolean().optional(),
      recipient: z.string().optional(),
      intent: z.string().optional(),
    })
    .meta({
      id: 'AuditRecord',
      description: 'A record of the log: no content, no query, users as pseudonyms; docs/audit.md.',
    }),
);

const accounting = {
  since: time.optional(),
  until: time.optional(),
  known: z.boolean(),
  disclosures: z.array(
    z.strictObject({
      date: time,
      recipient: z.string(),
      askedBy: z.string().optional(),
      role: z.string(),
      onBehalfOf: z.string().optional(),
      purpose: z.string().optional(),
      act: z.string(),
      kinds: levels,
      count: z.int().nonnegative(),
      door: z.string(),
      event: z.string(),
    }),
  ),
};

export const disclosureReport = z.strictObject({ userId: z.string(), ...accounting }).meta({ id: 'DisclosureReport' });

export const spaceDisclosureReport = z
  .strictObject({ space: z.string(), ...accounting })
  .meta({ id: 'SpaceDisclosureReport' });
