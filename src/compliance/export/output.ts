import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { IN_CLEAR, type Cover } from './cover.js';
import { damaged } from './damaged.js';
import { createOwn, openOwn } from './own-file.js';

const compress = promisify(gzip);
const CHUNK = 1 << 20;

/** A place in a file that can be gone back to. */
export interface Bookmark {
  readonly at: number;
  /** The same place on disk. */
  readonly end: number;
  readonly hash: Hash;
  readonly holds: boolean;
}

/** What is known of a file that was written before. */
export interface Written {
  /** How many bytes of it count. */
  readonly end: number;
  /** Their SHA-256, hexadecimal; undefined where none is relied on. */
  readonly digest: string | undefined;
  /** Whether there is a memory in them. */
  readonly holds: boolean;
}

/** A file that is written forwards, hashed on the way, and can be gone back in. */
export class Output {
  readonly #handle: FileHandle;
  readonly #gzip: boolean;
  readonly #cover: Cover;
  #hash: Hash = createHash('sha256');
  #at = 0;
  /** How long the file is on disk. */
  #end = 0;
  /** Whether there is a memory in it. */
  #holds = false;

  private constructor(handle: FileHandle, gzipped: boolean, cover: Cover) {
    this.#handle = handle;
    this.#gzip = gzipped;
    this.#cover = cover;
  }

  /** A new file, its owner's alone, in the place of what stands there. */
  static async create(path: string, gzipped: boolean, cover = IN_CLEAR): Promise<Output> {
    return new Output(await createOwn(path), gzipped, cover);
  }

  /**
   * A file in clear as it was up to a place; what comes after it is cut off.
   *
   * @throws MemwardenError invalid_argument where it is not what was written
   */
  static async reopen(path: string, gzipped: boolean, { end, digest, holds }: Written): Promise<Output> {
    const output = new Output(await openOwn(path), gzipped, IN_CLEAR);
    try {
      for await (const chunk of output.#raw(0, end)) output.#hash.update(chunk);
      if (digest !== undefined && output.digest() !== digest) throw damaged('partial file');
      await output.#handle.truncate(end);
    } catch (error) {
      await output.close();
      throw error;
    }
    output.#at = end;
    output.#end = end;
    output.#holds = holds;
    return output;
  }

  /** How many bytes there are. */
  get at(): number {
    return this.#at;
  }

  /** Whether there is a memory in it. */
  get holds(): boolean {
    return this.#holds;
  }

  /** The bytes between two places. @throws MemwardenError invalid_argument where the file is shorter */
  async *read(start: number, end: number): AsyncGenerator<Buffer> {
    if (this.#cover === IN_CLEAR) {
      yield* this.#raw(start, end);
      return;
    }
    let at = 0;
    for await (const chunk of this.#cover.opened(Readable.from(this.#raw(0, this.#end))) as AsyncIterable<Buffer>) {
      const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
      at += chunk.length;
      if (part.length > 0) yield part;
      if (at >= end) return;
    }
  }

  async *#raw(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end;) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, end - at));
      const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) throw new MemwardenError('invalid_argument', { argument: 'out', reason: 'cut off' });
      yield chunk.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Writes text; compressed, it is a member of its own, so that what was written can be cut off between any two. */
  async write(text: string, holds = false): Promise<void> {
    if (text === '') return;
    const bytes = Buffer.from(text, 'utf8');
    await this.writeBytes(this.#gzip ? await compress(bytes) : bytes, holds);
  }

  /** Writes bytes as they are. */
  async writeBytes(bytes: Buffer, holds = false): Promise<void> {
    const sealed = this.#cover.seal(bytes);
    for (let at = 0; at < sealed.length;)
      at += (await this.#handle.write(sealed, at, sealed.length - at, this.#end + at)).bytesWritten;
    this.#end += sealed.length;
    this.#hash.update(bytes);
    this.#at += bytes.length;
    this.#holds ||= holds;
  }

  bookmark(): Bookmark {
    return { at: this.#at, end: this.#end, hash: this.#hash.copy(), holds: this.#holds };
  }

  /** Takes everything back that was written after a bookmark. */
  async back({ at, end, hash, holds }: Bookmark): Promise<void> {
    await this.#handle.truncate(end);
    this.#end = end;
    this.#at = at;
    this.#hash = hash.copy();
    this.#holds = holds;
  }

  /** Puts what was written on disk. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  /** SHA-256 of everything, hexadecimal. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
