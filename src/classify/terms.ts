import type { Language, Topic } from './language.js';

/** How many words apart two weak terms may stand to be taken together. */
const WINDOW = 24;

interface Meaning {
  readonly term: number;
  readonly topic: Topic | undefined;
  readonly isStrong: boolean;
}

interface Node {
  meaning?: Meaning;
  next?: Map<string, Node>;
}

/** The terms of some languages, word by word, as one tree. */
export class TermTree {
  readonly #root: Map<string, Node> = new Map();
  #terms = 0;

  constructor(languages: readonly Language[]) {
    for (const { topics, neutral } of languages) {
      for (const [topic, { strong, weak }] of Object.entries(topics) as [Topic, Language['topics'][Topic]][]) {
        for (const term of weak) this.#add(term, topic, false);
        for (const term of strong) this.#add(term, topic, true);
      }
      for (const phrase of neutral) this.#add(phrase, undefined, false);
    }
  }

  /**
   * The first topic that a text is about: it holds a strong term, or two different weak ones close together. At each
   * word the longest term counts and its words are spent, so that `tennis court` is no court.
   */
  topicOf(words: readonly string[]): Topic | undefined {
    const last = new Map<Topic, { readonly term: number; readonly at: number }>();
    for (let at = 0; at < words.length;) {
      const found = this.#longest(words, at);
      if (!found) {
        at += 1;
        continue;
      }
      const { term, topic, isStrong } = found.meaning;
      if (topic) {
        const before = last.get(topic);
        if (isStrong || (before && before.term !== term && at - before.at <= WINDOW)) return topic;
        last.set(topic, { term, at });
      }
      at += found.length;
    }
    return undefined;
  }

  #longest(words: readonly string[], at: number): { readonly meaning: Meaning; readonly length: number } | undefined {
    let next: Map<string, Node> | undefined = this.#root;
    let longest: { meaning: Meaning; length: number } | undefined;
    for (let length = 1; next && at + length <= words.length; length += 1) {
      const word = words[at + length - 1] as string;
      const node: Node | undefined = next.get(word) ?? next.get(singular(word));
      if (node?.meaning) longest = { meaning: node.meaning, length };
      next = node?.next;
    }
    return longest;
  }

  #add(term: string, topic: Topic | undefined, isStrong: boolean): void {
    let next = this.#root;
    let node: Node | undefined;
    for (const word of term.split(' ')) {
      node = next.get(word);
      if (!node) next.set(word, (node = {}));
      next = node.next ??= new Map();
    }
    if (node) node.meaning = { term: (this.#terms += 1), topic, isStrong };
  }
}

function singular(word: string): string {
  if (word.endsWith("'s")) return word.slice(0, -2);
  return word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word;
}
