import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// Narrower columns are harder to read than an id on two lines.
const READABLE = 10;

/**
 * How wide the columns of a table may be: the widest shrink first, and columns of ids not at all.
 *
 * @param rows every row of the table, its head first
 * @param room how many columns of the terminal there are for all of them
 * @returns the widths; `natural` where everything has room as it is, `blocks` where no table would be readable
 */
export function widthsFor(
  rows: readonly (readonly string[])[],
  room: number,
): readonly number[] | 'natural' | 'blocks' {
  const [head = [], ...body] = rows;
  const natural = head.map((_, i) => Math.max(1, ...rows.map((row) => stringWidth(row[i] ?? ''))));
  if (sum(natural) <= room) return 'natural';
  const kept = head.map((_, i) => body.some((row) => ID.test(row[i] ?? '')));
  const floors = natural.map((width, i) => (kept[i] ? width : Math.min(width, READABLE)));
  return shrunk(natural, floors, room) ?? 'blocks';
}

function shrunk(natural: readonly number[], floors: readonly number[], room: number): number[] | undefined {
  if (sum(floors) > room) return undefined;
  const widths = [...natural];
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const most = Math.max(...widths.filter((width, i) => width > (floors[i] ?? 1)));
    const widest = widths.findIndex((width, i) => width === most && width > (floors[i] ?? 1));
    widths[widest] = most - 1;
  }
  return widths;
}

/**
 * Rows without a table: a block each, a line for each cell that is not empty, the label before it. Ids stay whole where
 * the terminal is as wide as one.
 */
export function blocksOf(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const indent = Math.max(...head.map((label) => stringWidth(label))) + 2;
  const room = Math.max(1, columns - indent);
  const field = (label: string, cell: string) => {
    const before = `${label}:`;
    if (ID.test(cell) && stringWidth(cell) > room) return `${before}\n${wrapped(cell, columns)}`;
    const [first = '', ...more] = wrapped(cell, room).split('\n');
    const gap = ' '.repeat(indent - stringWidth(before));
    return [`${before}${gap}${first}`, ...more.map((line) => `${' '.repeat(indent)}${line}`)].join('\n');
  };
  const block = (row: readonly string[]) =>
    head.flatMap((label, i) => (row[i] ? [field(label, row[i])] : [])).join('\n');
  return rows.map((row) => `${block(row)}\n`).join('\n');
}

/** A text in lines of a width: between words where it can be, else between characters. */
export function wrapped(text: string, width: number): string {
  return wrapAnsi(text, width, { hard: true });
}

function sum(widths: readonly number[]): number {
  return widths.reduce((all, width) => all + width, 0);
}
