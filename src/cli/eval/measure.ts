import type { ScopedMemory } from '../../memory/scoped-memory.js';
import type { SearchOptions } from '../../memory/searching.js';
import type { EvalConversation } from './conversation.js';

const BATCH = 500;

/** Counts how well questions were answered, over any number of conversations. */
export class Tally {
  readonly #ks: readonly number[];
  readonly #recall: number[];
  readonly #hits: number[];
  readonly #latencies: number[] = [];
  #byWordsAlone = 0;

  constructor(ks: readonly number[]) {
    this.#ks = ks;
    this.#recall = ks.map(() => 0);
    this.#hits = ks.map(() => 0);
  }

  /**
   * Takes in one question: the places of what was found, best first, and of what should be, and whether words alone
   * answered though meaning was asked for too.
   */
  add(found: readonly number[], wanted: ReadonlySet<number>, ms: number, byWordsAlone = false): void {
    this.#latencies.push(ms);
    if (byWordsAlone) this.#byWordsAlone += 1;
    this.#ks.forEach((k, i) => {
      const among = found.slice(0, k).filter((place) => wanted.has(place)).length;
      this.#recall[i] = (this.#recall[i] ?? 0) + among / wanted.size;
      if (among > 0) this.#hits[i] = (this.#hits[i] ?? 0) + 1;
    });
  }

  /** The figures, by their names. */
  figures(): Record<string, number> {
    const questions = this.#latencies.length;
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(questions - 1, Math.floor(questions * share))] ?? 0;
    const share = (sum: number | undefined) => (questions === 0 ? 0 : rounded((sum ?? 0) / questions));
    return {
      ...Object.fromEntries(this.#ks.map((k, i) => [`recall@${k}`, share(this.#recall[i])])),
      ...Object.fromEntries(this.#ks.map((k, i) => [`hit@${k}`, share(this.#hits[i])])),
      questions,
      ...(this.#byWordsAlone > 0 ? { without_meaning: this.#byWordsAlone } : {}),
      p50_ms: toTenths(at(0.5)),
      p99_ms: toTenths(at(0.99)),
    };
  }
}

/** Imports a conversation into an empty partition. @returns the place of each memory by its id */
export async function importInto(
  memory: ScopedMemory,
  { memories }: EvalConversation,
): Promise<ReadonlyMap<string, number>> {
  const places = new Map<string, number>();
  for (let from = 0; from < memories.length; from += BATCH) {
    for (const { id } of await memory.addMany(memories.slice(from, from + BATCH))) places.set(id, places.size);
  }
  return places;
}

/** Asks the questions of a conversation that was imported. */
export async function measure(
  memory: ScopedMemory,
  { questions }: EvalConversation,
  places: ReadonlyMap<string, number>,
  options: SearchOptions,
  tally: Tally,
  onQuestion: () => void,
): Promise<void> {
  for (const { text, evidence } of questions) {
    const start = performance.now();
    const hits = await memory.search(text, options);
    const ms = performance.now() - start;
    tally.add(
      hits.map((hit) => places.get(hit.memory.id) ?? -1),
      evidence,
      ms,
      hits[0]?.withoutMeaning !== undefined,
    );
    onQuestion();
  }
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

// Times differ by more from one run to the next.
function toTenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
