import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Analyzer } from '../../src/search/analyzer.js';
import { languagesIn, loadLanguages } from '../../src/search/languages.js';
import { Proposals, type Proposal } from '../../src/search/proposals.js';
import { ViewIndex, type Entry } from '../../src/search/view-index.js';
import { WEIGHTS } from '../../src/search/weights.js';

const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 5);
const languages = await loadLanguages();
const DAY = 86_400_000;

function indexOf(entries: readonly Entry[]): ViewIndex {
  const index = new ViewIndex(languages);
  entries.forEach((entry) => index.put(entry));
  return index;
}

function found(index: ViewIndex, text: string): Proposal[] {
  return new Proposals(index, { text, mode: 'lexical' }).take(10_000);
}

const WORDS = 'adopt adoption cat dog dogs garden gardens gardening Anna Ben paint painting sea. lake? 7 May'.split(
  ' ',
);
const NAMES = [undefined, 'Anna', 'Ben', 'Anna Lee'];

const entry = fc
  .record({
    content: fc.array(fc.constantFrom(...WORDS), { maxLength: 9 }),
    speaker: fc.constantFrom(...NAMES),
    session: fc.constantFrom(undefined, 'a', 'b'),
    // Few days, so that times are often equal.
    day: fc.nat(4),
    expires: fc.constantFrom(undefined, 10, 20),
  })
  .map(({ content, speaker, session, day, expires }) => ({
    content: content.join(' '),
    occurredAt: new Date(day * DAY),
    ...(speaker === undefined ? {} : { speaker }),
    ...(session === undefined ? {} : { sessionId: session }),
    ...(expires === undefined ? {} : { expiresAt: new Date(expires) }),
  }));
const entries = fc
  .array(entry, { maxLength: 25 })
  .map((list) => list.map((one, i): Entry => ({ id: `id-${String(i).padStart(3, '0')}`, ...one })));
const queries = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }).map((list) => list.join(' '));

