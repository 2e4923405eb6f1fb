const COUNT_BITS = 8;
const MOST = (1 << COUNT_BITS) - 1;
/** The most slots: a posting is a slot and a count in 32 bits. */
export const MAX_SLOTS = 1 << (32 - COUNT_BITS);
/** How many letters words must share to be kin. */
const KIN_PREFIX = 5;
const KIN_TAIL = 4;
const KIN_SHORT_TAIL = 1;
const KIN_WORD = /^\p{L}{5}/u;
const TERM_OVERHEAD = 120;

/** Packs a slot, or the number of a term, with a count; above 255 it counts as 255. */
export function pack(slot: number, count: number): number {
  return ((slot << COUNT_BITS) | Math.min(count, MOST)) >>> 0;
}

/** The slot, or the number, of what was packed. */
export function slotOf(posting: number): number {
  return posting >>> COUNT_BITS;
}

/** The count of what was packed. */
export function countOf(posting: number): number {
  return posting & MOST;
}

/**
 * The inverted index: for each term the slots that it stands in. Half of all terms stand in one memory, so that a
 * single posting is kept as a number and several as a typed array. A term that stands nowhere any more is forgotten.
 */
export class Postings {
  readonly #ids = new Map<string, number>();
  readonly #terms: (string | undefined)[] = [];
  readonly #lists: (number | Uint32Array)[] = [];
  #counts = new Uint32Array(64);
  readonly #free: number[] = [];
  readonly #kin = new Map<string, number[]>();
  /** Where in its family a term stands, so that a large one is not gone through when it goes. */
  #kinAt = new Uint32Array(64);
  #bytes = 0;

  /** About how many bytes it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of a term, or undefined where it stands nowhere. */
  idOf(term: string): number | undefined {
    return this.#ids.get(term);
  }

  /** The term of a number. */
  termOf(id: number): string {
    return this.#terms[id] ?? '';
  }

  /** In how many slots a term stands. */
  frequency(id: number): number {
    return this.#counts[id] ?? 0;
  }

  /** The postings of a term, in no order; they hold until the index changes. */
  of(id: number): Uint32Array {
    const list = this.#lists[id];
    if (typeof list === 'object') return list.subarray(0, this.frequency(id));
    return list === undefined ? new Uint32Array(0) : Uint32Array.of(list);
  }

  /**
   * Puts a term into a slot, and returns its number.
   *
   * @param hint the number that it may have
   */
  add(term: string, slot: number, count: number, hint = -1): number {
    const id = this.#terms[hint] === term ? hint : (this.#ids.get(term) ?? this.#make(term));
    const size = this.frequency(id);
    const posting = pack(slot, count);
    if (size === 0) this.#lists[id] = posting;
    else this.#append(id, size, posting);
    this.#counts[id] = size + 1;
    return id;
  }

  /** Takes a term out of a slot. */
  remove(id: number, slot: number): void {
    const size = this.frequency(id);
    this.#counts[id] = size - 1;
    if (size === 1) return void this.#forget(id);
    const list = this.#lists[id] as Uint32Array;
    let at = 0;
    while (slotOf(list[at] as number) !== slot) at += 1;
    list[at] = list[size - 1] as number;
  }

  /** The terms that share their beginning with a word and differ in how they end: adopt, adoption, adopting. */
  kinOf(word: string): number[] {
    if (!KIN_WORD.test(word)) return [];
    const kin = (this.#kin.get(word.slice(0, KIN_PREFIX)) ?? []).filter((id) => areKin(word, this.termOf(id)));
    // In one order, however the index came to be what it is: sums of fractions depend on it.
    return kin.sort((a, b) => (this.termOf(a) < this.termOf(b) ? -1 : 1));
  }

  #append(id: number, size: number, posting: number): void {
    let list = this.#lists[id] as number | Uint32Array;
    if (typeof list === 'number' || list.length === size) {
      const grown = new Uint32Array(Math.max(4, size * 2));
      if (typeof list === 'number') grown[0] = list;
      else grown.set(list);
      this.#bytes += (grown.length - (typeof list === 'number' ? 0 : size)) * 4;
      this.#lists[id] = list = grown;
    }
    list[size] = posting;
  }

  #make(term: string): number {
    const id = this.#free.pop() ?? this.#terms.length;
    this.#ids.set(term, id);
    this.#terms[id] = term;
    this.#bytes += TERM_OVERHEAD + term.length;
    if (id >= this.#counts.length) {
      const grown = new Uint32Array(this.#counts.length * 2);
      grown.set(this.#counts);
      this.#counts = grown;
      const places = new Uint32Array(grown.length);
      places.set(this.#kinAt);
      this.#kinAt = places;
    }
    if (KIN_WORD.test(term)) {
      const prefix = term.slice(0, KIN_PREFIX);
      const family = this.#kin.get(prefix) ?? [];
      if (family.length === 0) this.#kin.set(prefix, family);
      this.#kinAt[id] = family.push(id) - 1;
    }
    return id;
  }

  #forget(id: number): void {
    const term = this.#terms[id] as string;
    const list = this.#lists[id];
    if (typeof list === 'object') this.#bytes -= list.length * 4;
    this.#bytes -= TERM_OVERHEAD + term.length;
    this.#ids.delete(term);
    this.#terms[id] = undefined;
    this.#lists[id] = 0;
    this.#free.push(id);
    if (KIN_WORD.test(term)) this.#leaveFamily(id, term.slice(0, KIN_PREFIX));
  }

  #leaveFamily(id: number, prefix: string): void {
    const family = this.#kin.get(prefix) ?? [];
    const last = family.pop();
    if (last !== undefined && last !== id) {
      const place = this.#kinAt[id] as number;
      family[place] = last;
      this.#kinAt[last] = place;
    }
    if (family.length === 0) this.#kin.delete(prefix);
  }
}

function areKin(a: string, b: string): boolean {
  if (a === b) return false;
  const shorter = Math.min(a.length, b.length);
  let shared = KIN_PREFIX;
  while (shared < shorter && a.charCodeAt(shared) === b.charCodeAt(shared)) shared += 1;
  return shorter - shared <= KIN_SHORT_TAIL && Math.max(a.length, b.length) - shared <= KIN_TAIL;
}
