import type { FileHandle } from 'node:fs/promises';

/** Bytes of an input, read once, forwards. */
export interface Bytes {
  /** The size of the file, and how much of it has been read. */
  readonly total: number;
  readonly passed: number;
  /** Whether the file is packed: small as it is, what is read of it may be large. */
  readonly packed: boolean;
  /** The next bytes, at most so many; none at the end. */
  read(length: number): Promise<Buffer>;
  /** Passes over as many. */
  skip(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The bytes of a file as they stand in it. */
export function bytesOf(handle: FileHandle, total: number): Bytes {
  let passed = 0;
  return {
    total,
    packed: false,
    get passed() {
      return passed;
    },
    async read(length) {
      const chunk = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(chunk, 0, length, passed);
      passed += bytesRead;
      return chunk.subarray(0, bytesRead);
    },
    skip(length) {
      passed += length;
      return Promise.resolve();
    },
    close: () => handle.close(),
  };
}

/** What a stream gives, which is made of the bytes of a file. */
export interface Made {
  readonly chunks: AsyncIterable<Buffer>;
  readonly total: number;
  readonly packed: boolean;
  readonly passed: () => number;
  readonly close: () => Promise<void>;
}

/** The bytes that are made of a file. */
export function bytesFrom({ chunks, total, packed, passed, close }: Made): Bytes {
  const iterator = chunks[Symbol.asyncIterator]();
  let left: Buffer = Buffer.alloc(0);
  const read = async (length: number) => {
    while (left.length === 0) {
      const next = await iterator.next();
      if (next.done) return left;
      left = next.value;
    }
    const found = left.subarray(0, length);
    left = left.subarray(found.length);
    return found;
  };
  return {
    total,
    packed,
    get passed() {
      return passed();
    },
    read,
    async skip(length) {
      for (let at = 0; at < length;) {
        const { length: more } = await read(length - at);
        if (more === 0) return;
        at += more;
      }
    },
    async close() {
      await iterator.return?.();
      await close();
    },
  };
}

/** All that is left of some bytes, up to one more than a limit. */
export async function rest(bytes: Bytes, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let at = 0; at <= limit;) {
    const chunk = await bytes.read(Math.min(1 << 20, limit + 1 - at));
    if (chunk.length === 0) break;
    chunks.push(chunk);
    at += chunk.length;
  }
  return Buffer.concat(chunks);
}
