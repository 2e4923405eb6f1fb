import type { CompiledCues } from './cues.js';
import { validator } from './validator.js';

const STATES =
  'AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC';
// How addresses are written elsewhere, whatever the language of the text.
const POSTAL = [
  '(?<![A-Za-z0-9])[A-Z]{1,2}\\d[A-Z\\d]? \\d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])', // United Kingdom
  `, (?:${STATES}) \\d{5}(?:-\\d{4})?(?!\\d)`, // United States
  'P\\.? ?O\\.? Box \\d',
  '\\p{Lu}\\p{Ll}{2,24}(?:straße|strasse|str\\.|gasse|platz|allee) \\d{1,4}(?!\\d)', // German
  '(?<![\\p{L}\\d])\\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|chemin|impasse|quai) (?:de|du|des|la|le|d|l|\\p{Lu})', // French
  '(?<!\\p{L})(?:Via|Piazza|Corso|Calle|Avenida|Rua|Plaza) (?:\\p{L}{1,20} ){0,3}?\\p{Lu}\\p{Ll}{1,24},? \\d{1,4}(?!\\d)',
];
const BEFORE_AT = 64;
const AFTER_AT = 255;

/** What a text holds of ways to reach somebody. */
export type ContactKind = 'email' | 'address';

/** Finds e-mail addresses and postal addresses. */
export class ContactFinder {
  readonly #address: RegExp;

  constructor(cues: CompiledCues) {
    const street = `(?<![\\p{L}\\d.,-])\\d{1,5}[A-Za-z]? (?:(?:[NSEW]|North|South|East|West)\\.? )?(?:\\d{1,3}(?:st|nd|rd|th) |(?:\\p{Lu}[\\p{L}'’]{1,24} ){1,3})(?:${cues.street})(?![\\p{L}\\d])`;
    this.#address = new RegExp([street, ...POSTAL].join('|'), 'u');
  }

  /** The kind of a way to reach somebody; a step for each sign that may stand in one. */
  *find(text: string): Generator<void, ContactKind | undefined> {
    if (yield* hasEmail(text)) return 'email';
    return /\d/.test(text) && this.#address.test(text) ? 'address' : undefined;
  }
}

// What stands around each sign, no further than an address reaches.
function* hasEmail(text: string): Generator<void, boolean> {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    yield;
    const name = /[A-Za-z0-9._%+-]{1,64}$/.exec(text.slice(Math.max(0, at - BEFORE_AT), at))?.[0];
    const host = /^(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}/.exec(text.slice(at + 1, at + 1 + AFTER_AT))?.[0];
    if (name && host && validator.isEmail(`${name.replace(/^\.+/, '')}@${host}`)) return true;
  }
  return false;
}
