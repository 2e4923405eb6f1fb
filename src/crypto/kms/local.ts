import { MemwardenError } from '../../errors/memwarden-error.js';
import type { LocalKmsSettings } from '../../model/kms-settings.js';
import type { Kms } from '../../model/kms.js';
import { Kek } from './kek.js';
import { createKeyFile, readKeyFile, syncKeyFile } from './key-file.js';
import { parseWrapped, refused } from './wrapped.js';

/** What the key store says to the driver, which cannot see it. */
export interface KeyStoreFacts {
  /**
   * Whether the key store holds no wrapped key, so that a key file may be made; false where nothing is said. It is asked
   * only where there is no file.
   */
  readonly create?: boolean | (() => Promise<boolean>);
  /** The names of the key-encryption keys (`kekId`) that stored keys are wrapped under; a file for each must be there. */
  readonly expected?: readonly string[] | (() => Promise<readonly string[]>);
}

const DRIVER = 'local';

/**
 * Wraps under a key in a file of this machine (S23). A file is made only where the key store holds no wrapped key; else
 * one that is missing, or opens other keys than are stored, is a refusal.
 *
 * @throws MemwardenError key_file_missing, key_file_invalid, key_file_other, key_file_unsafe
 */
export async function openLocal(settings: LocalKmsSettings, facts: KeyStoreFacts = {}): Promise<Kms> {
  const { path, previous = [] } = settings;
  const keks: Kek[] = [];
  try {
    const current = toKek(await readOrCreate(path, facts.create ?? false));
    keks.push(current);
    await syncKeyFile(path);
    for (const file of previous) keks.push(toKek(await readPresent(file)));
    await assertExpected(keks, path, facts.expected ?? []);
    return kmsOf(current, keks);
  } catch (error) {
    for (const kek of keks) kek.wipe();
    throw error;
  }
}

function kmsOf(current: Kek, keks: readonly Kek[]): Kms {
  let closed = false;
  const whileOpen = () => (closed ? Promise.reject(new MemwardenError('closed')) : Promise.resolve());
  return {
    kekId: `${DRIVER}:${current.id}`,
    async wrap(key, context) {
      await whileOpen();
      return current.wrap(key, context);
    },
    async unwrap(wrapped, context) {
      await whileOpen();
      const { kek: id } = parseWrapped(wrapped, DRIVER);
      const kek = keks.find((one) => one.id === id);
      if (!kek) throw refused(DRIVER, 'wrapped under a key-encryption key that none of the key files holds');
      return kek.unwrap(wrapped, context);
    },
    close() {
      closed = true;
      for (const kek of keks) kek.wipe();
      return Promise.resolve();
    },
  };
}

async function readOrCreate(path: string, create: NonNullable<KeyStoreFacts['create']>): Promise<Buffer> {
  const found = await readKeyFile(path);
  if (found) return found;
  if (!(typeof create === 'function' ? await create() : create)) throw missing(path);
  // Where another process makes it at the same moment, its file is the one.
  await createKeyFile(path);
  return readPresent(path);
}

async function readPresent(path: string): Promise<Buffer> {
  const secret = await readKeyFile(path);
  if (!secret) throw missing(path);
  return secret;
}

async function assertExpected(keks: readonly Kek[], file: string, expected: NonNullable<KeyStoreFacts['expected']>) {
  const names = typeof expected === 'function' ? await expected() : expected;
  const held = new Set(keks.map(({ id }) => `${DRIVER}:${id}`));
  const lacking = names.find((name) => name.startsWith(`${DRIVER}:`) && !held.has(name));
  if (lacking === undefined) return;
  throw new MemwardenError('key_file_other', { file, reason: `stored keys are wrapped under ${lacking}` });
}

function toKek(secret: Buffer): Kek {
  try {
    return new Kek(secret, DRIVER);
  } finally {
    secret.fill(0);
  }
}

function missing(file: string): MemwardenError {
  return new MemwardenError('key_file_missing', { file });
}
