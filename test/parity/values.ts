/** The time of every run; the guard's clock stands still here. */
export const NOW = new Date('2026-06-15T12:00:00.000Z');

// U+FF61 comes before U+1F600 and U+10000 in UTF-8, and after them in UTF-16.
export const OWNERS = ['alice', '\u{1F600}zoë', '\uFF61bob'] as const;

/** Small, so that rules and documents meet; strings that UTF-8 and UTF-16 order differently are among them. */
export const WORDS = [
  'general',
  'work',
  'Work',
  'a',
  'z',
  '\u{1F600}',
  '\u{10000}',
  '\uFF61',
  '\uE000',
  '\uD7FF',
  'é',
  'e\u0301',
] as const;
/** What documents may hold and policies may not name. */
export const UNNAMEABLE_WORDS = ['', 'a\u0000b', 'general '] as const;

export const TEAMS = ['work', 'a', '\uFF61', '\u{1F600}'] as const;
export const PURPOSES = ['general', 'support', 'a'] as const;
export const TIERS = [1, 2, 1.5] as const;

const DAY = 86_400_000;
const at = (offset: number) => new Date(NOW.getTime() + offset);

/** The times of documents; those of policies are the ones that ISO 8601 writes with a year of four digits. */
export const TIMES = [at(-400 * DAY), at(-DAY), at(-1), NOW, at(1), at(DAY), at(400 * DAY)] as const;
export const FAR_TIMES = [new Date(0), new Date(-1), new Date(-8.64e15), new Date(8.64e15)] as const;
export const PAST = [at(-400 * DAY), at(-DAY), at(-1), NOW] as const;
export const FUTURE = [at(1), at(DAY), at(400 * DAY), new Date(8.64e15)] as const;

/** One of the ways to write a time in a policy. */
export function writtenTime(time: Date, hoursEast: number): string {
  if (hoursEast === 0) return time.toISOString();
  const shifted = new Date(time.getTime() + hoursEast * 3_600_000).toISOString();
  return shifted.replace('Z', `${hoursEast < 0 ? '-' : '+'}${String(Math.abs(hoursEast)).padStart(2, '0')}:00`);
}
