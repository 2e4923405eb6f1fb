const KEPT = 65_536;
const TWO_32 = 0x1_0000_0000;
// Below this a loop is faster than a call.
const SHORT = 48;

/**
 * Builds length-prefixed bytes in a buffer that is used again and again. One at a time: what `bytes` answers holds
 * until the next `begin`.
 */
export class ByteWriter {
  #buffer = Buffer.alloc(1_024);
  #at = 0;

  /** Starts anew. */
  begin(): void {
    // What one huge record needed is not kept for ever.
    if (this.#buffer.length > KEPT) this.#buffer = Buffer.alloc(1_024);
    this.#at = 0;
  }

  /** Everything since `begin`. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    if (length > SHORT) this.#buffer.set(bytes, this.#at);
    else for (let i = 0; i < length; i += 1) this.#buffer[this.#at + i] = bytes[i] as number;
    this.#at += length;
  }

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at] = value;
    this.#at += 1;
  }

  /**
   * The UTF-8 bytes of a text behind their length, 4 bytes big-endian.
   *
   * @returns false where the text has a lone surrogate: two such texts would have the same bytes
   */
  text(value: string): boolean {
    const { length } = value;
    if (length > SHORT) return this.#unicode(value);
    this.#reserve(4 + length);
    const buffer = this.#buffer;
    const from = this.#at + 4;
    for (let i = 0; i < length; i += 1) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return this.#unicode(value);
      buffer[from + i] = unit;
    }
    this.#uint32(length, this.#at);
    this.#at = from + length;
    return true;
  }

  /** A whole number behind its length, 8: big-endian in two's complement. */
  integer(value: number): void {
    this.#reserve(12);
    const high = Math.floor(value / TWO_32);
    this.#uint32(8, this.#at);
    this.#uint32(high, this.#at + 4);
    this.#uint32(value - high * TWO_32, this.#at + 8);
    this.#at += 12;
  }

  #unicode(value: string): boolean {
    if (!value.isWellFormed()) return false;
    this.#reserve(4 + value.length * 3);
    const written = this.#buffer.write(value, this.#at + 4, 'utf8');
    this.#uint32(written, this.#at);
    this.#at += 4 + written;
    return true;
  }

  // Shifting takes a number modulo 2^32, which is what two's complement asks of the high half.
  #uint32(value: number, at: number): void {
    const buffer = this.#buffer;
    buffer[at] = (value >>> 24) & 0xff;
    buffer[at + 1] = (value >>> 16) & 0xff;
    buffer[at + 2] = (value >>> 8) & 0xff;
    buffer[at + 3] = value & 0xff;
  }

  #reserve(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#buffer.length) return;
    const wider = Buffer.alloc(Math.max(needed, this.#buffer.length * 2));
    wider.set(this.bytes());
    this.#buffer = wider;
  }
}
