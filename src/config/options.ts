import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Alarm } from '../metrics/alarms.js';
import type { Difference } from '../metrics/differences.js';
import { embedderSchema, type EmbedderOptions } from './embedder.js';
import { OURS } from '../model/allowed.js';
import { bare, bareCopy } from '../model/bare.js';
import type { Classify } from '../model/classifier.js';
import { systemClock, type Clock } from '../model/clock.js';
import { LEVELS, type Level } from '../model/levels.js';
import { auditSchema, toAuditSettings, type AuditOptions, type AuditSettings } from './audit-options.js';
import { refusalOf } from './refusal.js';
import {
  checkpointsBeside,
  keyOptions,
  storePlace,
  toKeySettings,
  type KeyOptions,
  type KeySettings,
  type StorePlace,
} from './keys.js';

export type { KeyOptions, KeySettings, StorePlace };

/** How to make a warden. Everything has a default; unknown keys are refused. */
export interface WardenOptions {
  /**
   * Where memories lie. Without it: MongoDB at `MONGODB_URI` where that is set, else the embedded store in
   * `./.memwarden/data`.
   */
  readonly store?: StorePlace;
  /** Where the keys lie that the memories are encrypted with. */
  readonly keys?: KeyOptions;
  /** The folder of the policy files; the policies of the package where none is given. */
  readonly policies?: string;
  /** How long the last good policies serve after a reload failed, in milliseconds; 5 minutes. */
  readonly policyMaxStaleMs?: number;
  /**
   * Whether the policy files are watched and put in force when they change, from the start on; false where none is
   * given. `watchPolicies()` begins it later.
   */
  readonly watchPolicies?: boolean;
  /** A candidate set of policies that is asked beside the one in force and never decides. */
  readonly shadow?: ShadowOptions;
  /** How long a new memory of a level lives where it names no expiry, in milliseconds. */
  readonly defaultTtlMs?: Readonly<Partial<Record<Level, number>>>;
  /** How long one operation of the store may take, in milliseconds; 5 seconds. */
  readonly timeoutMs?: number;
  /** How many connections to a MongoDB server a store may keep at most; 100. */
  readonly maxPoolSize?: number;
  /** Whether the store is prepared at the start; for MongoDB false where none is given, so that `migrate` is an act. */
  readonly migrate?: boolean;
  /** How many bytes of memory the indexes of searches may take together; 256 MiB. */
  readonly searchIndexBytes?: number;
  /**
   * Says which level a text asks for, called before every write of text: it may raise the level, never lower it. The
   * rules of the package where none is given; false leaves levels to callers. What a function of your own sends out of
   * the process is yours to answer for.
   */
  readonly classify?: Classify | false;
  /** How the audit log is kept; it cannot be switched off. */
  readonly audit?: AuditOptions;
  /** What embeds memories and queries, for search by meaning; none by default. */
  readonly embedder?: EmbedderOptions;
  /** Called on what cannot happen: the query and the decision disagree, a record is malformed. */
  readonly onAlarm?: (alarm: Alarm) => void;
  /** Where the time comes from; for tests. */
  readonly clock?: Clock;
}

/** How to try out policies on the traffic of those in force. */
export interface ShadowOptions {
  /** The folder of the candidate's policy files. */
  readonly policies: string;
  /** Called once for each kind of difference, outside of the call that met it. It gets no content and no user. */
  readonly onDifference?: (difference: Difference) => unknown;
}

/** Options with every default put in. */
export interface Settings {
  readonly store: StorePlace;
  readonly keys: KeySettings;
  readonly policies: string;
  readonly policyMaxStaleMs: number;
  readonly defaultTtlMs: Readonly<Partial<Record<Level, number>>>;
  readonly timeoutMs: number;
  readonly maxPoolSize: number;
  readonly migrate: boolean;
  readonly searchIndexBytes: number;
  readonly watchPolicies: boolean;
  readonly shadow: ShadowOptions | undefined;
  readonly classify: Classify | false | undefined;
  readonly audit: AuditSettings;
  readonly embedder: EmbedderOptions | undefined;
  readonly onAlarm: ((alarm: Alarm) => void) | undefined;
  readonly clock: Clock;
}

