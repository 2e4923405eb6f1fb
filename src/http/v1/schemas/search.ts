import { z } from 'zod';
import { MAX_PAGE, MAX_QUERY } from '../../../memory/limits.js';
import { memory, moment, name, words } from './memory.js';
import { selectionParts } from './selection.js';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const filter = z
  .strictObject({
    ...selectionParts,
    id: z.union([name, z.array(name).min(1).max(MAX_PAGE)]).optional(),
    expiresFrom: moment.optional(),
    expiresTo: moment.optional(),
    speaker: words.optional(),
    metadata: z.record(z.string(), scalar).optional(),
  })
  .meta({
    id: 'SearchFilter',
    description: 'All that is given must hold. Metadata: keys with the values that they must have.',
  });
const query = z.string().max(MAX_QUERY);
const mode = z
  .enum(['lexical', 'semantic', 'hybrid'])
  .optional()
  .meta({ description: 'By words, by meaning, or both; both where there is an embedder, else by words.' });

/** What to search for. */
export const searchBody = z
  .strictObject({
    query,
    limit: z.int().min(1).max(MAX_PAGE).optional(),
    filter: filter.optional(),
    minScore: z.number().min(0).max(1).optional(),
    mode,
    fill: z.enum(['none', 'recent']).optional(),
    explain: z.boolean().optional(),
  })
  .meta({ id: 'SearchOrder' });

/** What a prompt is to hold. */
export const contextBody = z
  .strictObject({
    query,
    budgetTokens: z.int().min(64).max(1_000_000).optional(),
    filter: filter.optional(),
    mode,
  })
  .meta({ id: 'ContextOrder' });

/** A memory that was found. */
export const hit = z
  .strictObject({
    memory,
    score: z.number().min(0).max(1),
    matched: z.array(z.string()),
    withoutMeaning: z.string().optional(),
    explain: z
      .strictObject({
        lexical: z.number().optional(),
        semantic: z.number().optional(),
        words: z.array(z.looseObject({ word: z.string() })),
        factors: z.looseObject({}).optional(),
        spans: z.array(z.array(z.int()).length(2)),
      })
      .optional(),
  })
  .meta({ id: 'Hit', description: 'A memory that was found. `withoutMeaning`: why words alone ranked.' });

/** What was found. */
export const found = z.strictObject({ hits: z.array(hit) }).meta({ id: 'Found' });

/** Memories for a prompt. */
export const foundContext = z
  .strictObject({
    text: z.string(),
    memories: z.array(memory),
    tokens: z.int().nonnegative(),
    withoutMeaning: z.string().optional(),
  })
  .meta({ id: 'Context' });
