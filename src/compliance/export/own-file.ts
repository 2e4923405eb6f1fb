import { constants, createReadStream } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { types } from 'node:util';
import { MemwardenError } from '../../errors/memwarden-error.js';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
const OTHERS = 0o077;

/**
 * A new file that its owner alone reads and writes. What has its name is taken away, and never written through: in a folder
 * that others write to it may be a link, or a file of theirs.
 *
 * @throws MemwardenError invalid_argument where the name cannot be had
 */
export async function createOwn(path: string): Promise<FileHandle> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw refused(error, ['EPERM', 'EACCES', 'EISDIR']);
  }
  return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600).catch((error: unknown) => {
    throw refused(error, ['EEXIST', 'ELOOP']);
  });
}

/**
 * Opens a file again that `createOwn` has made.
 *
 * @throws MemwardenError invalid_argument where it is none of those: a link, another user's, with other names, open to others
 */
export async function openOwn(path: string): Promise<FileHandle> {
  // Of what opens without an end, a pipe, nothing is waited for.
  const handle = await open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    throw refused(error, ['ELOOP', 'EACCES', 'EPERM', 'EISDIR', 'ENXIO']);
  });
  try {
    const stats = await handle.stat();
    const user = process.getuid?.();
    const isOwn = stats.isFile() && stats.nlink === 1 && (user === undefined || stats.uid === user);
    // Where there are no users, modes say nothing.
    if (!isOwn || (user !== undefined && (stats.mode & OTHERS) !== 0)) throw notOwn();
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The bytes of such a file; it is closed at their end. @throws MemwardenError as `openOwn` */
export async function readOwn(path: string) {
  const handle = await openOwn(path);
  return createReadStream(path, { fd: handle, start: 0, autoClose: true });
}

function refused(error: unknown, codes: readonly string[]): unknown {
  return codes.includes(codeOf(error)) ? notOwn() : error;
}

function notOwn(): MemwardenError {
  const reason =
    'a file beside it, under a name that the export needs, is a link or open to others; look at it, take it away, and export into a folder that nobody else writes to';
  return new MemwardenError('invalid_argument', { argument: 'out', reason });
}

function codeOf(error: unknown): string {
  return types.isNativeError(error) && 'code' in error ? String(error.code) : '';
}
