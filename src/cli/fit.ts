import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// Narrower columns are harder to read than an id on two lines.
const READABLE = 10;

/**
 * How wide the columns of a table may be: the widest shrink first, columns of ids last, as long as the others stay
 * readable.
 *
 * @param rows every row of the table, its head first
 * @param room how many columns of the terminal there are for all of them
 * @returns the widths; undefined where everything has room as it is
 */
export function widthsFor(rows: readonly (readonly string[])[], room: number): number[] | undefined {
  const [head = [], ...body] = rows;
  const natural = head.map((_, i) => Math.max(1, ...rows.map((row) => stringWidth(row[i] ?? ''))));
  if (sum(natural) <= room) return undefined;
  const kept = head.map((_, i) => body.some((row) => ID.test(row[i] ?? '')));
  const floors = natural.map((width, i) => (kept[i] ? width : Math.min(width, READABLE)));
  return shrunk(natural, floors, room) ?? shrunk(natural, natural.map(one), room) ?? natural.map(one);
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

/** A text in lines of a width: between words where it can be, else between characters. */
export function wrapped(text: string, width: number): string {
  return wrapAnsi(text, width, { hard: true });
}

function sum(widths: readonly number[]): number {
  return widths.reduce((all, width) => all + width, 0);
}

function one(): number {
  return 1;
}
