import { atOnce } from '../model/steps.js';
import { Analyzer, type Analyzed, type Text } from './analyzer.js';
import { Forward } from './forward.js';
import { languagesIn, placeOf, type Language, type Languages } from './languages.js';
import { pack, Postings, slotOf } from './postings.js';
import { NOBODY, REACH, Sessions } from './sessions.js';
import type { VectorSide } from './semantic.js';
import { Slots } from './slots.js';
import { Speakers } from './speakers.js';
import { WEIGHTS, type Weights } from './weights.js';

/** A memory as a view may read it: fields that are withheld are absent. */
export interface Entry extends Text {
  readonly id: string;
  readonly sessionId?: string;
  readonly expiresAt?: Date;
  /** The vector of its content, and the model that it is of. */
  readonly embedding?: { readonly modelId: string; readonly values: Float32Array };
}

/** Sixteenths: what weights of a half and a quarter, and half of those for kin, sum up to without rounding. */
export const UNIT = 16;
const OWN_BYTES = 4_096;

/** The key of a speaker's name among the terms. No word has a control character. */
export function speakerTerm(term: string): string {
  return `\u0001${term}`;
}

/**
 * The inverted index of a view: of the memories that one plan lets through of one partition, with the fields that it
 * permits. All statistics are whole numbers, so that they are the same whatever came and went in between, in whatever
 * order.
 */
export class ViewIndex {
  readonly slots = new Slots();
  readonly postings = new Postings();
  readonly speakers = new Speakers();
  readonly sessions = new Sessions((a, b) => this.slots.isNewer(a, b));
  readonly weights: Weights;
  readonly languages: Languages;
  /** The vectors of its memories, where the warden searches by meaning. */
  readonly vectors: VectorSide | undefined;
  readonly #forward = new Forward();
  /** In how many memories each language is, by the place of its bit. */
  readonly #spoken = new Uint32Array(32);
  #analyzer: Analyzer;
  #totalSpan = 0;
  #changes = 0;
  #expiredAt = -Infinity;

  constructor(languages: Languages, weights: Weights = WEIGHTS, vectors?: VectorSide) {
    this.languages = languages;
    this.vectors = vectors;
    this.weights = weights;
    this.#analyzer = new Analyzer(languages, weights);
  }

  /** How many memories it holds. */
  get size(): number {
    return this.slots.size;
  }

  /** About how many bytes it takes. */
  get bytes(): number {
    return (
      OWN_BYTES +
      this.slots.bytes +
      this.postings.bytes +
      this.#forward.bytes +
      this.sessions.bytes +
      (this.vectors?.bytes ?? 0)
    );
  }

  /** Grows with every change; a ranking that was made before is not continued after. */
  get changes(): number {
    return this.#changes;
  }

  /** The mean length of a memory with what it takes over, in sixteenths of a term. */
  get meanSpan(): number {
    return this.#totalSpan / this.size;
  }

