/** A language that words are stemmed in, by its ISO 639-1 code. */
export type Language = keyof typeof LOADERS;

// Sanskrit is left out because its lists are transliterated, Lithuanian and Serbian because theirs are not UTF-8.
const LOADERS = {
  en: () => Promise.all([import('@orama/stemmers/english'), import('@orama/stopwords/english')]),
  de: () => Promise.all([import('@orama/stemmers/german'), import('@orama/stopwords/german')]),
  fr: () => Promise.all([import('@orama/stemmers/french'), import('@orama/stopwords/french')]),
  es: () => Promise.all([import('@orama/stemmers/spanish'), import('@orama/stopwords/spanish')]),
  it: () => Promise.all([import('@orama/stemmers/italian'), import('@orama/stopwords/italian')]),
  pt: () => Promise.all([import('@orama/stemmers/portuguese'), import('@orama/stopwords/portuguese')]),
  nl: () => Promise.all([import('@orama/stemmers/dutch'), import('@orama/stopwords/dutch')]),
  sv: () => Promise.all([import('@orama/stemmers/swedish'), import('@orama/stopwords/swedish')]),
  no: () => Promise.all([import('@orama/stemmers/norwegian'), import('@orama/stopwords/norwegian')]),
  da: () => Promise.all([import('@orama/stemmers/danish'), import('@orama/stopwords/danish')]),
  fi: () => Promise.all([import('@orama/stemmers/finnish'), import('@orama/stopwords/finnish')]),
  hu: () => Promise.all([import('@orama/stemmers/hungarian'), import('@orama/stopwords/hungarian')]),
  ro: () => Promise.all([import('@orama/stemmers/romanian'), import('@orama/stopwords/romanian')]),
  tr: () => Promise.all([import('@orama/stemmers/turkish'), import('@orama/stopwords/turkish')]),
  id: () => Promise.all([import('@orama/stemmers/indonesian'), import('@orama/stopwords/indonesian')]),
  ga: () => Promise.all([import('@orama/stemmers/irish'), import('@orama/stopwords/irish')]),
  ru: () => Promise.all([import('@orama/stemmers/russian'), import('@orama/stopwords/russian')]),
  uk: () => Promise.all([import('@orama/stemmers/ukrainian'), import('@orama/stopwords/ukrainian')]),
  bg: () => Promise.all([import('@orama/stemmers/bulgarian'), import('@orama/stopwords/bulgarian')]),
  el: () => Promise.all([import('@orama/stemmers/greek'), import('@orama/stopwords/greek')]),
  ar: () => Promise.all([import('@orama/stemmers/arabic'), import('@orama/stopwords/arabic')]),
  hy: () => Promise.all([import('@orama/stemmers/armenian'), import('@orama/stopwords/armenian')]),
  hi: () => Promise.all([import('@orama/stemmers/indian'), import('@orama/stopwords/indian')]),
  ne: () => Promise.all([import('@orama/stemmers/nepali'), import('@orama/stopwords/nepali')]),
  ta: () => Promise.all([import('@orama/stemmers/tamil'), import('@orama/stopwords/tamil')]),
} as const;

/** Languages written in Latin letters, the one that is taken where nothing tells first. */
const LATIN: readonly Language[] = [
  'en',
  'de',
  'fr',
  'es',
  'it',
  'pt',
  'nl',
  'sv',
  'no',
  'da',
  'fi',
  'hu',
  'ro',
  'tr',
  'id',
  'ga',
];

/** Languages of other scripts, the one that is taken where no stop word tells first. */
const BY_SCRIPT: readonly (readonly [RegExp, readonly Language[]])[] = [
  [/\p{Script=Cyrillic}/u, ['ru', 'uk', 'bg']],
  [/\p{Script=Greek}/u, ['el']],
  [/\p{Script=Arabic}/u, ['ar']],
  [/\p{Script=Armenian}/u, ['hy']],
  [/\p{Script=Devanagari}/u, ['hi', 'ne']],
  [/\p{Script=Tamil}/u, ['ta']],
];

