import Table from 'cli-table3';
import type { Sink } from './io.js';
import { write } from './io.js';
import { jsonLine, visible } from './visible.js';

/** Where a command's result goes: JSON for machines, text and tables for people. */
export class Output {
  readonly json: boolean;
  readonly #stream: Sink;

  constructor(stream: Sink, json: boolean) {
    this.#stream = stream;
    this.json = json;
  }

  /** One result: a JSON value, or the lines for people. */
  async result(value: unknown, people: () => string): Promise<void> {
    await write(this.#stream, `${this.json ? jsonLine(value) : people()}\n`);
  }

  /** A document that is printed as it is. */
  async text(text: string): Promise<void> {
    await write(this.#stream, text.endsWith('\n') ? text : `${text}\n`);
  }

  /** A list: a JSON value a line, or one table. */
  async list<T>(items: readonly T[], head: readonly string[], row: (item: T) => readonly string[]): Promise<void> {
    if (this.json) await write(this.#stream, items.map((item) => `${jsonLine(item)}\n`).join(''));
    else if (items.length > 0) await write(this.#stream, `${this.table(head, items.map(row))}\n`);
  }

  /** Lines for people; nothing with --json. */
  async people(text: string): Promise<void> {
    if (!this.json) await write(this.#stream, `${text}\n`);
  }

  /** A table whose cells hold no character that a terminal obeys. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const styled = this.#stream.isTTY === true && process.env['NO_COLOR'] === undefined;
    const table = new Table({
      head: [...head],
      style: styled ? { head: ['bold'], border: ['gray'], compact: true } : { head: [], border: [], compact: true },
    });
    for (const row of rows) table.push(row.map(visible));
    return table.toString();
  }

  /** Whether a person reads it on a terminal. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** How many characters of free text a row has room for. */
  get room(): number {
    return Math.max(24, (this.#stream.columns ?? 160) - 100);
  }
}
