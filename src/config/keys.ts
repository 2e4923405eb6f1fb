import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { OURS } from '../model/allowed.js';
import { addressOf, databaseBeside, MONGODB } from './mongodb-uri.js';

/** Where memories or keys lie. */
export type StorePlace =
  { readonly kind: 'mongodb'; readonly uri: string } | { readonly kind: 'embedded'; readonly path: string };

/** Where keys lie and how long they are held. */
export interface KeyOptions {
  /**
   * The key store, never part of a backup of the data. Without it: `MEMWARDEN_KEYS_URI`, a MongoDB URI or a folder; else
   * beside the data, a folder or a database of its own.
   */
  readonly store?: StorePlace;
  /**
   * The key-encryption key: `local:PATH`, `aws-kms:KEY`, `vault:ADDRESS/MOUNT/KEY` (docs/keys.md). Without it:
   * `MEMWARDEN_KMS`, else a key file beside the data.
   */
  readonly kms?: string;
  /** The file of the signed ledger of erasures, outside data and keys. Without it: `MEMWARDEN_LEDGER`, else beside the data. */
  readonly ledger?: string;
  /** How long an unwrapped key is held, in milliseconds; 60,000, which is also the most. */
  readonly cacheMs?: number;
  /** How many users' keys are held at most; 10,000. */
  readonly cacheMax?: number;
  /** How long backups of the key store, and the oplog of its server, are kept, in days; for certificates. 35. */
  readonly retentionDays?: number;
}

/** Key options with every default put in. */
export interface KeySettings {
  readonly store: StorePlace;
  readonly kms: string;
  readonly ledger: string;
  readonly cacheMs: number;
  readonly cacheMax: number;
  readonly retentionDays: number;
}

/** How long an unwrapped key may be held at most; erasures wait longer (S22). */
export const LONGEST_CACHE_MS = 60_000;

const HOME = './.memwarden';
const text = z.string().min(1);

const address = z.string().regex(MONGODB, `${OURS}an address that begins with mongodb:// or mongodb+srv://`);

export const storePlace = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mongodb'), uri: address }),
  z.strictObject({ kind: z.literal('embedded'), path: text }),
]);

export const keyOptions = z.strictObject({
  store: storePlace.optional(),
  kms: text.optional(),
  ledger: text.optional(),
  cacheMs: z.int().min(1).max(LONGEST_CACHE_MS).optional(),
  cacheMax: z.int().min(1).max(1_000_000).optional(),
  retentionDays: z.int().min(0).max(3_650).optional(),
});

/**
 * Puts the defaults in.
 *
 * @param data where the memories lie
 * @throws MemwardenError keys_unsafe where keys would lie inside the data
 */
export function toKeySettings(data: StorePlace, options: KeyOptions = {}, environment: NodeJS.ProcessEnv): KeySettings {
  const beside = besideOf(data);
  const settings: KeySettings = {
    store: options.store ?? named(environment['MEMWARDEN_KEYS_URI']) ?? beside.store,
    kms: options.kms ?? (environment['MEMWARDEN_KMS'] || beside.kms),
    ledger: options.ledger ?? (environment['MEMWARDEN_LEDGER'] || beside.ledger),
    cacheMs: options.cacheMs ?? LONGEST_CACHE_MS,
    cacheMax: options.cacheMax ?? 10_000,
    retentionDays: options.retentionDays ?? 35,
  };
  assertApart(data, settings);
  return settings;
}

function named(place: string | undefined): StorePlace | undefined {
  if (!place) return undefined;
  return /^mongodb(\+srv)?:/.test(place) ? { kind: 'mongodb', uri: place } : { kind: 'embedded', path: place };
}

// Beside data in a place of their own the keys get names of that place, so that two stores never share them by default.
function besideOf(data: StorePlace): { store: StorePlace; kms: string; ledger: string } {
  if (data.kind === 'mongodb') {
    const store: StorePlace = { kind: 'mongodb', uri: databaseBeside(data.uri, '-keys') };
    return { store, kms: `local:${HOME}/keys/kek`, ledger: `${HOME}/ledger/erasures.ndjson` };
  }
  const at = namesBeside(data.path);
  return {
    store: { kind: 'embedded', path: at('keystore') },
    kms: `local:${at('keys')}/kek`,
    ledger: `${at('ledger')}/erasures.ndjson`,
  };
}

/** The folder of checkpoints of a store for which nothing names one; each embedded store has its own. */
export function checkpointsBeside(data: StorePlace): string {
  return data.kind === 'mongodb' ? `${HOME}/checkpoints` : namesBeside(data.path)('checkpoints');
}

/** A path without separators at its end. */
export function bareOf(path: string): string {
  return path.replace(/[/\\]+$/, '');
}

function namesBeside(given: string): (name: string) => string {
  const path = bareOf(given);
  // By its own names, so that a client which starts elsewhere finds the same keys.
  const whole = resolve(path);
  const isHome = basename(whole) === 'data' && basename(dirname(whole)) === basename(HOME);
  const home = whole === resolve(`${HOME}/data`) ? HOME : dirname(whole);
  return (name) => (isHome ? `${home}/${name}` : `${path}.${name}`);
}

function assertApart(data: StorePlace, { store, kms, ledger }: KeySettings): void {
  const keyFile = kms.startsWith('local:') ? (kms.slice('local:'.length).split('?')[0] ?? '') : undefined;
  if (store.kind === 'embedded') {
    // A backup of the key store would hold what opens it, and what outlives it.
    if (keyFile !== undefined && isWithin(store.path, keyFile)) throw unsafe('keys.kms');
    if (isWithin(store.path, ledger)) throw unsafe('keys.ledger');
  }
  if (data.kind === 'mongodb') {
    const database = addressOf(data.uri);
    // What is no address is said where it is opened.
    if (store.kind === 'mongodb' && database !== undefined && addressOf(store.uri) === database)
      throw unsafe('keys.store');
    return;
  }
  if (store.kind === 'embedded' && isWithin(data.path, store.path)) throw unsafe('keys.store');
  if (keyFile !== undefined && isWithin(data.path, keyFile)) throw unsafe('keys.kms');
  if (isWithin(data.path, ledger)) throw unsafe('keys.ledger');
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(real(folder), real(path));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}

// Through links: of what is not there yet, as far as it is.
function real(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : join(real(above), basename(whole));
  }
}

function unsafe(argument: string): MemwardenError {
  return new MemwardenError('keys_unsafe', { argument });
}
