import { z } from 'zod';
import { ACTIONS, SUBJECTS } from '../model/actions.js';
import { FIELDS, UNHIDEABLE } from '../model/fields.js';
import { LEVELS } from '../model/levels.js';

const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);
const time = z.iso.datetime({ offset: true });

const operand = z.string().min(1).describe('A literal, or a placeholder such as ${principal.user_id} standing alone.');
const comparison = z
  .union([
    operand,
    z
      .strictObject({
        $eq: operand.optional(),
        $in: z.array(operand).min(1).optional(),
        $gt: operand.optional(),
        $gte: operand.optional(),
        $lt: operand.optional(),
        $lte: operand.optional(),
        $exists: z.boolean().optional(),
      })
      .refine((operators) => Object.keys(operators).length > 0, { params: { code: 'empty_conditions' } }),
  ])
  .describe('A bare value means $eq; several operators all hold.');

const fact = z.union([z.string().min(1), z.number(), z.boolean()]);
const factTest = z.union([
  fact,
  z
    .strictObject({ $eq: fact.optional(), $in: z.array(fact).min(1).optional() })
    .refine((operators) => Object.keys(operators).length > 0, { params: { code: 'empty_conditions' } }),
]);

const hideable = FIELDS.map((field) => field.name).filter((name) => !UNHIDEABLE.has(name));

const rule = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/).describe('Unique in the whole set: lower case, digits, hyphens.'),
  action: oneOrMore(z.enum(ACTIONS)).describe('What the rule allows or denies.'),
  subject: oneOrMore(z.enum(SUBJECTS)),
  conditions: z.record(z.string(), comparison).optional().describe('On the record; absent means every record.'),
  fields: z.array(z.enum(hideable)).min(1).optional().describe('Limits the rule to these fields.'),
  principal: z
    .strictObject({ purpose: factTest.optional(), attributes: z.record(z.string(), factTest).optional() })
    .optional()
    .describe('On who asks.'),
  inverted: z.boolean().optional().describe('true denies; a denial wins over every allowance.'),
  not_before: time.optional().describe('The rule counts from this moment on.'),
  not_after: time.optional().describe('The rule counts until this moment.'),
  reason: z.string().min(1).max(500).describe('Shown to who is allowed or denied by it.'),
});

/** The shape of a policy file: one role. policies/schema.json is made from it for editors. */
export const policyFile = z.strictObject({
  role: z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/),
  description: z.string().min(1).max(1000).optional(),
  default_level: z.enum(LEVELS).optional().describe('The level of a memory that is created without one.'),
  maximum_level: z.enum(LEVELS).optional().describe('The highest level that the role may write.'),
  rules: z.array(rule),
});

/** A policy file as written, its shape checked. */
export type PolicyFile = z.infer<typeof policyFile>;
/** A rule as written, its shape checked. */
export type RuleSource = PolicyFile['rules'][number];

/** The JSON Schema (draft 2020-12) of a policy file. */
export function policyJsonSchema(): object {
  const schema = z.toJSONSchema(policyFile, { target: 'draft-2020-12', io: 'input' });
  return { ...schema, $id: 'https://memwarden.dev/schema/policy.json', title: 'memwarden policy: one role' };
}
