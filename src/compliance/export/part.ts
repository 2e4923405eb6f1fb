import type { ExportSink } from '../../guard/export.js';
import type { Memory } from '../../model/memory.js';
import type { Encoding } from './formats.js';
import type { Bookmark, Output } from './output.js';

/** The ids of exported memories, by the fields that went out of them. */
export type NotedIds = Record<string, string[]>;

/** A part of an export: held until it is on record, then written behind the part before it. */
export class Part implements ExportSink {
  readonly #output: Output;
  readonly #encoding: Encoding;
  readonly #before: Promise<unknown>;
  #texts: string[] = [];
  /** What is in it, where that is asked for. */
  noted: NotedIds = {};
  /** Who wrote it, in a space; likewise. */
  readonly authors = new Set<string>();
  readonly note: ExportSink['note'];
  #held = 0;
  #begun: { readonly bookmark: Bookmark; readonly start: number } | undefined;

  /**
   * @param before resolves when the part before this one is written whole
   * @param notes whether what is in it is to be noted
   */
  constructor(output: Output, encoding: Encoding, before: Promise<unknown>, notes: boolean) {
    this.#output = output;
    this.#encoding = encoding;
    this.#before = before;
    if (notes)
      this.note = (id, shown, author) => {
        (this.noted[shown] ??= []).push(id);
        if (author !== undefined) this.authors.add(author);
      };
  }

  hold(memories: readonly Memory[]): number {
    const text = this.#encoding.encode(memories);
    this.#texts.push(text);
    return (this.#held += text.length);
  }

  async turn(): Promise<void> {
    await this.#before;
  }

  async release(): Promise<void> {
    const texts = this.#texts;
    this.#forget();
    if (texts.length === 0) return;
    const { separator } = this.#encoding;
    const bookmark = this.#output.bookmark();
    if (this.#output.holds) await this.#output.write(separator);
    this.#begun ??= { bookmark, start: this.#output.at };
    await this.#output.write(texts.join(separator), true);
  }

  async discard(): Promise<void> {
    this.#forget();
    this.noted = {};
    this.authors.clear();
    if (this.#begun) await this.#output.back(this.#begun.bookmark);
    this.#begun = undefined;
  }

  /** Where it stands in the file, once it is written whole. */
  get range(): { readonly start: number; readonly end: number } {
    return { start: this.#begun?.start ?? this.#output.at, end: this.#output.at };
  }

  #forget(): void {
    this.#texts = [];
    this.#held = 0;
  }
}
