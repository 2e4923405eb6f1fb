/** The speakers of a view, by the terms of their names, numbered from 1. */
export class Speakers {
  readonly #numbers = new Map<string, number>();
  readonly #names: (readonly string[] | undefined)[] = [undefined];
  readonly #counts: number[] = [0];

  /** The number of a speaker whose memory is added; 0 for none. */
  add(name: readonly string[]): number {
    if (name.length === 0) return 0;
    const key = name.join(' ');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#names.length;
      this.#numbers.set(key, number);
    }
    this.#names[number] = name;
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
    return number;
  }

  remove(number: number): void {
    const name = this.#names[number];
    if (name === undefined) return;
    const count = (this.#counts[number] ?? 0) - 1;
    this.#counts[number] = count;
    if (count > 0) return;
    // The number is not used again; a view is built anew long before they run out.
    this.#numbers.delete(name.join(' '));
    this.#names[number] = undefined;
  }

  /** Which speakers a query names by one of its terms; empty where it names none. */
  named(terms: ReadonlySet<string>): ReadonlySet<number> {
    return new Set(
      [...this.#numbers].filter(([, number]) => this.#names[number]?.some((term) => terms.has(term))).map(([, n]) => n),
    );
  }
}