describe('the lexical rank', () => {
  test(`the index says what the formula says, computed without an index (seed ${SEED})`, () => {
    let hits = 0;
    fc.assert(
      fc.property(entries, queries, (list, query) => {
        const expected = formula(list, query);
        const actual = found(indexOf(list), query);
        hits += actual.length;
        expect(actual.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        actual.forEach(({ score }, i) => expect(score).toBeCloseTo(expected[i]!.score, 12));
      }),
      { seed: SEED, numRuns: 400 },
    );
    expect(hits).toBeGreaterThan(1_000);
  });

  test(`S13: whatever came, changed, went and expired, scores are those of a fresh index to the last bit (seed ${SEED})`, () => {
    fc.assert(
      fc.property(entries, entries, fc.array(fc.nat(24)), queries, (before, after, gone, query) => {
        const index = indexOf(before);
        for (const one of gone) index.remove(`id-${String(one).padStart(3, '0')}`);
        for (const one of [...after].reverse()) index.put(one);
        index.expire(new Date(15));
        const there = new Map(before.map((one) => [one.id, one]));
        for (const one of gone) there.delete(`id-${String(one).padStart(3, '0')}`);
        for (const one of after) there.set(one.id, one);
        const left = [...there.values()].filter(({ expiresAt }) => expiresAt === undefined || expiresAt > new Date(15));
        expect(index.size).toBe(left.length);
        expect(found(index, query)).toEqual(found(indexOf(left), query));
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  test('a score is absolute: it lies between 0 and 1, and a better memory beside it does not lower it', () => {
    fc.assert(
      fc.property(entries, queries, (list, query) => {
        for (const { score } of found(indexOf(list), query)) expect(score > 0 && score < 1).toBe(true);
      }),
      { seed: SEED, numRuns: 200 },
    );
    const hit = { id: 'a', content: 'a garden with roses' };
    const alone = found(indexOf([hit, { id: 'b', content: 'seven lamps table chair' }]), 'garden')[0]!.score;
    const both = found(indexOf([hit, { id: 'b', content: 'garden garden lamps chair' }]), 'garden');
    expect(both.map(({ id }) => id)).toEqual(['b', 'a']);
    // What two of two memories hold tells less than what one of two holds; the share of the query is covered alike.
    expect(both[1]!.score).toBe(alone);
  });

  test('equal scores: the newer first, then as lists are ordered', () => {
    const at = (id: string, day: number): Entry => ({ id, content: 'a blue lamp', occurredAt: new Date(day * DAY) });
    const index = indexOf([at('b', 40), at('c', 40), at('a', 50), at('d', 30)]);
    const scores = found(index, 'blue lamp');
    expect(new Set(scores.map(({ score }) => score)).size).toBe(1);
    expect(scores.map(({ id }) => id)).toEqual(['a', 'c', 'b', 'd']);
  });

  test('the parts of a score sum up to it', () => {
    fc.assert(
      fc.property(entries, queries, (list, query) => {
        for (const { score, words, factors } of found(indexOf(list), query)) {
          const sum = words.reduce((all, { part }) => all + part, 0);
          expect(sum * factors!.speaker * factors!.question).toBeCloseTo(score, 12);
          expect(words.length).toBeGreaterThan(0);
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test('a memory of a conversation is found by the words beside it, an answer by its question above all', () => {
    const said = (id: string, content: string, minute: number): Entry => ({
      id,
      content,
      sessionId: 's',
      occurredAt: new Date(minute * 60_000),
    });
    const index = indexOf([
      said('before', 'The weather was fine all along the coast today', 0),
      said('question', 'Which instrument do you play?', 1),
      said('answer', 'The cello, since my grandmother gave me hers', 2),
      said('after', 'That sounds like a lovely present to get', 3),
      said('far', 'We should meet on Saturday for the market', 4),
    ]);
    expect(found(index, 'instrument').map(({ id }) => id)).toEqual(['answer', 'question', 'before', 'after']);
  });

  test('a question that names a speaker prefers what that speaker said', () => {
    const index = indexOf([
      { id: 'anna', content: 'I paint lakes at the weekend', speaker: 'Anna' },
      { id: 'ben', content: 'I paint lakes at the weekend', speaker: 'Ben' },
      { id: 'note', content: 'Everybody paints lakes at the weekend' },
    ]);
    expect(found(index, 'Where does Anna paint?')[0]?.id).toBe('anna');
    expect(found(index, 'Where does Ben paint?')[0]?.id).toBe('ben');
  });

  test('a memory is found by its date, however the query writes it', () => {
    const index = indexOf([
      { id: 'may', content: 'A walk in the hills', occurredAt: new Date('2023-05-08T10:00:00Z') },
      { id: 'june', content: 'A walk in the hills', occurredAt: new Date('2023-06-09T10:00:00Z') },
    ]);
    for (const query of [
      '8 May 2023',
      'the walk in May',
      '2023-05-08',
      'on May 8th',
      '5月',
      'Ende Mai, der 8. war schön',
    ])
      expect([query, found(index, query)[0]?.id]).toEqual([query, 'may']);
    // The English verb is no month.
    expect(found(index, 'you may go')).toEqual([]);
  });

  test('more than 255 of one word, and 4,000 memories that come and go, fit the compact form', () => {
    const index = new ViewIndex(languages);
    index.put({ id: 'long', content: 'buoy '.repeat(10_000) });
    expect(found(index, 'buoy')[0]?.score).toBeGreaterThan(0.4);
    const before = index.bytes;
    for (let round = 0; round < 4; round += 1) {
      for (let i = 0; i < 1_000; i += 1)
        index.put({ id: `m${i}`, content: `word${round}x${i} lamp`, sessionId: 's', occurredAt: new Date(i) });
      for (let i = 0; i < 1_000; i += 1) index.remove(`m${i}`);
    }
    expect(index.size).toBe(1);
    expect(found(index, 'lamp')).toEqual([]);
    expect(index.postings.idOf('word0x0')).toBeUndefined();
    expect(index.bytes).toBeLessThan(before + 400_000);
  });
});

// The formula of rank.ts over plain maps: no postings, no links, no heap.
function formula(list: readonly Entry[], query: string): { id: string; score: number }[] {
  const { k1, b, neighbours, answers, question, otherSpeaker, kin } = WEIGHTS;
  const analyzer = new Analyzer(languages, WEIGHTS);
  const docs = list.map((one) => {
    const { terms, speaker: name, ...rest } = analyzer.memory(one);
    return { ...one, ...rest, terms: new Map(terms.map(({ term, count }) => [term, count])), name };
  });
  const time = (one: Pick<Entry, 'occurredAt'>) => one.occurredAt!.getTime();
  const newestFirst = (a: Pick<Entry, 'id' | 'occurredAt'>, z: Pick<Entry, 'id' | 'occurredAt'>) =>
    time(z) - time(a) || (a.id < z.id ? 1 : -1);
  const shares = docs.map((doc) => {
    const session = docs
      .filter((one) => one.sessionId !== undefined && one.sessionId === doc.sessionId)
      .sort(newestFirst);
    const at = session.indexOf(doc);
    return docs.map((other) => {
      if (other === doc) return 1;
      const steps = at < 0 ? -1 : session.indexOf(other);
      if (steps < 0) return 0;
      const distance = Math.abs(steps - at);
      return steps === at + 1 && other.isQuestion ? answers : (neighbours[distance - 1] ?? 0);
    });
  });
  const length = (doc: (typeof docs)[number]) => [...doc.terms.values()].reduce((sum, n) => sum + n, 0);
  const spans = shares.map((row) => row.reduce((sum, share, i) => sum + share * length(docs[i]!), 0));
  const mean = spans.reduce((sum, span) => sum + span, 0) / docs.length;
  const spoken = docs.reduce((mask, { languages: one }) => mask | one, 0);
  const words = analyzer.query(query, languagesIn(spoken)).map(({ terms }) => {
    const own = docs.map(({ terms: has }) => terms.reduce((sum, term) => sum + (has.get(term) ?? 0), 0));
    const related = docs.map(({ terms: has }) =>
      [...has].reduce(
        (sum, [t, n]) => sum + (!terms.includes(t) && terms.some((term) => areKin(t, term)) ? kin * n : 0),
        0,
      ),
    );
    const named = docs.map(({ name }) => terms.filter((term) => name.includes(term)).length);
    const holding = terms.reduce(
      (sum, term) =>
        sum +
        docs.filter(({ terms: has }) => has.has(term)).length +
        docs.filter(({ name }) => name.includes(term)).length,
      0,
    );
    const df = Math.min(docs.length, holding);
    const frequency = docs.map(
      (_, i) => named[i]! + shares[i]!.reduce((sum, share, j) => sum + share * (own[j]! + related[j]!), 0),
    );
    return { terms, frequency, idf: Math.log(1 + (docs.length - df + 0.5) / (df + 0.5)) };
  });
  const whole = words.reduce((sum, { idf }) => sum + idf, 0);
  const isNamed = (name: readonly string[]) => name.some((part) => words.some(({ terms }) => terms.includes(part)));
  const someNamed = docs.some(({ name }) => isNamed(name));
  return docs
    .map((doc, i) => {
      let score = 0;
      for (const { frequency, idf } of words) {
        const f = frequency[i]!;
        score += ((idf / whole) * f) / (f + k1 * (1 - b + (b * spans[i]!) / mean));
      }
      if (someNamed && doc.name.length > 0 && !isNamed(doc.name)) score *= otherSpeaker;
      if (doc.isQuestion) score *= question;
      return { doc, id: doc.id, score };
    })
    .filter(({ score }) => score > 0)
    .sort((x, y) => (Math.abs(x.score - y.score) < 1e-13 ? newestFirst(x.doc, y.doc) : y.score - x.score));
}

function areKin(a: string, b: string): boolean {
  if (a === b || !/^\p{L}{5}/u.test(a) || !/^\p{L}{5}/u.test(b)) return false;
  let shared = 0;
  while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) shared += 1;
  return shared >= 5 && Math.min(a.length, b.length) - shared <= 1 && Math.max(a.length, b.length) - shared <= 4;
}
