import type { Language } from './languages.js';

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;
const ISO_DAY = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/g;
const EAST_ASIAN = /(?<!\d)(\d{1,2})\s?[\u6708\uc6d4]/g;
const MAY_BE_WRITTEN = /\d{4}-|[\u6708\uc6d4]/;
const NONE: readonly string[] = [];
const ORDINAL = /^(\d{1,2})(?:st|nd|rd|th)$/;
// English words that are months only with a capital.
const AMBIGUOUS = new Set(['may', 'march']);

/** The terms of a moment, in UTC: the month by its English name, the day, the year. */
export function dateTerms(moment: Date): string[] {
  return [monthTerm(moment.getUTCMonth()), String(moment.getUTCDate()), String(moment.getUTCFullYear())];
}

/** The terms of the dates that a text writes in digits. */
export function writtenDates(text: string): readonly string[] {
  if (!MAY_BE_WRITTEN.test(text)) return NONE;
  const terms: string[] = [];
  for (const [, , month, day] of text.matchAll(ISO_DAY)) {
    if (isMonth(Number(month))) terms.push(monthTerm(Number(month) - 1), String(Number(day)));
  }
  for (const [, month] of text.matchAll(EAST_ASIAN))
    if (isMonth(Number(month))) terms.push(monthTerm(Number(month) - 1));
  return terms;
}

/** Whether it depends on its capital what a word is. */
export function isAmbiguous(word: string): boolean {
  return AMBIGUOUS.has(word);
}

/** The term of a word that is part of a date: the name of a month, or a day such as `8th`. */
export function dateWord(word: string, capital: boolean, language: Language): string | undefined {
  const day = ORDINAL.exec(word)?.[1];
  if (day !== undefined) return String(Number(day));
  const month = monthsOf(language).get(word) ?? monthsOf('en').get(word);
  if (month === undefined || (AMBIGUOUS.has(word) && !capital)) return undefined;
  return monthTerm(month);
}

// Apart from words, so that a month is neither a stop word nor stemmed.
function monthTerm(month: number): string {
  return MONTHS[month] as string;
}

function isMonth(month: number): boolean {
  return month >= 1 && month <= 12;
}

const months = new Map<Language, ReadonlyMap<string, number>>();

// Alone and beside a day: Slavic and Finnish months are declined.
function monthsOf(language: Language): ReadonlyMap<string, number> {
  let names = months.get(language);
  if (!names) {
    const alone = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' });
    const beside = new Intl.DateTimeFormat(language, { month: 'long', day: 'numeric', timeZone: 'UTC' });
    names = new Map(
      MONTHS.flatMap((_, month) => {
        const day = new Date(Date.UTC(2024, month, 8));
        const part = beside.formatToParts(day).find(({ type }) => type === 'month')?.value ?? '';
        return [alone.format(day), part].map((name) => [name.toLowerCase(), month] as const);
      }),
    );
    months.set(language, names);
  }
  return names;
}
