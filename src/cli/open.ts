import { readFileSync } from 'node:fs';
import type { EmbedderOptions } from '../config/embedder.js';
import { MONGODB } from '../config/mongodb-uri.js';
import type { WardenOptions } from '../config/options.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { ScopedMemory } from '../memory/scoped-memory.js';
import type { Principal } from '../model/principal.js';
import { toTenantId } from '../tenants/options.js';
import { openTenantsAsMade, type TenantActs } from '../tenants/tenants.js';
import { openWarden, type Warden } from '../warden.js';
import { withoutUser } from './acting-for.js';
import { badArgument, warn } from './failure.js';
import { parseJson } from './flags.js';
import type { PrincipalFlags, ScopeFlags, StoreFlags } from './flags.js';
import type { Io } from './io.js';
import { assertStore } from './store-there.js';

const DEFAULT_PRINCIPAL = 'cli';
const DEFAULT_DATA = './.memwarden/data';

/** The store and the policies that flags and environment name. */
export function wardenOptions(
  flags: StoreFlags,
  env: NodeJS.ProcessEnv,
): WardenOptions & { readonly store: NonNullable<WardenOptions['store']> } {
  const audit = {
    door: 'cli',
    ...(env['MEMWARDEN_CHECKPOINTS'] ? { checkpoints: env['MEMWARDEN_CHECKPOINTS'] } : {}),
  } as const;
  const embedder = embedderOf(flags, env);
  return {
    store: storeOf(flags, env),
    audit,
    ...(flags.policies === undefined ? {} : { policies: flags.policies }),
    ...(embedder === undefined ? {} : { embedder }),
  };
}

/** The embedder that flag or environment name. @throws MemwardenError invalid_argument where its file cannot be read */
export function embedderOf(flags: Pick<StoreFlags, 'embedder'>, env: NodeJS.ProcessEnv): EmbedderOptions | undefined {
  const file = flags.embedder ?? (env['MEMWARDEN_EMBEDDER'] || undefined);
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw badArgument('--embedder', 'cannot be read');
  }
  // What it says is checked with all other options.
  return parseJson(text, '--embedder') as EmbedderOptions;
}

function storeOf({ data, mongodbUri }: StoreFlags, env: NodeJS.ProcessEnv): NonNullable<WardenOptions['store']> {
  if (data !== undefined && mongodbUri !== undefined) throw badArgument('--data', 'not together with --mongodb-uri');
  if (data !== undefined) return { kind: 'embedded', path: data };
  const uri = mongodbUri ?? (env['MONGODB_URI'] || undefined);
  if (uri !== undefined && !MONGODB.test(uri))
    throw new MemwardenError('config_invalid', {
      argument: mongodbUri === undefined ? 'MONGODB_URI' : '--mongodb-uri',
      reason: 'it begins with mongodb:// or mongodb+srv://',
    });
  if (uri !== undefined) return { kind: 'mongodb', uri };
  return { kind: 'embedded', path: env['MEMWARDEN_DATA'] || DEFAULT_DATA };
}

/** The principal that flags name. What is not given is not there: nothing is taken from another flag. */
export function principalOf({ as, onBehalfOf, principal, purpose, attribute }: PrincipalFlags): Principal {
  return {
    id: principal ?? DEFAULT_PRINCIPAL,
    role: as,
    ...(onBehalfOf === undefined ? {} : { userId: onBehalfOf }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(attribute === undefined ? {} : { attributes: attribute }),
  };
}

/** What a command hears of an embedder that failed: the code of its error. */
export type OnAlarm = NonNullable<WardenOptions['onAlarm']>;

/** How a long act waits between its steps, and what is called between them. */
export type ActSteps = Pick<TenantActs, 'wait' | 'step'>;

/** How a command opens a warden. */
export interface Opening {
  /** Hears of alarms. */
  readonly onAlarm?: OnAlarm;
  readonly steps?: ActSteps;
  /** Whether it makes an embedded store where there is none; false where it is not given. */
  readonly makes?: boolean;
}

/**
 * Opens a warden for one act and closes it whatever comes. What was written without a vector, because the embedder failed,
 * is told on stderr.
 */
export async function withWarden<T>(
  flags: StoreFlags,
  io: Io,
  act: (warden: Warden) => Promise<T>,
  { onAlarm: listener, steps = {}, makes = false }: Opening = {},
): Promise<T> {
  let failed: Parameters<OnAlarm>[0] | undefined;
  const onAlarm: OnAlarm = (alarm) => {
    if (alarm.name === 'embedding_failed') failed ??= alarm;
    listener?.(alarm);
  };
  const options = wardenOptions(flags, io.env);
  await assertStore(options, makes);
  const opened = await openedFor(flags, { ...options, onAlarm }, steps);
  try {
    return await act(opened.warden);
  } finally {
    await opened.close();
    if (failed)
      await warn(
        io,
        flags.json === true,
        `stored without a vector: the embedder failed; \`memwarden embed\` makes up for it`,
        failed.detail['code'],
      );
  }
}

// The warden of the deployment, or that of the tenant that a flag names: the command line is the trusted operator.
async function openedFor(
  { tenant }: StoreFlags,
  options: WardenOptions,
  acts: TenantActs,
): Promise<{ readonly warden: Warden; close(): Promise<void> }> {
  if (tenant === undefined) {
    const warden = await openWarden(options, acts);
    return { warden, close: () => warden.close() };
  }
  const tenants = await openTenantsAsMade({ warden: options, maxOpen: 1 }, acts);
  try {
    const { value: warden } = await tenants.lease(toTenantId(tenant));
    return { warden, close: () => tenants.close() };
  } catch (error) {
    await tenants.close();
    throw error;
  }
}

/** Opens one partition for one act. */
export async function withMemory<T>(
  flags: ScopeFlags,
  io: Io,
  act: (memory: ScopedMemory) => Promise<T>,
  opening?: Opening,
): Promise<T> {
  const scoped = async (warden: Warden) => {
    try {
      return await act(warden.scope(principalOf(flags), flags.user));
    } catch (error) {
      throw withoutUser(error, flags, warden);
    }
  };
  return withWarden(flags, io, scoped, opening);
}
