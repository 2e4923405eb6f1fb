// Control characters (ESC and the C1 controls drive a terminal), format characters (they turn and hide text), lone
// surrogates, separators, private-use and unassigned characters. The two joiners are part of how people write.
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text that others wrote, as a terminal may show it: what is no visible character is written out. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (one) => NAMES[one] ?? `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** `visible`, but lines stay lines: for messages of our own that may quote others. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** A value as one line of JSON without a character that a terminal obeys. It means the same to a parser. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (one) =>
    Array.from({ length: one.length }, (_, i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** The beginning of a text, by code points. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const points = Array.from(text);
  return points.length <= length ? text : `${points.slice(0, length - 1).join('')}…`;
}
