import type { Classification, ClassifiedText, SteppedClassifier } from '../model/classifier.js';
import type { Json } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import { atOnce } from '../model/steps.js';
import { ContactFinder, type ContactKind } from './contacts.js';
import { cuesOf } from './cues.js';
import type { Language, Topic } from './language.js';
import { ENGLISH } from './languages/en.js';
import { NumberFinder, type NumberKind } from './numbers.js';
import { SecretFinder, type SecretKind } from './secrets.js';
import { TermTree } from './terms.js';
import { tokens } from './tokens.js';

type RuleId = NumberKind | SecretKind | ContactKind | `${Topic}-term`;

/** Every rule: the level that it asks for and what it finds. docs/classification.md is written from this table. */
export const RULES: Readonly<Record<RuleId, { readonly level: Level; readonly about: string }>> = {
  'secret-token': { level: 'sensitive', about: 'keys and tokens in a published form, private keys, JSON Web Tokens' },
  password: {
    level: 'sensitive',
    about: 'a password, PIN, code or recovery phrase that is named as one, or that stands in an address',
  },
  'payment-card': {
    level: 'sensitive',
    about: 'a payment card whose issuer and check digit are right, unless it is named as another number',
  },
  iban: { level: 'sensitive', about: 'an IBAN whose country, length and check digits are right' },
  'bank-account': {
    level: 'sensitive',
    about: 'a number that is named as an account, a sort code or a routing number',
  },
  'national-id': {
    level: 'sensitive',
    about: 'a social security, identity, tax, passport or licence number: by its form and check digit, or by its name',
  },
  'health-term': { level: 'sensitive', about: 'health, by the terms of the language files' },
  'money-term': { level: 'sensitive', about: 'income, debts and possessions, by the terms of the language files' },
  'legal-term': {
    level: 'sensitive',
    about: 'courts, crimes, custody and residence, by the terms of the language files',
  },
  email: { level: 'private', about: 'an e-mail address' },
  phone: { level: 'private', about: 'a phone number: by its form, or by its name' },
  address: { level: 'private', about: 'a postal address or a postcode' },
};

/** The languages whose terms and cues the rules know. */
export const LANGUAGES: readonly Language[] = [ENGLISH];

/** The classifier of the package: called, it does all its steps in one go. */
export interface RuleClassifier extends SteppedClassifier {
  (text: ClassifiedText): Classification | undefined;
}

/**
 * Makes the classifier of the package: rules, no model, nothing that leaves the process. It reads each text once for
 * each kind of rule, in time that grows with its length.
 */
export function ruleClassifier(languages: readonly Language[] = LANGUAGES): RuleClassifier {
  const cues = cuesOf(languages);
  const secrets = new SecretFinder(cues);
  const numbers = new NumberFinder(cues);
  const contacts = new ContactFinder(cues);
  const terms = new TermTree(languages);
  function* steps(memory: ClassifiedText): Generator<void, Classification | undefined> {
    const text = plainly(textOf(memory));
    const secret = yield* secrets.find(text);
    if (secret) return by(secret);
    const number = yield* numbers.find(text);
    if (number && number !== 'phone') return by(number);
    yield;
    const topic = terms.topicOf(tokens(text));
    if (topic) return by(`${topic}-term`);
    if (number) return by(number);
    yield;
    const contact = yield* contacts.find(text);
    return contact && by(contact);
  }
  return Object.assign((memory: ClassifiedText) => atOnce(steps(memory)), { steps });
}

const BEYOND_ASCII = /[^\0-\x7f]/;
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const HYPHENS = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
const FULL_WIDTH = /[\uff01-\uff5e]/g;

// As a keyboard writes it: typesetting and copying put other spaces, hyphens and wide digits between the groups of a
// number. One character for one, so that what stands beside a number stands where it did.
function plainly(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  return text
    .replace(SPACES, ' ')
    .replace(HYPHENS, '-')
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

function by(ruleId: RuleId): Classification {
  return { level: RULES[ruleId].level, ruleId };
}

// Metadata as lines of key and value, so that a key is a cue for its value.
function textOf({ content, speaker, metadata }: ClassifiedText): string {
  if (speaker === undefined && metadata === undefined) return content;
  const lines = [content];
  if (speaker !== undefined) lines.push(speaker);
  if (metadata !== undefined) addLines(metadata, '', lines);
  return lines.join('\n');
}

function addLines(value: Json, key: string, lines: string[]): void {
  if (typeof value === 'string' || typeof value === 'number')
    lines.push(key === '' ? String(value) : `${key}: ${value}`);
  else if (Array.isArray(value)) for (const item of value as readonly Json[]) addLines(item, key, lines);
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) addLines(item, name, lines);
}
