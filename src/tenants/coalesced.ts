/**
 * Joins calls of one question: while one is being asked, those who come share the next, which is asked after that. Whoever
 * asks therefore gets an answer no older than its own call.
 */
export class Coalesced<T> {
  readonly #ask: (key: string) => Promise<T>;
  readonly #running = new Map<string, Promise<T>>();
  readonly #next = new Map<string, Promise<T>>();

  constructor(ask: (key: string) => Promise<T>) {
    this.#ask = ask;
  }

  get(key: string): Promise<T> {
    const waiting = this.#next.get(key);
    if (waiting) return waiting;
    const running = this.#running.get(key);
    if (!running) return this.#run(key);
    const next = running
      .catch(() => undefined)
      .then(() => {
        this.#next.delete(key);
        return this.#run(key);
      });
    this.#next.set(key, next);
    return next;
  }

  #run(key: string): Promise<T> {
    const asked = this.#ask(key).finally(() => {
      if (this.#running.get(key) === asked) this.#running.delete(key);
    });
    this.#running.set(key, asked);
    return asked;
  }
}
