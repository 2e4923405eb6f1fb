import { randomBytes, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { link, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { KEK_BYTES } from './kek.js';
import { KEY_FILE_BYTES, readKeyFileText, writeKeyFileText } from './key-file-text.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/** Who a key file has to belong to: the user that this process runs as. Undefined where the system has no such thing. */
type User = number | undefined;

/**
 * The key in a file that is its owner's alone: a regular file of mode 0600 or narrower, in a folder of mode 0700 or
 * narrower, both of the user that runs this process and neither a symbolic link (S23).
 *
 * @param user whom it has to belong to; for tests
 * @returns 32 bytes, which the caller wipes; undefined where there is no file
 * @throws MemwardenError key_file_unsafe, key_file_invalid
 */
export async function readKeyFile(path: string, user: User = process.geteuid?.()): Promise<Buffer | undefined> {
  const folder = dirname(path);
  const folderIsSafe = await looked(folder, O_DIRECTORY, (handle) => assertFolder(handle, folder, user));
  if (!folderIsSafe) return undefined;
  const read = await looked(path, O_NONBLOCK, (handle) => readSafe(handle, path, user));
  return read?.secret;
}

/**
 * Makes a key file with a new random key, and its folder where that is not there. The file appears whole or not at all,
 * on disk, and in the place of no other.
 *
 * @returns whether it was made; false where a file of that name is there already
 * @throws MemwardenError key_file_unsafe
 */
export async function createKeyFile(path: string, user: User = process.geteuid?.()): Promise<boolean> {
  const folder = dirname(path);
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    await looked(folder, O_DIRECTORY, (handle) => assertFolder(handle, folder, user));
    const isNew = await linkNew(path);
    await syncFolders(folder, made);
    return isNew;
  } catch (error) {
    throw toKeyFileError(error, path);
  }
}

/**
 * Brings a key file's name to disk: another process may have made it a moment ago, and what is wrapped under a key that
 * a crash takes away is lost.
 */
export async function syncKeyFile(path: string): Promise<void> {
  try {
    await syncFolders(dirname(path), undefined);
  } catch (error) {
    throw toKeyFileError(error, path);
  }
}

async function linkNew(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}.new`;
  const secret = randomBytes(KEK_BYTES);
  const text = writeKeyFileText(secret);
  try {
    const handle = await open(own, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    secret.fill(0);
    text.fill(0);
    await rm(own, { force: true });
  }
}

// A folder is on disk when the one above it is: from the key's folder up to above the topmost that was made here.
async function syncFolders(folder: string, topmost: string | undefined): Promise<void> {
  const last = dirname(resolve(topmost ?? folder));
  for (let at = resolve(folder); ; at = dirname(at)) {
    const handle = await open(at, O_RDONLY | O_DIRECTORY);
    try {
      await handle.sync();
    } catch (error) {
      // On a file system that is mounted read-only nothing is left to be synced.
      if (!['EROFS', 'EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
    } finally {
      await handle.close();
    }
    if (at === last || at === dirname(at)) return;
  }
}

// What was opened is what is looked at: between a look at a name and its use another file can take its place.
async function looked<T>(
  path: string,
  flags: number,
  look: (handle: FileHandle) => Promise<T>,
): Promise<T | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, O_RDONLY | O_NOFOLLOW | flags);
    return await look(handle);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw toKeyFileError(error, path);
  } finally {
    await handle?.close();
  }
}

async function assertFolder(handle: FileHandle, path: string, user: User): Promise<true> {
  assertOwn(await handle.stat(), path, user, 0o700);
  return true;
}

async function readSafe(handle: FileHandle, path: string, user: User): Promise<{ readonly secret: Buffer }> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw unsafe(path, 'no regular file');
  assertOwn(stats, path, user, 0o600);
  const text = Buffer.alloc(KEY_FILE_BYTES + 1);
  try {
    const { bytesRead } = await handle.read(text, 0, text.length, 0);
    return { secret: readKeyFileText(text.subarray(0, bytesRead), path) };
  } finally {
    text.fill(0);
  }
}

function assertOwn(stats: Stats, path: string, user: User, widest: number): void {
  if (user !== undefined && stats.uid !== user) throw unsafe(path, 'belongs to another user');
  const mode = stats.mode & 0o7777;
  if ((mode & ~widest) === 0) return;
  throw new MemwardenError('key_file_unsafe', {
    file: path,
    reason: `mode ${mode.toString(8).padStart(4, '0')}, at most ${widest.toString(8).padStart(4, '0')}`,
    run: `chmod ${widest.toString(8)} '${path.replaceAll("'", String.raw`'\''`)}'`,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ELOOP: 'a symbolic link',
  ENOTDIR: 'the folder is none, or a symbolic link',
  EACCES: 'may not be used by this user',
  EPERM: 'may not be used by this user',
};

function toKeyFileError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof MemwardenError || code === undefined) return error;
  return unsafe(path, REASONS[code] ?? `the system refused it (${code})`);
}

function unsafe(file: string, reason: string): MemwardenError {
  return new MemwardenError('key_file_unsafe', { file, reason });
}

function codeOf(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown };
  return typeof code === 'string' && syscall !== undefined ? code : undefined;
}
