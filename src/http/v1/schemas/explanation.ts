import { z } from 'zod';
import { ACTIONS_OF } from '../../../model/actions.js';

const action = z.enum(ACTIONS_OF.Memory);

/** What to explain: a stored memory, or a record. */
export const explainBody = z
  .strictObject({
    id: z.string().min(1).optional(),
    record: z.record(z.string(), z.unknown()).optional(),
    action: action.optional().meta({ description: '`read` where none is given.' }),
  })
  .meta({ id: 'ExplainOrder', description: 'Either `id` or `record`.' });

/** What became of the rules. */
export const explanation = z
  .strictObject({
    allowed: z.boolean(),
    action,
    rule: z.strictObject({ id: z.string(), reason: z.string() }).optional(),
    refusedBy: z.enum(['partition', 'well_formed', 'expired', 'access_list']).optional(),
    considered: z.array(
      z.strictObject({
        id: z.string(),
        reason: z.string(),
        inverted: z.boolean(),
        outcome: z.enum(['decides', 'matches', 'other_action', 'time', 'principal', 'conditions', 'withheld']),
        because: z.array(z.string()).optional(),
        conditions: z.array(z.string()).optional(),
        fact: z.enum(['missing', 'other']).optional(),
      }),
    ),
    policyRevision: z.string(),
  })
  .meta({ id: 'Explanation' });
