import { z } from 'zod';
import { toMoment } from '../../../model/moment.js';
import { name, time } from './memory.js';

const names = z.union([z.literal('any'), z.array(name).max(1_000)]);
const attributes = z.record(z.string(), z.union([z.string().min(1), z.number(), z.boolean()]));

export const credentialId = z.strictObject({ id: z.string() });

export const newCredential = z
  .strictObject({
    name: name.optional(),
    role: name,
    users: names.meta({
      description: 'The users that it may act for: these alone, any, or with an empty list nobody.',
    }),
    purposes: names.optional().meta({ description: 'The purposes that a request may name; none by default.' }),
    attributes: attributes.optional(),
    expiresAt: z
      .string()
      .max(64)
      .refine((text) => toMoment(text) !== undefined)
      .transform((text) => toMoment(text) as Date)
      .optional()
      .meta({ format: 'date-time' }),
  })
  .meta({ id: 'NewCredential' });

export const credential = z
  .strictObject({
    id: z.string(),
    prefix: z.string().meta({ description: 'The part of the key in clear, by which it is looked up.' }),
    name: z.string().optional(),
    grant: z.strictObject({ role: z.string(), users: names, purposes: names, attributes: attributes.optional() }),
    createdAt: time,
    expiresAt: time.optional(),
    lastUsedAt: time.optional(),
    revokedAt: time.optional(),
  })
  .meta({ id: 'Credential' });

export const newKey = z
  .strictObject({
    key: z.string().optional().meta({ description: 'The secret; told once.' }),
    credential,
  })
  .meta({ id: 'NewApiKey' });