/** The policies of the package. */
export const PACKAGED_POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));
const EMBEDDED_PATH = './.memwarden/data';

const text = z.string().min(1);
const callable = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', `${OURS}a function`);
const schema = z.strictObject({
  store: storePlace.optional(),
  keys: keyOptions.optional(),
  policies: text.optional(),
  policyMaxStaleMs: z.int().nonnegative().optional(),
  defaultTtlMs: z
    .strictObject(Object.fromEntries(LEVELS.map((level) => [level, z.int().positive().optional()])))
    .optional(),
  timeoutMs: z.int().min(100).max(600_000).optional(),
  maxPoolSize: z.int().min(1).max(10_000).optional(),
  migrate: z.boolean().optional(),
  searchIndexBytes: z
    .int()
    .min(65_536)
    .max(2 ** 40)
    .optional(),
  watchPolicies: z.boolean().optional(),
  shadow: z.strictObject({ policies: text, onDifference: callable.optional() }).optional(),
  classify: z.union([z.literal(false), callable]).optional(),
  audit: auditSchema.optional(),
  embedder: embedderSchema.optional(),
  onAlarm: callable.optional(),
  clock: callable.optional(),
});

// What can be a name of an option; anything else might be a value in the wrong place.
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,39}$/;

/**
 * Checks options and puts the defaults in.
 *
 * @throws MemwardenError config_invalid
 */
export function toSettings(given: WardenOptions = {}, environment: NodeJS.ProcessEnv = process.env): Settings {
  const options = ownParts(given) as WardenOptions;
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join('.') ?? '';
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.filter((key) => NAME.test(key)) : [];
    throw new MemwardenError('config_invalid', {
      argument: path === '' ? 'options' : path,
      ...(unknown.length > 0 ? { reason: `unknown key ${unknown.join(', ')}` } : issue ? refusalOf(issue) : {}),
    });
  }
  const variables = bareCopy(environment);
  const store = options.store ?? defaultStore(variables);
  return {
    store,
    keys: toKeySettings(store, options.keys ?? bare(), variables),
    policies: options.policies ?? PACKAGED_POLICIES,
    policyMaxStaleMs: options.policyMaxStaleMs ?? 5 * 60_000,
    defaultTtlMs: options.defaultTtlMs ?? bare(),
    timeoutMs: options.timeoutMs ?? 5_000,
    maxPoolSize: options.maxPoolSize ?? 100,
    migrate: options.migrate ?? store.kind === 'embedded',
    searchIndexBytes: options.searchIndexBytes ?? 256 * 1_048_576,
    watchPolicies: options.watchPolicies ?? false,
    shadow: options.shadow,
    classify: options.classify,
    audit: toAuditSettings(options.audit ?? bare(), options.timeoutMs ?? 5_000, variables, checkpointsBeside(store)),
    embedder: options.embedder,
    onAlarm: options.onAlarm,
    clock: options.clock ?? systemClock,
  };
}

// Of options and what they hold, what is theirs and not of `Object.prototype`; what is no object is for the schema.
function ownParts(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > 2) return value;
  const copy = bareCopy(value as Record<string, unknown>);
  for (const key of Object.keys(copy)) copy[key] = ownParts(copy[key], depth + 1);
  return copy;
}

function defaultStore(environment: NodeJS.ProcessEnv): Settings['store'] {
  const uri = environment['MONGODB_URI'];
  if (uri) return { kind: 'mongodb', uri };
  return { kind: 'embedded', path: environment['MEMWARDEN_DATA'] ?? EMBEDDED_PATH };
}
