import { constants, open, rm, type FileHandle } from 'node:fs/promises';
import type { Bytes } from './bytes.js';
import type { Item } from './source.js';

const CHUNK = 1 << 20;
const NEWLINE = Buffer.from('\n');

/** The file of rejected lines of an input. */
export function rejectedPath(input: string): string {
  return `${input}.rejected.ndjson`;
}

/** Sets bad lines aside, as they stand in the input, so that they can be corrected and imported on their own. */
export class Rejected {
  readonly #input: string;
  readonly #reopen: () => Promise<Bytes>;
  #handle: FileHandle | undefined;
  #length: number;

  /**
   * @param reopen what the lines stand in, from its beginning
   * @param length how much of the file counts; what an attempt that was cut off wrote after it does not
   */
  constructor(input: string, reopen: () => Promise<Bytes>, length: number) {
    this.#input = input;
    this.#reopen = reopen;
    this.#length = length;
  }

  /** How much of the file counts. */
  get length(): number {
    return this.#length;
  }

  /** Cuts off what does not count; without any, takes the file of an earlier import away. */
  async begin(): Promise<void> {
    if (this.#length === 0) return rm(rejectedPath(this.#input), { force: true });
    const handle = await this.#open();
    const { size } = await handle.stat();
    // Somebody may have moved the file away in between.
    this.#length = Math.min(this.#length, size);
    await handle.truncate(this.#length);
  }

  /** Sets items aside; they are on disk when it returns. */
  async add(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    const handle = await this.#open();
    for (const item of items) {
      const found = item.setAside();
      if (found === undefined) continue;
      if (Buffer.isBuffer(found)) await this.#write(handle, found);
      else await this.#copy(handle, found.start, found.end);
      await this.#write(handle, NEWLINE);
    }
    await handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #open(): Promise<FileHandle> {
    // A link would lead the lines of this file into another.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW } = constants;
    const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (this.#length === 0 ? O_TRUNC : O_APPEND);
    return (this.#handle ??= await open(rejectedPath(this.#input), flags, 0o600));
  }

  async #write(handle: FileHandle, bytes: Buffer): Promise<void> {
    await handle.write(bytes, 0, bytes.length);
    this.#length += bytes.length;
  }

  // A line that is too long to hold is copied piece by piece.
  async #copy(handle: FileHandle, start: number, end: number): Promise<void> {
    const input = await this.#reopen();
    try {
      await input.skip(start);
      for (let at = start; at < end;) {
        const chunk = await input.read(Math.min(CHUNK, end - at));
        if (chunk.length === 0) return;
        await this.#write(handle, chunk);
        at += chunk.length;
      }
    } finally {
      await input.close();
    }
  }
}
