import { z } from 'zod';
import type { Clock } from '../model/clock.js';
import type { DisclosureSettings } from '../model/disclosure.js';
import { MAX_DIMENSION } from '../model/embedding.js';
import { LEVELS } from '../model/levels.js';

/** What both kinds of embedder can be told. */
interface CommonOptions {
  /** The length that vectors must have; any, but one, where none is given. */
  readonly dimension?: number;
  /** What some models want before a text, by what the text is for: `query: `, `passage: `. */
  readonly prefixes?: { readonly query?: string; readonly passage?: string };
  /** How long one batch may take, in milliseconds; 30 seconds. */
  readonly timeoutMs?: number;
  /** How many texts may wait; more are refused with `embedder_busy`. 2,000 where none is given. */
  readonly maxWaiting?: number;
  /** How long a write waits for the vectors of what it stores, in milliseconds; 3 seconds. Then it goes without. */
  readonly writeWaitMs?: number;
  /** How long a search by both ranks waits for the vector of its query, in milliseconds; 3 seconds. Then words answer. */
  readonly searchWaitMs?: number;
}

/** A model in a process of its own on this machine, run by `@xenova/transformers` or `@huggingface/transformers`. */
export interface TransformersOptions extends CommonOptions {
  readonly kind: 'transformers';
  /** Its folder below `path`: `Xenova/all-MiniLM-L6-v2`. */
  readonly model: string;
  /** The folder of models; `./.memwarden/models`. */
  readonly path?: string;
  /** Whether a model that is not there may be fetched, to `path`; false. */
  readonly allowRemote?: boolean;
  /** Where it is fetched from; the Hugging Face Hub. */
  readonly remoteHost?: string;
  /** Whether the 8-bit weights are used (`onnx/model_quantized.onnx`); true. */
  readonly quantized?: boolean;
  /** How token vectors become one; `mean`. */
  readonly pooling?: 'mean' | 'cls';
  /** How long loading the model may take, in milliseconds; 2 minutes. */
  readonly loadTimeoutMs?: number;
  /** Where the time comes from; for tests. */
  readonly clock?: Clock;
}

/** A server that speaks `POST /v1/embeddings` as OpenAI does. All text that it is sent is a disclosure (S27). */
export interface HttpOptions extends CommonOptions {
  readonly kind: 'http';
  /** The whole address: `https://host/v1/embeddings`. `http:` is taken for this machine alone. */
  readonly url: string;
  readonly model: string;
  /** The environment variable that holds the key. */
  readonly apiKeyEnv?: string;
  /** The file that holds the key. */
  readonly apiKeyFile?: string;
  /** What may be sent; nothing where nothing is named. */
  readonly disclose?: DisclosureSettings;
  /** Asks the server for vectors of `dimension`, where the model can make shorter ones. */
  readonly sendDimension?: boolean;
  /** How many texts go in one request; 32. */
  readonly batchSize?: number;
  /** How many characters of a text are sent; 8,000. What comes after is not embedded. */
  readonly maxCharacters?: number;
}

/** Which embedder to use. */
export type EmbedderOptions = TransformersOptions | HttpOptions;

export const DEFAULT_TIMEOUT_MS = 30_000;
export const DEFAULT_MAX_WAITING = 2_000;

const word = z.string().min(1);
const milliseconds = z.int().min(1).max(3_600_000);
const common = {
  dimension: z.int().min(1).max(MAX_DIMENSION).optional(),
  prefixes: z.strictObject({ query: z.string().optional(), passage: z.string().optional() }).optional(),
  timeoutMs: milliseconds.optional(),
  maxWaiting: z.int().min(1).optional(),
  writeWaitMs: milliseconds.optional(),
  searchWaitMs: milliseconds.optional(),
};

/** The shape of `EmbedderOptions`. What it names is checked where it is used. */
export const embedderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('transformers'),
    model: word,
    path: word.optional(),
    allowRemote: z.boolean().optional(),
    remoteHost: word.optional(),
    quantized: z.boolean().optional(),
    pooling: z.enum(['mean', 'cls']).optional(),
    loadTimeoutMs: milliseconds.optional(),
    clock: z.custom((value) => typeof value === 'function').optional(),
  }),
  z
    .strictObject({
      ...common,
      kind: z.literal('http'),
      url: word,
      model: word,
      apiKeyEnv: word.optional(),
      apiKeyFile: word.optional(),
      disclose: z.strictObject({ maxLevel: z.enum(LEVELS).optional() }).optional(),
      sendDimension: z.boolean().optional(),
      batchSize: z.int().min(1).max(2_048).optional(),
      maxCharacters: z.int().min(1).optional(),
    })
    .refine(({ apiKeyEnv, apiKeyFile }) => apiKeyEnv === undefined || apiKeyFile === undefined, {
      path: ['apiKeyFile'],
    })
    .refine(({ sendDimension, dimension }) => sendDimension !== true || dimension !== undefined, {
      path: ['dimension'],
    }),
]);

/** What the operator allows to leave for an embedder; nothing where nothing is named. */
export function disclosureOf(options: EmbedderOptions): DisclosureSettings {
  return options.kind === 'http' ? (options.disclose ?? {}) : {};
}
