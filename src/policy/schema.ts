import { z } from 'zod';
import { ACTIONS, SUBJECTS } from '../model/actions.js';
import { FIELDS, UNHIDEABLE } from '../model/fields.js';
import { LEVELS } from '../model/levels.js';
import { MOMENT_HINT, toMoment } from '../model/moment.js';

const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item, z.array(item).min(1)], { error: 'write one word, or a list of words' });
const time = z
  .string()
  .refine((value) => toMoment(value) !== undefined, { params: { code: 'date' }, error: MOMENT_HINT })
  .meta({ format: 'date-time' });

const operand = z.string().min(1).describe('A literal, or a placeholder such as ${principal.user_id} standing alone.');
const operators = z
  .strictObject({
    $eq: operand.optional(),
    $in: z.array(operand).min(1).optional().describe('It is one of these.'),
    $gt: operand.optional(),
    $gte: operand.optional(),
    $lt: operand.optional(),
    $lte: operand.optional(),
    $exists: z.boolean().optional().describe('Whether the record has the field.'),
  })
  .meta({ minProperties: 1 });
const comparison = z
  .union([operand, operators], {
    error: 'write text (quoted where it looks like a number), or operators such as { $in: [a, b] }',
  })
  .describe('A bare value means $eq; several operators all hold.');

// A placeholder here would be compared letter by letter, and a denial that rests on it would never apply.
const factText = z
  .string()
  .min(1)
  .refine((value) => !value.includes('${'), {
    params: { code: 'placeholder' },
    error: 'write a literal; placeholders stand in conditions only',
  });
const fact = z.union([factText, z.number(), z.boolean()], { error: 'write text, a number, true or false' });
const factTest = z.union(
  [fact, z.strictObject({ $eq: fact.optional(), $in: z.array(fact).min(1).optional() }).meta({ minProperties: 1 })],
  { error: 'write a value, or { $in: [a, b] }' },
);

const hideable = FIELDS.filter((field) => field.released && !UNHIDEABLE.has(field.name)).map((field) => field.name);
const conditions = z.record(z.string(), comparison);

/** The shape of a rule. */
export const ruleSource = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/)
    .describe('Unique in the whole set: lower case, digits, hyphens.'),
  action: oneOrMore(z.enum(ACTIONS)).describe('What the rule allows or denies.'),
  subject: oneOrMore(z.enum(SUBJECTS)).describe('What it speaks about.'),
  conditions: conditions.optional().describe('On the record; absent means every record.'),
  fields: z.array(z.enum(hideable)).min(1).optional().describe('Limits the rule to these fields.'),
  principal: z
    .strictObject({
      purpose: factTest.optional().describe('Why it asks.'),
      attributes: z.record(z.string(), factTest).optional().describe('Facts of the credential, by name.'),
    })
    .optional()
    .describe('On who asks.'),
  inverted: z.boolean().optional().describe('true denies; a denial wins over every allowance.'),
  not_before: time.optional().describe('The rule counts from this moment on.'),
  not_after: time.optional().describe('The rule counts until this moment.'),
  requires_approval: z
    .strictObject({
      over_users: z.int().nonnegative().max(1_000_000_000).describe('An export of more users than this waits.'),
    })
    .optional()
    .describe('Another principal must approve an export first (action approve on Export).'),
  reason: z.string().min(1).max(500).describe('Shown to who is allowed or denied by it.'),
});

/** The shape of a policy file: one role. policies/schema.json is made from it for editors. */
export const policyFile = z.strictObject({
  role: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/)
    .describe('The role that the principal must have, letter by letter.'),
  description: z.string().min(1).max(1000).optional().describe('For people; decides nothing.'),
  default_level: z.enum(LEVELS).optional().describe('The level of a memory that is created without one.'),
  maximum_level: z.enum(LEVELS).optional().describe('The highest level that the role may write.'),
  rules: z.array(ruleSource).describe('Nothing is allowed that no rule allows; their order does not matter.'),
});

/** A policy file as written, its shape checked. */
export type PolicyFile = z.infer<typeof policyFile>;
/** A rule as written, its shape checked. */
export type RuleSource = z.infer<typeof ruleSource>;

/** The parts of a rule whose shape is right. */
export type SoundRule = Partial<Omit<RuleSource, 'conditions'>> & {
  readonly conditions?: Readonly<Record<string, z.infer<typeof comparison> | undefined>>;
};

/**
 * The parts of a mapping whose shape is right, so that what they mean is checked although other parts are wrong: all
 * faults of a file are told at once.
 */
export function soundRule(value: unknown): SoundRule {
  const rule = soundParts(ruleSource.shape, value);
  if (rule['conditions'] === undefined && isMapping(value) && isMapping(value['conditions'])) {
    const written = Object.entries(value['conditions']);
    // The names count even where what stands under them is unsound.
    rule['conditions'] = Object.fromEntries(written.map(([name, test]) => [name, comparison.safeParse(test).data]));
  }
  return rule;
}

/** The parts of a file, apart from its rules, whose shape is right. */
export function soundFile(value: unknown): Partial<Omit<PolicyFile, 'rules'>> {
  const { rules: _, ...shape } = policyFile.shape;
  return soundParts(shape, value);
}

function soundParts(shape: Readonly<Record<string, z.ZodType>>, value: unknown): Record<string, unknown> {
  if (!isMapping(value)) return {};
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, part]) => {
      if (!Object.hasOwn(value, key)) return [];
      const parsed = part.safeParse(value[key]);
      return parsed.success ? [[key, parsed.data]] : [];
    }),
  );
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON Schema (draft 2020-12) of a policy file. */
export function policyJsonSchema(): object {
  const schema = z.toJSONSchema(policyFile, {
    target: 'draft-2020-12',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === (conditions as z.core.$ZodType)) nameFields(jsonSchema);
    },
  });
  return { ...schema, $id: 'https://memwarden.dev/schema/policy.json', title: 'memwarden policy: one role' };
}

// An editor offers the fields by name.
function nameFields(schema: z.core.JSONSchema.BaseSchema): void {
  const { additionalProperties } = schema;
  const filterable = FIELDS.filter((field) => field.filterable);
  schema.properties = Object.fromEntries(
    filterable.map(({ name, about }) => [name, { ...(additionalProperties as object), description: about }]),
  );
  schema.minProperties = 1;
  schema.additionalProperties = false;
  delete schema.propertyNames;
}
