import type { Draft } from '../../memory/import.js';
/** What a file says of one memory. */
export interface Entry {
  /** The owner that it names, if it names one; not checked. */
  readonly userId: unknown;
  /** The shared space that it names, likewise. */
  readonly space: unknown;
  readonly draft: Draft;
}

/** Where bytes of the input lie, unpacked. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One memory to be, as it stands in the file. */
export interface Item {
  /** The number of its line, or of its message in a transcript, from 1. */
  readonly number: number;
  /**
   * Reads it.
   *
   * @param id the id that was fixed for it
   * @throws MemwardenError for a bad one, naming the place and never a value
   */
  read(now: Date, id: string): Entry;
  /** The names of what it says and an import does not keep; none where it says no more than an import takes. */
  readonly changes?: readonly string[];
  /**
   * What is set aside of it: bytes that can be corrected and imported on their own, or where they lie; undefined where
   * that is nothing.
   */
  setAside(): Buffer | Span | undefined;
}

/** A place in the input between two items. */
export interface Place {
  /** Bytes of lines, unpacked; messages of a transcript. */
  readonly offset: number;
  /** Items before it, blank lines counted. */
  readonly number: number;
  /** SHA-256 of all that stands before it. */
  readonly digest: string;
}

/** Items that are stored together. */
export interface Window {
  readonly items: readonly Item[];
  readonly end: Place;
}

/** An input that is read once, forwards. */
export interface Source {
  readonly unit: 'line' | 'message';
  /** How much there is and how much of it has been read, in one measure. */
  readonly total: number;
  readonly passed: number;
  /** The next items up to a place or, without one, as many as fit; undefined at the end. */
  next(until?: number): Promise<Window | undefined>;
  close(): Promise<void>;
}
