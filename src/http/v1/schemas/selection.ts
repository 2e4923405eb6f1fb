import { z } from 'zod';
import { MAX_PAGE, MAX_PART } from '../../../memory/limits.js';
import { level, moment, name } from './memory.js';

const cursor = z.string().min(1).max(4_096).optional();
/** The parts of a selection. */
export const selectionParts = {
  category: name.optional(),
  level: z.union([level, z.array(level).min(1).max(16)]).optional(),
  agentId: name.optional(),
  appId: name.optional(),
  sessionId: name.optional(),
  from: moment.optional().meta({ description: 'Occurred at or after this moment.' }),
  to: moment.optional().meta({ description: 'Occurred before this moment.' }),
  keyword: z
    .string()
    .min(1)
    .max(MAX_PART)
    .optional()
    .meta({ description: 'A substring of the content, whatever its case.' }),
};
// A query string holds text alone.
const limitInQuery = z.coerce.number<string>().int().min(1).max(MAX_PAGE).optional();
const limit = z.int().min(1).max(MAX_PAGE).optional();

/** What to select; all that is given must hold. */
export const selection = z.strictObject(selectionParts).meta({ id: 'Selection' });
/** The same in a query string. */
export const selectionQuery = z.strictObject(selectionParts);
/** What to list, in a query string. */
export const listQuery = z.strictObject({ ...selectionParts, limit: limitInQuery, cursor });
/** What to list, in a body. */
export const listBody = z.strictObject({ ...selectionParts, limit, cursor }).meta({ id: 'MemoryQuery' });
/** A page of something that is not selected from. */
export const pageQuery = z.strictObject({ limit: limitInQuery, cursor });
/** What to delete: a selection, or everything. */
export const deleteQuery = z.strictObject({
  ...selectionParts,
  all: z.literal('true').optional().meta({ description: 'Deletes everything; nothing else may be said then.' }),
});
