/** What a text can be about that nobody but the person themself should read. */
export type Topic = 'health' | 'money' | 'legal';

/** Terms in lower case; a term of several words is written with single spaces. A plural in -s is found as well. */
export interface Terms {
  /** Each of them tells enough alone. */
  readonly strong: readonly string[];
  /** Two different ones tell enough where they stand close together. */
  readonly weak: readonly string[];
}

/** Everything of the rules that belongs to one language. Another language is another file in `languages/`. */
export interface Language {
  /** BCP 47. */
  readonly code: string;
  readonly topics: Readonly<Record<Topic, Terms>>;
  /** Figures of speech and names that hold a term and mean nothing of it. The longest match counts. */
  readonly neutral: readonly string[];
  readonly cues: Cues;
}

/** Words that say what the number or the word beside them is, as sources of regular expressions without groups. */
export interface Cues {
  /** A long number is a payment card, whatever `otherNumber` says. */
  readonly card: string;
  /** A number of something that is ordered, sent, printed or built. */
  readonly otherNumber: string;
  readonly bankAccount: string;
  /** An official number follows, whose form is not known. */
  readonly officialNumber: string;
  readonly phone: string;
  /** A secret may follow. */
  readonly password: string;
  /** A secret of digits may follow. */
  readonly code: string;
  /** Words of a language are the secret that follows. */
  readonly phrase: string;
  /** What stands between a cue and its secret. */
  readonly linking: string;
  /** What a street is called after its name. */
  readonly street: string;
}
