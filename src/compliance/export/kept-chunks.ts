import { box, unbox } from '../../crypto/seal/boxed.js';
import type { KeyValueStore } from '../../model/key-value.js';
import type { Clock } from '../../model/clock.js';
import { namespaced, type Namespace } from '../../model/namespace.js';
import { dropped, nameOf } from './kept-names.js';

const CHUNK = 192 * 1024;

/** A chunk as it lies in the store. */
export interface SealedChunk {
  readonly isLast: boolean;
  /** @returns undefined where this key does not open it */
  open(key: Buffer): Buffer | undefined;
}

/** The files of exports, sealed in chunks. */
export class KeptChunks {
  readonly #chunks: Namespace<string>;

  constructor(values: KeyValueStore, clock: Clock) {
    this.#chunks = namespaced(values, 'export-chunks', clock);
  }

  /** Keeps a file. @param bytes all of it, in pieces of any size */
  async keep(
    job: string,
    name: string,
    bytes: AsyncIterable<Buffer>,
    { key, expiresAt }: { readonly key: Buffer; readonly expiresAt: Date },
  ): Promise<void> {
    let place = 0;
    const put = async (plain: Buffer, isLast: boolean) => {
      const boxed = box(key, labelOf(job, name, place, isLast), plain);
      await this.#chunks.insert(
        chunked(job, name, place),
        `${isLast ? '1' : '0'}${boxed.toString('base64')}`,
        expiresAt,
      );
      place += 1;
    };
    let held: Buffer[] = [];
    let size = 0;
    for await (const piece of bytes) {
      held.push(piece);
      size += piece.length;
      if (size <= CHUNK) continue;
      let whole = Buffer.concat(held);
      // What is left is never empty, so that it can be the last.
      for (; whole.length > CHUNK; whole = whole.subarray(CHUNK)) await put(whole.subarray(0, CHUNK), false);
      held = [whole];
      size = whole.length;
    }
    await put(Buffer.concat(held), true);
  }

  /** A chunk of a file; undefined where it is not there any more. */
  async at(job: string, name: string, place: number): Promise<SealedChunk | undefined> {
    const found = await this.#chunks.get(chunked(job, name, place));
    if (!found) return undefined;
    const isLast = found.value.startsWith('1');
    const boxed = Buffer.from(found.value.slice(1), 'base64');
    return { isLast, open: (key) => unbox(key, labelOf(job, name, place, isLast), boxed) };
  }

  /** Takes away what is kept of an export. */
  drop(job: string): Promise<void> {
    return dropped(this.#chunks, job);
  }
}

function chunked(job: string, name: string, place: number): string {
  return `${nameOf(job)}/${name}/${String(place).padStart(8, '0')}`;
}

// Which part of which file it is, and whether it is the last: no chunk can stand in the place of another, or be cut off.
function labelOf(job: string, name: string, place: number, isLast: boolean): Buffer {
  return Buffer.from(JSON.stringify([job, name, place, isLast]));
}
