import { validator } from './validator.js';

type Check = (id: string) => boolean;

// The kinds of numbers without letters, by how many digits they have: the check of another length refuses them.
const TAX_IDS = {
  8: ['sl-SI'],
  9: ['cs-CZ', 'de-AT', 'el-GR', 'en-CA', 'en-US', 'nl-NL', 'pt-PT', 'sk-SK'],
  10: ['bg-BG', 'cs-CZ', 'dk-DK', 'en-GB', 'fi-FI', 'hu-HU', 'pl-PL', 'sk-SK', 'sv-SE'],
  11: ['de-DE', 'et-EE', 'fr-BE', 'hr-HR', 'lv-LV', 'pl-PL', 'pt-BR'],
  12: ['sv-SE'],
  13: ['fr-FR', 'fr-LU', 'ro-RO'],
  14: ['pt-BR'],
} as const;
const CARDS = {
  9: ['he-IL'],
  10: ['FI', 'IR'],
  11: ['NO', 'PL'],
  12: ['IN'],
  13: ['TH'],
  15: ['zh-CN'],
  18: ['zh-CN'],
} as const;
// The library's expression for it asks for no end.
const ANY_LENGTH = 'es-AR';
const ANY_LENGTH_FROM = 11;

const CHECKS = new Map<number, Check[]>();
for (const [length, locales] of Object.entries(TAX_IDS))
  add(length, ...locales.map((locale) => (id: string) => validator.isTaxID(id, locale)));
for (const [length, locales] of Object.entries(CARDS))
  add(length, ...locales.map((locale) => (id: string) => validator.isIdentityCard(id, locale)));

function add(length: string, ...checks: readonly Check[]): void {
  CHECKS.set(Number(length), [...(CHECKS.get(Number(length)) ?? []), ...checks]);
}

/**
 * Whether a number is one of some country's tax payers or citizens.
 *
 * @param id digits, and signs that may part them
 * @param length how many digits it has
 */
export function isSomeId(id: string, length: number): boolean {
  return (
    CHECKS.get(length)?.some((check) => check(id)) === true ||
    (length >= ANY_LENGTH_FROM && validator.isTaxID(id, ANY_LENGTH))
  );
}

/** Whether a number of so many digits may be one. */
export function mayBeSomeId(length: number): boolean {
  return length >= ANY_LENGTH_FROM || CHECKS.has(length);
}

/** So many different numbers of a text are checked by its dear checks. */
export const MOST_CHECKED = 512;

/**
 * The numbers of one text that were checked and are not right, so that none is checked twice. Behind so many that are
 * wrong the next is taken for right: check digits are never wrong so often by chance, and a level is never missed
 * because a check was spared.
 */
export class Checked {
  readonly #wrong = new Set<string>();

  /** Whether an id is right by a check that always says the same of it. */
  isRight(id: string, check: Check): boolean {
    if (this.#wrong.has(id)) return false;
    if (this.#wrong.size >= MOST_CHECKED || check(id)) return true;
    this.#wrong.add(id);
    return false;
  }
}
