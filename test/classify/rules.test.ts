import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LANGUAGES, ruleClassifier } from '../../src/classify/rules.js';
import type { Language } from '../../src/classify/language.js';
import { tokens } from '../../src/classify/tokens.js';
import type { Classification, ClassifiedText } from '../../src/model/classifier.js';

const classify = ruleClassifier();
const ruleOf = (text: string | Omit<ClassifiedText, 'content'>) =>
  (classify(typeof text === 'string' ? { content: text } : { content: 'x', ...text }) as Classification | undefined)
    ?.ruleId;

describe('the rules of the package', () => {
  test.each([
    ['4111 1111 1111 1111', 'payment-card'],
    ['(card: 4111111111111111)', 'payment-card'],
    ['4111 1111 1111 1111 09/27', 'payment-card'],
    ['order 77 was paid with 5555-5555-5555-4444', undefined],
    ['order 77 was paid with card 5555-5555-5555-4444', 'payment-card'],
    // The check digit is wrong.
    ['4111 1111 1111 1112', undefined],
    // The library lets every length of a Mastercard pass: 18 digits with a right check digit.
    ['5105105105105100 34', 'payment-card'],
    ['510510510510510034', undefined],
    ['0000 0000 0000 0000', undefined],
    ['a chance of 0.4111111111111111', undefined],
    ['DE89370400440532013000', 'iban'],
    ['pay DE89 3704 0044 0532 0130 00 NEXT week', 'iban'],
    ['DE88370400440532013000', undefined],
    ['536-22-8719', 'national-id'],
    ['666-22-8719', undefined],
    ['part 536-22-8719', undefined],
    ['12345678Z', 'national-id'],
    ['12345678A', undefined],
    ['RSSMRA85T10A562S', 'national-id'],
    ['529.982.247-25', 'national-id'],
    ['PESEL 44051401359', 'national-id'],
    ['PESEL 44051401358', undefined],
    ['tax id 36574261809', 'national-id'],
    ['passport X1234567', 'national-id'],
    ['sort code 20-45-77', 'bank-account'],
    ['my password is hunter2', 'password'],
    ['my password is required', undefined],
    ['password: "swordfish"', 'password'],
    ['the PIN for the card is 4821', 'password'],
    ['PIN the photo from 2019', undefined],
    ['https://user:pa55@host.example/x', 'password'],
    ['https://host.example:8080/@x', undefined],
    ['sk' + '-abcdefghijklmnopqrstuvwx', 'secret-token'],
    ['task-abcdefghijklmnopqrstuvwx', undefined],
    ['she has diabetes', 'health-term'],
    ['my heart goes out to them', undefined],
    ['the doctor is a friend', undefined],
    ['the doctor prescribed rest', 'health-term'],
    [`the doctor ${'and so on '.repeat(20)} the hospital`, undefined],
    ['his salary is fine', 'money-term'],
    ['she earns $92,000', 'money-term'],
    ['tickets for $92', undefined],
    ['tennis court and court shoes', undefined],
    ['the court heard the witness', 'legal-term'],
    ['a.b@example.com', 'email'],
    ['a.b@example', undefined],
    ['@example.com', undefined],
    ['+44 7700 900123', 'phone'],
    ['call 5550134 today', 'phone'],
    ['version 5550134', undefined],
    ['14 Marlborough Road', 'address'],
    ['Abbey Road', undefined],
    ['Hauptstraße 5', 'address'],
    ['', undefined],
  ])('%j is found by %s', (text, rule) => {
    expect(ruleOf(text)).toBe(rule);
  });

  test('metadata is read with its keys as cues, at any depth, and so is the speaker', () => {
    expect(ruleOf({ metadata: { password: 'Winter7' } })).toBe('password');
    expect(ruleOf({ metadata: { a: [{ b: { card: 4111111111111111 } }] } })).toBe('payment-card');
    expect(ruleOf({ metadata: { confirmed: true, nothing: null } })).toBeUndefined();
    expect(ruleOf({ speaker: 'ann@example.com' })).toBe('email');
  });

  test('a card in the text of a memory counts before a term, and a term before an address', () => {
    expect(ruleOf('She has asthma, lives at 14 Marlborough Road, card 4111111111111111')).toBe('payment-card');
    expect(ruleOf('She has asthma and lives at 14 Marlborough Road')).toBe('health-term');
  });

  test('another language is a file more', () => {
    const [english] = LANGUAGES as [Language];
    const none = { strong: [], weak: [] };
    const german: Language = {
      ...english,
      code: 'de',
      topics: { health: { strong: ['zuckerkrankheit'], weak: [] }, money: none, legal: none },
      neutral: [],
    };
    const both = ruleClassifier([english, german]);
    expect(both({ content: 'Die Zuckerkrankheit der Oma' })).toEqual({ level: 'sensitive', ruleId: 'health-term' });
    expect(both({ content: 'She has diabetes' })).toEqual({ level: 'sensitive', ruleId: 'health-term' });
    expect(ruleOf('Die Zuckerkrankheit der Oma')).toBeUndefined();
  });

  test('amounts of money are one word', () => {
    expect(tokens("I'd pay $18,200 or 300 euros, 92k, 12,000 or €5; it’s 3.5 and 2024-11-05")).toEqual([
      "i'd",
      'pay',
      '#amount',
      'or',
      '#amount',
      '#amount',
      '#thousands',
      'or',
      '#amount',
      "it's",
      '3.5',
      'and',
      '2024-11-05',
    ]);
  });
});

