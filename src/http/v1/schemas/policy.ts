import { z } from 'zod';
import { ACTIONS, SUBJECTS } from '../../../model/actions.js';
import { FILTERABLE } from '../../../model/fields.js';
import { LEVELS } from '../../../model/levels.js';
import { toMoment } from '../../../model/moment.js';
import { HIDEABLE } from '../../../model/fields.js';
import { level, name, time } from './memory.js';

const action = z.enum(ACTIONS);
const subject = z.enum(SUBJECTS);
const place = z.enum(['own', 'foreign', 'expired']);

export const matrix = z
  .strictObject({
    revision: z.string(),
    at: time,
    timed: z.boolean(),
    complete: z.boolean(),
    roles: z.array(
      z.strictObject({
        role: z.string(),
        facts: z.string(),
        description: z.string().optional(),
        defaultLevel: level,
        maximumLevel: level,
        cells: z.array(
          z.strictObject({
            subject,
            action,
            level: level.optional(),
            place: place.optional(),
            answer: z.enum(['yes', 'some', 'no']),
            fields: z.array(z.string()).optional(),
            depends: z.array(z.string()).optional(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'PolicyMatrix' });

const instant = z
  .string()
  .max(64)
  .refine((text) => toMoment(text) !== undefined)
  .transform((text) => toMoment(text) as Date)
  .meta({ format: 'date-time' });

const fields = [...FILTERABLE].map(([field, type]) => [
  field,
  (field === 'sensitivity' ? z.enum(LEVELS) : type === 'date' ? instant : z.string()).optional(),
]);

export const caseBody = z
  .strictObject({
    principal: z.strictObject({
      id: name.optional(),
      role: name,
      userId: name.optional(),
      purpose: name.optional(),
      attributes: z.record(z.string(), z.union([z.string().min(1), z.number(), z.boolean()])).optional(),
    }),
    subject: subject.optional().meta({ description: '`Memory` where none is given.' }),
    record: z
      .strictObject(Object.fromEntries(fields) as Record<string, z.ZodType>)
      .optional()
      .meta({
        description:
          'The fields of docs/record.md that policies may name; the rest is as in a new memory of `the-user`.',
      }),
    at: instant.optional().meta({ description: 'Now where none is given.' }),
    expect: z.array(action).max(ACTIONS.length).optional(),
  })
  .meta({ id: 'PolicyCase' });

/** The fields that are said. */
export function toRecord(record: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

export const caseResults = z
  .strictObject({
    revision: z.string(),
    results: z.array(
      z.strictObject({
        action,
        allowed: z.boolean(),
        rule: z.strictObject({ id: z.string(), reason: z.string() }).optional(),
        fields: z.array(z.enum(HIDEABLE)).optional(),
      }),
    ),
    passed: z.boolean().optional(),
  })
  .meta({ id: 'PolicyCaseResults' });
