import Table from 'cli-table3';
import { blocksOf, widthsFor, wrapped } from './fit.js';
import type { Sink } from './io.js';
import { write } from './io.js';
import { jsonLine, visible } from './visible.js';

// The spaces beside a cell.
const PADDING = 2;

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

  /**
   * A table whose cells hold no character that a terminal obeys, as wide as the terminal at most; where its columns would
   * be too narrow to be read, a block a row.
   */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const styled = this.#stream.isTTY === true && process.env['NO_COLOR'] === undefined;
    const shown = [head, ...rows.map((row) => row.map(visible))];
    const { columns } = this.#stream;
    // Each cell has a space on either side and a border, and the last border.
    const fit = this.isTerminal && columns ? widthsFor(shown, columns - head.length * (PADDING + 1) - 1) : 'natural';
    if (fit === 'blocks' && columns) return blocksOf(head, shown.slice(1), columns);
    const widths = typeof fit === 'string' ? undefined : fit;
    const fitting = (row: readonly string[]) =>
      widths ? row.map((cell, i) => wrapped(cell, widths[i] ?? 1)) : [...row];
    const [first = [], ...others] = shown.map(fitting);
    const table = new Table({
      head: first,
      ...(widths ? { colWidths: widths.map((width) => width + PADDING) } : {}),
      style: styled ? { head: ['bold'], border: ['gray'], compact: true } : { head: [], border: [], compact: true },
    });
    for (const row of others) table.push(row);
    return table.toString();
  }

  /** Whether a person reads it on a terminal. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** How many characters of free text a row shows: all of them where nobody looks. */
  get room(): number {
    return this.isTerminal ? Math.max(40, (this.#stream.columns ?? 80) - 40) : Infinity;
  }
}