/** Stemmers and stop words of all languages, and which language a text is in. */
export class Languages {
  readonly #stemmers: ReadonlyMap<Language, (word: string) => string>;
  // A bit a language, in the order of LOADERS.
  readonly #stopWords: ReadonlyMap<string, number>;
  readonly #particles: ReadonlySet<string>;

  constructor(
    stemmers: ReadonlyMap<Language, (word: string) => string>,
    stopWords: ReadonlyMap<string, number>,
    particles: ReadonlySet<string>,
  ) {
    this.#stemmers = stemmers;
    this.#stopWords = stopWords;
    this.#particles = particles;
  }

  /** The stem of a word in lower case. */
  stem(word: string, language: Language): string {
    const stem = this.#stemmers.get(language)?.(word) ?? word;
    return stem === '' ? word : stem;
  }

  /** The languages in which a word in lower case says nothing, a bit each. */
  stopMask(word: string): number {
    return this.#stopWords.get(word) ?? 0;
  }

  /** Whether a word of a script without spaces says nothing. */
  isParticle(word: string): boolean {
    return this.#particles.has(word);
  }

  /**
   * The language whose stop words most of some words are. One alone tells nothing (a Danish `dog` is a `however`), then
   * it is the first of the script.
   *
   * @param masks the `stopMask` of each word, each word once
   */
  detect(masks: readonly number[], of: readonly Language[]): Language {
    const counts = new Uint32Array(32);
    for (const mask of masks) {
      for (let rest = mask; rest !== 0; rest &= rest - 1) {
        const place = placeOf(rest);
        counts[place] = (counts[place] as number) + 1;
      }
    }
    let best = of[0] as Language;
    let most = 1;
    for (const language of of) {
      const count = counts[placeOf(bitOf(language))] as number;
      if (count > most) [best, most] = [language, count];
    }
    return best;
  }
}

/** The languages that a word may be in, by its script; undefined where no language here is written in it. */
export function languagesOf(word: string): readonly Language[] | undefined {
  if (word.charCodeAt(0) < 0x250) return LATIN;
  return BY_SCRIPT.find(([script]) => script.test(word))?.[1];
}

/** The languages of a number that has a bit for each. */
export function languagesIn(mask: number): Language[] {
  return [...BITS].flatMap(([language, bit]) => (mask & bit ? [language] : []));
}

const BITS: ReadonlyMap<Language, number> = new Map(
  Object.keys(LOADERS).map((language, i) => [language as Language, 1 << i]),
);

/** The bit of a language in a number that holds several. */
export function bitOf(language: Language): number {
  return BITS.get(language) ?? 0;
}

/** The place of the lowest bit of a number that is not 0. */
export function placeOf(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

let loaded: Promise<Languages> | undefined;

/** Loads stemmers and stop words once, on first use. */
export function loadLanguages(): Promise<Languages> {
  return (loaded ??= load());
}

async function load(): Promise<Languages> {
  const stemmers = new Map<Language, (word: string) => string>();
  const stop = new Map<string, number>();
  // One after the other, so that reading them blocks nothing for long.
  for (const [name, loader] of Object.entries(LOADERS)) {
    const language = name as Language;
    const [{ stemmer }, { stopwords }] = await loader();
    stemmers.set(language, stemmer);
    // The English list lacks its most frequent word.
    if (language === 'en') stop.set('a', (stop.get('a') ?? 0) | bitOf(language));
    // What stands before and after an apostrophe says nothing either: don't, l'eau.
    for (const word of stopwords.flatMap((one) => [one, ...one.split("'")]).map((one) => one.toLowerCase()))
      if (word !== '') stop.set(word, (stop.get(word) ?? 0) | bitOf(language));
  }
  const japanese = await import('@orama/stopwords/japanese');
  const mandarin = await import('@orama/stopwords/mandarin');
  return new Languages(stemmers, stop, new Set([...japanese.stopwords, ...mandarin.stopwords]));
}