  /** The languages of its memories. */
  get spoken(): readonly Language[] {
    return languagesIn(this.#spoken.reduce((mask, count, place) => (count > 0 ? mask | (1 << place) : mask), 0));
  }

  /** The terms of a slot, each a number and a count, packed. */
  termsOf(slot: number): Uint32Array {
    return this.#forward.of(slot);
  }

  /** Adds a memory, or puts its new state in the place of the old one. */
  put(entry: Entry): void {
    atOnce(this.putting(entry));
  }

  /** The same in steps, the last of which changes the index. Another memory is put when they have ended. */
  *putting(entry: Entry): Generator<void, void> {
    const analyzed = yield* this.#analyzer.read(entry);
    this.remove(entry.id);
    this.#changes += 1;
    const slot = this.#place(entry, analyzed);
    const terms: number[] = [];
    for (const term of analyzed.terms) {
      const { count } = term;
      term.id = this.postings.add(term.term, slot, count, term.id);
      terms.push(pack(term.id, count));
    }
    for (const term of analyzed.speaker) terms.push(pack(this.postings.add(speakerTerm(term), slot, 1), 1));
    this.#forward.set(slot, terms);
    this.#speak(analyzed.languages, 1);
    if (entry.embedding) this.vectors?.set(entry.id, entry.embedding.modelId, entry.embedding.values);
    const changed =
      entry.sessionId === undefined || entry.occurredAt === undefined
        ? [slot]
        : this.sessions.add(entry.sessionId, slot);
    changed.forEach((one) => this.#measure(one));
  }

  /** The memory beside one in its session: 1 is the next newer, -1 the next older. */
  beside(id: string, step: 1 | -1): string | undefined {
    const slot = this.slots.slotOf(id);
    if (slot === undefined) return undefined;
    return this.slots.id(step === 1 ? this.sessions.newer(slot, 1) : this.sessions.older(slot, 1));
  }

  /** Negative where the first of two memories stands before the other: newer first, then as lists are ordered. */
  compare(a: string, b: string): number {
    const [one, other] = [this.slots.slotOf(a), this.slots.slotOf(b)];
    if (one === undefined || other === undefined || one === other) return 0;
    return this.slots.isNewer(one, other) ? -1 : 1;
  }

  /** Takes a memory out. */
  remove(id: string): void {
    const slot = this.slots.slotOf(id);
    if (slot !== undefined) this.#take(slot);
  }

  /** The latest time at which something was taken out because it had expired; before it the index is not whole. */
  get expiredAt(): number {
    return this.#expiredAt;
  }

  /** Takes out what has expired; statistics and neighbours are then as if it had never been there (S13). */
  expire(now: Date): void {
    for (const slot of this.slots.expired(now)) {
      this.#take(slot);
      this.#expiredAt = now.getTime();
    }
  }

  /** Forgets the words that it kept while it was built. */
  settle(): void {
    this.#analyzer = new Analyzer(this.languages, this.weights);
  }

  /** What a slot takes over from the slot so many steps older, in sixteenths. */
  fromOlder(older: number, steps: number): number {
    const { neighbours, answers } = this.weights;
    const answered = steps === 1 && this.slots.isQuestion(older);
    return (answered ? Math.max(answers, neighbours[0] ?? 0) : (neighbours[steps - 1] ?? 0)) * UNIT;
  }

  /** What a slot takes over from the slot so many steps newer, in sixteenths. */
  fromNewer(steps: number): number {
    return (this.weights.neighbours[steps - 1] ?? 0) * UNIT;
  }

  #speak(languages: number, by: 1 | -1): void {
    for (let rest = languages; rest !== 0; rest &= rest - 1) {
      const place = placeOf(rest);
      this.#spoken[place] = (this.#spoken[place] as number) + by;
    }
  }

  #place(entry: Entry, { terms, speaker, isQuestion, languages }: Analyzed): number {
    let length = 0;
    for (const { count } of terms) length += count;
    return this.slots.add({
      id: entry.id,
      occurredAt: entry.occurredAt,
      expiresAt: entry.expiresAt,
      length,
      isQuestion,
      speaker: this.speakers.add(speaker),
      languages,
    });
  }

  #take(slot: number): void {
    this.#changes += 1;
    for (const term of this.#forward.of(slot)) this.postings.remove(slotOf(term), slot);
    this.#forward.clear(slot);
    this.speakers.remove(this.slots.speaker(slot));
    this.#speak(this.slots.languages(slot), -1);
    this.vectors?.delete(this.slots.id(slot) ?? '');
    this.#totalSpan -= this.slots.span(slot);
    const changed = this.sessions.remove(slot);
    this.slots.remove(slot);
    changed.forEach((one) => this.#measure(one));
  }

  // Length with what is taken over: a term that a neighbour lends is one among the many that it lends.
  #measure(slot: number): void {
    let span = UNIT * this.slots.length(slot);
    for (let steps = 1; steps <= REACH; steps += 1) {
      const older = this.sessions.older(slot, steps);
      const newer = this.sessions.newer(slot, steps);
      if (older !== NOBODY) span += this.fromOlder(older, steps) * this.slots.length(older);
      if (newer !== NOBODY) span += this.fromNewer(steps) * this.slots.length(newer);
    }
    this.#totalSpan += span - this.slots.span(slot);
    this.slots.setSpan(slot, span);
  }
}
