import { isIP } from 'node:net';
import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { refusalOf } from '../refusal.js';
import { serverSchema, type ServerConfig } from './schema.js';
import { settingsOf } from './setting.js';
import { fromEnvironment, fromFile, invalid, over, put, valueFor, withFiles, type Tree } from './sources.js';

/** Every setting of `memwarden serve`. */
export const SETTINGS = settingsOf(serverSchema);

/** Where the configuration of a server comes from; what stands first goes before. */
export interface ServerSources {
  /** Settings by their paths, as flags gave them. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** `path=value`, in which the value is YAML; goes before the other flags. */
  readonly set?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** The path of a YAML file. */
  readonly file?: string | undefined;
}

const WHOLE = new Set(SETTINGS.map(({ path }) => path));
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,79}$/;

/**
 * The configuration of a server: flags before environment before file before defaults.
 *
 * @throws MemwardenError config_invalid, which names the setting
 */
export function loadServerConfig({ flags = {}, set = [], environment = {}, file }: ServerSources): ServerConfig {
  const given: Tree = {};
  for (const [path, value] of Object.entries(flags)) if (value !== undefined) put(given, path, value);
  for (const one of set) putText(given, one);
  const sources = [given, fromEnvironment(environment, SETTINGS), ...(file === undefined ? [] : [fromFile(file)])];
  const tree = sources.reduceRight((lower, upper) => over(upper, lower, WHOLE), {});
  const result = serverSchema.safeParse(withFiles(tree));
  if (!result.success) throw toError(result.error);
  assertSafe(result.data);
  return result.data;
}

function putText(tree: Tree, text: string): void {
  const [, path, value] = /^([^=]+)=(.*)$/su.exec(text) ?? [];
  if (path === undefined || value === undefined) throw invalid('--set', 'write NAME=VALUE');
  const found = SETTINGS.find((setting) => setting.path === path);
  if (!found) throw invalid('--set', NAME.test(path) ? `unknown key ${path}` : 'unknown key');
  put(tree, path, valueFor(path, value, found.schema));
}

// What users wrote stays out of it, but for what looks like a name.
function toError(error: z.ZodError): MemwardenError {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.filter((key) => NAME.test(key)) : [];
  const reason = issue?.code === 'unrecognized_keys' ? `unknown key ${keys.join(', ')}`.trim() : undefined;
  const argument = path === '' ? (keys[0] ?? 'configuration') : path;
  const told = reason === undefined ? (issue ? refusalOf(issue) : {}) : { reason };
  return new MemwardenError('config_invalid', { argument, ...told });
}

function assertSafe({ host, tls, behindProxy }: ServerConfig): void {
  if (isLoopback(host) || tls !== undefined || behindProxy) return;
  throw invalid(
    'host',
    'not an address of loopback: name tls.cert and tls.key, or say behindProxy where a proxy of yours ends TLS',
  );
}

/** Whether nobody but this machine reaches an address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
