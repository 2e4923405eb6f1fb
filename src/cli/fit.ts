const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// Narrower columns are harder to read than an id on two lines.
const READABLE = 10;

/** How many columns of a terminal a text takes at most. */
export function widthOf(text: string): number {
  let width = 0;
  for (const point of text) width += WIDE.test(point) ? 2 : 1;
  return width;
}

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
  const natural = head.map((_, i) => Math.max(1, ...rows.map((row) => widthOf(row[i] ?? ''))));
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
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = broken(word, width);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  return [...lines, line].join('\n');
}

function broken(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  for (const point of word) {
    if (part !== '' && widthOf(part) + widthOf(point) > width) {
      parts.push(part);
      part = '';
    }
    part += point;
  }
  return [...parts, part];
}

function sum(widths: readonly number[]): number {
  return widths.reduce((all, width) => all + width, 0);
}

function one(): number {
  return 1;
}
