import { createHash, type Hash } from 'node:crypto';
import type { Bytes } from './bytes.js';
import { MAX_LINE_BYTES } from './line-limits.js';
import { ExportedLine, Line } from './line.js';
import type { Item, Source, Span, Window } from './source.js';

const CHUNK = 1 << 20;
const WINDOW_LINES = 20_000;
const WINDOW_BYTES = 16 << 20;
const NEWLINE = 10;

/** A file of one JSON object a line, read in constant memory. */
export class LineSource implements Source {
  readonly unit = 'line';
  readonly #bytes: Bytes;
  readonly #windowLines: number;
  readonly #isExport: boolean;
  readonly #hash: Hash = createHash('sha256');
  /** What was read, from `#hashed` on not yet hashed and from `#at` on not yet given out. */
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #hashed = 0;
  /** The place of `#at` in the file. */
  #offset = 0;
  #number = 0;

  /** @param isExport whether it is one of our own exports, whose lines say more than an import takes */
  constructor(bytes: Bytes, windowLines = WINDOW_LINES, isExport = false) {
    this.#bytes = bytes;
    this.#windowLines = windowLines;
    this.#isExport = isExport;
  }

  get total(): number {
    return this.#bytes.total;
  }

  get passed(): number {
    return this.#bytes.passed;
  }

  /** Goes to a place in the file. @returns the digest of what stands before it */
  async skipTo({ offset, number }: { readonly offset: number; readonly number: number }): Promise<string> {
    while (this.#offset < offset) {
      if ((await this.#fill(Math.min(CHUNK, offset - this.#offset))) === 0) return '';
      this.#take(this.#left);
    }
    this.#number = number;
    return this.#digest();
  }

  async next(until = Infinity): Promise<Window | undefined> {
    const items: Item[] = [];
    const first = this.#offset;
    const isFull = () => items.length >= this.#windowLines || this.#offset - first >= WINDOW_BYTES;
    while (this.#offset < until && (until < Infinity || !isFull())) {
      const line = this.#nextLine() ?? (await this.#readLine());
      if (!line) break;
      if (!line.isBlank()) items.push(line);
    }
    if (this.#offset === first) return undefined;
    return { items, end: { offset: this.#offset, number: this.#number, digest: this.#digest() } };
  }

  async close(): Promise<void> {
    await this.#bytes.close();
  }

  // The next line, if all of it has been read and it is not too long.
  #nextLine(): Line | undefined {
    const end = this.#buffer.indexOf(NEWLINE, this.#at);
    return end === -1 || end - this.#at > MAX_LINE_BYTES ? undefined : this.#give(end - this.#at, 1);
  }

  async #readLine(): Promise<Line | undefined> {
    while (this.#left <= MAX_LINE_BYTES) {
      if ((await this.#fill(CHUNK)) === 0) return this.#left > 0 ? this.#give(this.#left, 0) : undefined;
      const line = this.#nextLine();
      if (line) return line;
    }
    return this.#passOver();
  }

  #give(length: number, newline: number): Line {
    const bytes = this.#buffer.subarray(this.#at, this.#at + length);
    const start = this.#offset;
    this.#take(length + newline);
    this.#number += 1;
    return this.#line(bytes, { start, end: start + length });
  }

  // A line that is too long to hold: only its place is kept. Unpacked it may be of any size: nothing of it is set aside.
  async #passOver(): Promise<Line> {
    const start = this.#offset;
    let end: number;
    while ((end = this.#buffer.indexOf(NEWLINE, this.#at)) === -1) {
      this.#take(this.#left);
      if ((await this.#fill(CHUNK)) === 0) break;
    }
    if (end !== -1) this.#take(end - this.#at);
    const span = this.#bytes.packed ? undefined : { start, end: this.#offset };
    if (end !== -1) this.#take(1);
    this.#number += 1;
    return this.#line(undefined, span);
  }

  #line(bytes: Buffer | undefined, span: Span | undefined): Line {
    return this.#isExport ? new ExportedLine(this.#number, bytes, span) : new Line(this.#number, bytes, span);
  }

  get #left(): number {
    return this.#buffer.length - this.#at;
  }

  async #fill(length: number): Promise<number> {
    const read = await this.#bytes.read(length);
    this.#hashGiven();
    this.#buffer = this.#left === 0 ? read : Buffer.concat([this.#buffer.subarray(this.#at), read]);
    this.#at = 0;
    this.#hashed = 0;
    return read.length;
  }

  #take(length: number): void {
    this.#at += length;
    this.#offset += length;
  }

  #hashGiven(): void {
    this.#hash.update(this.#buffer.subarray(this.#hashed, this.#at));
    this.#hashed = this.#at;
  }

  #digest(): string {
    this.#hashGiven();
    return this.#hash.copy().digest('hex');
  }
}
