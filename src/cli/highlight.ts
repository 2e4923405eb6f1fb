import { styleText } from 'node:util';
import { cut, visible } from './visible.js';

const BEFORE = 24;

/**
 * The part of a text around its first match, each match marked. What others wrote is made visible piece by piece, so
 * that no text can end a mark or begin one.
 *
 * @param spans where matches stand, in order
 * @param room how many characters there is room for
 * @param mark marks a match
 */
export function highlighted(
  text: string,
  spans: readonly (readonly [start: number, end: number])[],
  room: number,
  mark: (text: string) => string,
): string {
  const first = spans[0]?.[0] ?? 0;
  const from = first + BEFORE > room ? wholePoint(text, first - BEFORE) : 0;
  let left = room;
  let out = from > 0 ? '…' : '';
  let at = from;
  const put = (part: string, style: (text: string) => string) => {
    if (left <= 0 || part === '') return;
    const shown = cut(visible(part), left);
    left -= shown.length;
    out += style(shown);
  };
  for (const [start, end] of spans) {
    if (start < at) continue;
    put(text.slice(at, start), asItIs);
    put(text.slice(start, end), mark);
    at = end;
  }
  put(text.slice(at), asItIs);
  return out;
}

/** Marks for a terminal; nothing where the output is none or colours are not wanted. */
export function markFor(isTerminal: boolean): (text: string) => string {
  return isTerminal && process.env['NO_COLOR'] === undefined
    ? (text) => styleText(['bold', 'yellow'], text, { validateStream: false })
    : asItIs;
}

function asItIs(text: string): string {
  return text;
}

// Not between the halves of one character.
function wholePoint(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
