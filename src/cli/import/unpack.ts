import { constants, open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fromFd, type Entry, type ZipFile } from 'yauzl';
import { badArgument, isAbsent, isFileError, NO_FILE } from '../failure.js';
import { bytesFrom, bytesOf, type Bytes } from './bytes.js';

/** What a ZIP of one person holds for programs. */
const MEMBER = 'memories.json';

/**
 * Opens a file, unpacked where it is packed: gzip (RFC 1952) of any number of members, or the ZIP of one person.
 *
 * @throws MemwardenError invalid_argument where it cannot be read; while it is read, where it is cut off or damaged
 */
export async function openBytes(input: string): Promise<Bytes> {
  const handle = await openFile(input);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.toString('latin1', 0, bytesRead);
    if (magic.startsWith('\x1f\x8b')) return gunzipped(handle, size);
    if (magic === 'PK\x03\x04') return await unzipped(handle);
    return bytesOf(handle, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openFile(input: string): Promise<FileHandle> {
  // A pipe nobody writes to would be waited for: it is opened as it is, and refused.
  const handle = await open(input, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw badArgument('file', isFileError(error) && isAbsent(error) ? NO_FILE : 'cannot be read');
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw badArgument('file', 'not a regular file');
}

function gunzipped(handle: FileHandle, total: number): Bytes {
  const file = handle.createReadStream({ autoClose: false, start: 0 });
  const unpacked = createGunzip();
  file.on('error', (error) => unpacked.destroy(error));
  return bytesFrom({
    chunks: whole(file.pipe(unpacked)),
    total,
    packed: true,
    passed: () => file.bytesRead,
    async close() {
      file.destroy();
      unpacked.destroy();
      await handle.close();
    },
  });
}

async function unzipped(handle: FileHandle): Promise<Bytes> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromFd(handle.fd, { lazyEntries: true, autoClose: false }, (error, found) => {
      if (error) reject(damaged());
      else resolve(found);
    }),
  );
  const entry = await new Promise<Entry>((resolve, reject) => {
    zip.on('entry', (one: Entry) => {
      if (one.fileName === MEMBER) resolve(one);
      else zip.readEntry();
    });
    zip.on('end', () => reject(badArgument('file', `a ZIP without ${MEMBER}`)));
    zip.on('error', () => reject(damaged()));
    zip.readEntry();
  });
  const stream = await new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, found) => {
      if (error) reject(damaged());
      else resolve(found);
    }),
  );
  let passed = 0;
  return bytesFrom({
    chunks: whole(stream, (length) => (passed += length)),
    total: entry.uncompressedSize,
    packed: true,
    passed: () => passed,
    async close() {
      stream.destroy();
      await handle.close();
    },
  });
}

function whole(stream: Readable, onChunk?: (length: number) => void): AsyncGenerator<Buffer> {
  // It is told of where the chunks are read.
  stream.on('error', () => undefined);
  return chunksOf(stream, onChunk);
}

async function* chunksOf(stream: Readable, onChunk?: (length: number) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) {
      onChunk?.((chunk as Buffer).length);
      yield chunk as Buffer;
    }
  } catch {
    throw damaged();
  }
}

function damaged(): Error {
  return badArgument('file', 'packed, and cut off or damaged');
}
