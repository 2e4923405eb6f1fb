const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * What is wrong with JSON text that a parser would not say: nested too deep, or a key twice in one object, of which
 * parsers take the last, and whoever checked before us may have taken the first. Text that is no JSON is for the parser.
 * (One pass without recursion. `JSON.parse` has no way to ask for it, the parser of `yaml` knows but is much too slow for
 * a door, and `jsonc-parser` recurses as deep as a body says.)
 */
export function jsonFlaw(text: string, maxDepth: number): string | undefined {
  // The keys of each object that is open; undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let isKeyNext = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (isKeyNext && keys) {
          const key = keyOf(text.slice(at, end + 1));
          if (keys.has(key)) return 'a key twice';
          keys.add(key);
          isKeyNext = false;
        }
        at = end;
        break;
      }
      case OBJECT:
      case ARRAY: {
        const isObject = text.charCodeAt(at) === OBJECT;
        open.push(isObject ? new Set() : undefined);
        if (open.length > maxDepth) return `nested deeper than ${maxDepth}`;
        isKeyNext = isObject;
        break;
      }
      case OBJECT_END:
      case ARRAY_END:
        open.pop();
        isKeyNext = false;
        break;
      case COMMA:
        isKeyNext = open.at(-1) !== undefined;
        break;
    }
  }
  return undefined;
}

// The place of the closing quote, or the end of a text that has none.
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

// `"a"` and `"\u0061"` are one key.
function keyOf(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal;
  }
}
