import { z } from 'zod';
import { ACTIONS, SUBJECTS } from '../../model/actions.js';
import { FILTERABLE } from '../../model/fields.js';
import { LEVELS } from '../../model/levels.js';
import { MOMENT_HINT, toMoment } from '../../model/moment.js';
import { HIDEABLE } from '../../model/fields.js';

/** The time of a test that names none. */
export const DEFAULT_AT = '2026-01-01T00:00:00Z';

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9 _.-]{0,63}$/);
const moment = z
  .string()
  .refine((value) => toMoment(value) !== undefined, { params: { code: 'date' }, error: MOMENT_HINT });
const attribute = z.union([z.string().min(1), z.number(), z.boolean()], {
  error: 'write text, a number, true or false',
});
const principal = z.strictObject({
  role: z.string().min(1),
  id: z.string().min(1).optional(),
  user_id: z.string().min(1).optional(),
  purpose: z.string().min(1).optional(),
  attributes: z.record(z.string(), attribute).optional(),
  at: moment.optional(),
});
const recordShape = Object.fromEntries(
  [...FILTERABLE].map(([field, type]) => [
    field,
    type === 'date' ? moment.nullable().optional() : z.string().nullable().optional(),
  ]),
);
const right = z.union([z.enum(ACTIONS), z.partialRecord(z.enum(ACTIONS), z.array(z.enum(HIDEABLE)))], {
  error: 'write an action, or { read: [the fields] }',
});
/** The shape of a file of policy tests. */
export const caseFile = z.strictObject({
  description: z.string().min(1).optional(),
  at: moment.optional(),
  principals: z.record(name, principal),
  memories: z.record(name, z.strictObject(recordShape)).optional(),
  others: z.record(name, z.strictObject({ subject: z.enum(SUBJECTS), ...recordShape })).optional(),
  levels: z
    .record(z.string(), z.strictObject({ default_level: z.enum(LEVELS), maximum_level: z.enum(LEVELS) }))
    .optional(),
  expect: z.record(
    name,
    z.union([z.literal('invalid_principal'), z.record(name, z.array(right))], {
      error: 'write what each record is allowed, or invalid_principal',
    }),
  ),
});

/** A file of policy tests as written. */
export type Written = z.infer<typeof caseFile>;
/** A principal of it. */
export type WrittenPrincipal = z.infer<typeof principal>;
/** An action that is expected to be allowed, or the fields that it may use. */
export type Right = z.infer<typeof right>;
