import type { Cues, Language } from './language.js';

/** How many characters before a number are looked at for the word that says what it is. */
export const CUE_ROOM = 48;

/** The cues of all languages, each as one expression on lower-case text. */
export type CompiledCues = { readonly [name in keyof Cues]: string };

/** The cues of some languages as alternatives of one expression. */
export function cuesOf(languages: readonly Language[]): CompiledCues {
  const names = Object.keys(languages[0]?.cues ?? {}) as (keyof Cues)[];
  return Object.fromEntries(
    names.map((name) => [name, languages.map(({ cues }) => cues[name]).join('|')]),
  ) as unknown as CompiledCues;
}

/** An expression that finds a cue as a word of its own. */
export function wordIn(cue: string): RegExp {
  return new RegExp(`(?<![a-z0-9_])(?:${cue})s?(?![a-z0-9])`);
}

/** What stands before a place, in lower case, no further back than a cue may stand. */
export function before(text: string, at: number, room = CUE_ROOM): string {
  return text.slice(Math.max(0, at - room), at).toLowerCase();
}
