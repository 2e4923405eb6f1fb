import { before, wordIn, type CompiledCues } from './cues.js';
import { Checked, isSomeId, mayBeSomeId } from './national.js';
import { validator } from './validator.js';

// Digits in groups, at most two other characters in between. Digits and what parts them have nothing in common, so that
// there is one way to read a text and it takes one pass. The same holds of every expression here.
const RUN = /(?<![\dA-Za-z])\+?\(?\d(?:[ .()/-]{0,2}\d){4,39}/g;
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/gi;
const MIXED = /(?<![A-Za-z0-9-])[A-Z0-9][A-Z0-9-]{6,24}(?![A-Za-z0-9])/g;
const DECIMAL = /^\d{1,12}\.\d{5,}$/;
const CARD_GROUP = /\d{3,19}/g;

/** What a text holds of numbers that say who somebody is or where the money lies. */
export type NumberKind = 'payment-card' | 'iban' | 'bank-account' | 'national-id' | 'phone';

// Names of numbers that are the same word in every language, and what checks the number.
const NAMED: readonly (readonly [RegExp, (id: string) => boolean])[] = [
  [/aadhaar/, (id) => validator.isIdentityCard(id, 'IN')],
  [/pesel/, (id) => validator.isIdentityCard(id, 'PL')],
  [/\bcpf\b/, (id) => validator.isTaxID(id, 'pt-BR')],
  [/\bsin\b/, (id) => validator.isTaxID(id, 'en-CA')],
  [/\b(?:nir|insee)\b/, (id) => validator.isTaxID(id, 'fr-FR')],
  [/\bbsn\b/, (id) => validator.isTaxID(id, 'nl-NL')],
  [/\bcnp\b/, (id) => validator.isTaxID(id, 'ro-RO')],
  [/personnummer|personal number/, (id) => validator.isTaxID(id, 'sv-SE') || validator.isIdentityCard(id, 'NO')],
];
const NAMED_SOMEHOW = /steuer-?id|idnr|tax|identity|national/;
const NAMES = new RegExp([...NAMED.map(([name]) => name), NAMED_SOMEHOW].map(({ source }) => source).join('|'));
// What a number has at least: one of any kind, one of those that have a name here, a card.
const [FEWEST, FEWEST_NAMED, FEWEST_OF_CARD] = [6, 8, 13];

/** Finds numbers in texts. */
export class NumberFinder {
  readonly #card: RegExp;
  readonly #other: RegExp;
  readonly #account: RegExp;
  readonly #official: RegExp;
  readonly #phone: RegExp;

  constructor(cues: CompiledCues) {
    this.#card = wordIn(cues.card);
    this.#other = wordIn(cues.otherNumber);
    this.#account = wordIn(cues.bankAccount);
    this.#official = wordIn(cues.officialNumber);
    this.#phone = wordIn(cues.phone);
  }

  /** The kind of the worst number of a text; a phone number is the least. A step for each number. */
  *find(text: string): Generator<void, NumberKind | undefined> {
    if (yield* hasIban(text)) return 'iban';
    const checked = new Checked();
    let found: NumberKind | undefined;
    for (const { 0: run, index } of text.matchAll(RUN)) {
      yield;
      const kind = this.#kindOf(run, index, text, checked);
      if (kind && kind !== 'phone') return kind;
      found ??= kind;
    }
    return (yield* this.#hasMixedId(text, checked)) ? 'national-id' : found;
  }

  // What tells soonest that a number is nothing is asked first, so that many near misses cost little.
  #kindOf(run: string, at: number, text: string, checked: Checked): NumberKind | undefined {
    // A decimal fraction is a measure of something.
    if (DECIMAL.test(run)) return undefined;
    const digits = run.replace(/\D/g, '');
    if (digits.length < FEWEST) return undefined;
    const cue = before(text, at);
    const isOther = this.#other.test(cue);
    if (digits.length >= FEWEST_OF_CARD && (!isOther || this.#isNamedCard(cue, at + run.length, text)) && hasCard(run))
      return 'payment-card';
    if (isSocialSecurity(run, cue, isOther)) return 'national-id';
    if (/^\d{3}\.\d{3}\.\d{3}-\d{2}$/.test(run) && validator.isTaxID(run, 'pt-BR')) return 'national-id';
    if (digits.length >= FEWEST_NAMED && NAMES.test(cue) && isNamedId(run, digits, cue, checked)) return 'national-id';
    if (this.#official.test(cue)) return 'national-id';
    if (digits.length <= 18 && this.#account.test(cue)) return 'bank-account';
    return this.#isPhone(run, digits, cue, isOther) ? 'phone' : undefined;
  }

  #isNamedCard(cue: string, end: number, text: string): boolean {
    return this.#card.test(cue) || this.#card.test(text.slice(end, end + 24).toLowerCase());
  }

  #isPhone(run: string, digits: string, cue: string, isOther: boolean): boolean {
    if (digits.length < 7 || digits.length > 15 || isOther) return false;
    if (run.startsWith('+')) return true;
    if (/^\(?[2-9]\d\d[). -]{1,2}[2-9]\d\d[ .-]\d{4}$/.test(run)) return true;
    if (/^0\d{2,4}[ /-]\d{3}[ -]?\d{3,4}$/.test(run)) return true;
    return this.#phone.test(cue) && !/^\d{4}-\d\d-\d\d/.test(run);
  }

  // Letters and digits: forms that a check digit tells, and whatever follows the name of an official number.
  *#hasMixedId(text: string, checked: Checked): Generator<void, boolean> {
    for (const { 0: id, index } of text.matchAll(MIXED)) {
      yield;
      if (!/\d/.test(id)) continue;
      const compact = id.includes('-') ? id.replaceAll('-', '') : id;
      if (compact.length === 9 && /^[XYZ\d]\d{7}[A-Z]$/.test(compact) && checked.isRight(compact, isSpanish))
        return true;
      if (compact.length === 16 && ITALIAN.test(compact) && checked.isRight(compact, isItalian)) return true;
      if (id.length === 11 && /^\d{6}[-A]\d{3}[0-9A-Z]$/.test(id) && validator.isIdentityCard(id, 'FI')) return true;
      if (id.length === 18 && /^\d{17}X$/.test(id) && validator.isIdentityCard(id, 'zh-CN')) return true;
      const digits = id.replace(/\D/g, '').length;
      if (digits >= 5 && this.#official.test(before(text, index))) return true;
    }
    return NATIONAL_INSURANCE.test(text);
  }
}

// GOV.UK, "National Insurance manual", NIM39110: the prefixes that are never given out are left out.
const NATIONAL_INSURANCE =
  /(?<![A-Za-z0-9])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/;

// Six letters of names and the year, month, day and place of birth, in whose digits letters may stand.
const ITALIAN = /^[A-Z]{6}[L-V\d]{2}[A-T][L-V\d]{2}[A-Z][L-V\d]{3}[A-Z]$/i;

function isItalian(id: string): boolean {
  return validator.isTaxID(id, 'it-IT');
}

function isSpanish(id: string): boolean {
  return validator.isIdentityCard(id, 'ES');
}

function isNamedId(run: string, digits: string, cue: string, checked: Checked): boolean {
  const id = run.replace(/[ .()]/g, '');
  const forms = id === digits ? [digits] : [digits, id];
  if (NAMED.some(([name, test]) => name.test(cue) && forms.some(test))) return true;
  if (!mayBeSomeId(digits.length) || !NAMED_SOMEHOW.test(cue)) return false;
  return forms.some((form) => checked.isRight(form, (one) => isSomeId(one, digits.length)));
}

function* hasIban(text: string): Generator<void, boolean> {
  for (const [found] of text.matchAll(IBAN)) {
    yield;
    // What follows an account in the text may look like one group more.
    let candidate = found;
    while (candidate.length >= 15) {
      if (validator.isIBAN(candidate)) return true;
      const shorter = candidate.lastIndexOf(' ');
      if (shorter < 0) break;
      candidate = candidate.slice(0, shorter);
    }
  }
  return false;
}

// A card stands as groups of digits; what stands beside it (a date) may have been taken for one group more.
function hasCard(run: string): boolean {
  const groups = run.match(CARD_GROUP) ?? [];
  for (let from = 0; from < groups.length; from += 1) {
    let number = '';
    for (let to = from; to < groups.length && number.length < 19; to += 1) {
      number += groups[to] as string;
      if (isCard(number)) return true;
    }
  }
  return false;
}

// The library's expression for Mastercard asks for no length.
function isCard(number: string): boolean {
  if (number.length < 13 || number.length > 19 || /^(\d)\1+$/.test(number)) return false;
  if (/^5[1-5]|^2[2-7]/.test(number) && number.length !== 16) return false;
  return validator.isCreditCard(number);
}

// SSA, "Social Security Number Randomization": no area 000, 666 or from 900 on, no group 00, no serial 0000.
function isSocialSecurity(run: string, cue: string, isOther: boolean): boolean {
  const [, area = '', group, serial] = /^(\d{3})[- ]?(\d{2})[- ]?(\d{4})$/.exec(run) ?? [];
  if (area === '' || area === '000' || area === '666' || area >= '900' || group === '00' || serial === '0000')
    return false;
  if (/\bssn\b|\bsocial\b/.test(cue)) return true;
  return !isOther && /^\d{3}-\d{2}-\d{4}$/.test(run);
}