describe('hostile texts', () => {
  const ATOMS = [
    'a',
    'A',
    '1',
    '1 ',
    '1-',
    '1.',
    '@',
    'a@',
    '.@a',
    'a.',
    'sk-',
    '-sk-',
    'eyJ',
    '-eyJ',
    'eyJaaaaaaaa.',
    'SG.',
    '://',
    '://a:',
    'http://a:b',
    'password ',
    'password is ',
    'password a ',
    "pin a's ",
    'seed phrase: a ',
    'DE12 ',
    'AAAA ',
    '4111 ',
    '4111 1111 ',
    '12 Aa ',
    '12 Aa Aa ',
    '1 rue ',
    ', NY ',
    'P. O',
    'Aa',
    'Via a ',
    'AB1',
    'A-',
    'A1-',
    'é',
    '’',
    'heart ',
    'heart goes ',
    'in the ',
    '$1,',
    '1,000,',
    'a-',
    "a'",
    'social 123-45-',
    '+',
    '+1(',
    'AB 12 34 ',
    'tax ',
    'aadhaar 1',
    '-----BEGIN ',
    '\n',
    '\u{1f600}',
    '\ud800',
  ];

  // A step that looks back over the text would take 64 Ki times 64 Ki of them a text: minutes, where this takes seconds.
  // The growth itself is measured by `npm run bench -- classify`.
  test('no text of the largest size holds the rules up, whatever it repeats', () => {
    const repeated = (atom: string) => atom.repeat(Math.ceil(65_536 / atom.length)).slice(0, 65_536);
    for (const [i, atom] of ATOMS.entries())
      for (const text of [atom, atom + (ATOMS[(i * 7 + 3) % ATOMS.length] as string)])
        classify({ content: repeated(text) });
    expect(ATOMS.length).toBeGreaterThan(50);
  }, 60_000);

  test('no text, metadata or speaker makes the rules throw, and what they answer is sound', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(fc.constantFrom(...ATOMS, ' ', 'is ', '4821', 'Street'), { maxLength: 40 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, fc.jsonValue(), text, (content, json, speaker) => {
        const said = classify({ content, speaker, metadata: { json: json as never } }) as Classification | undefined;
        return said === undefined || /^[a-z-]+$/.test(said.ruleId);
      }),
      { seed: 6, numRuns: 2_000 },
    );
  });
});
