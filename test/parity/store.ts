import type { Candidate } from '../../src/model/evaluate.js';
import type { PlannedStore } from '../../src/store/planned.js';
import type { Planted } from './documents.js';
import type { Ground } from './hostile.js';

/** A document as it lies in the store. */
export interface Stored {
  readonly planted: Planted;
  /** As the product's driver reads it. */
  readonly record: Candidate;
  /** As it is: nothing that the driver makes easier of it. */
  readonly exact: Candidate;
  /** Whether it lies in the partition that it names and no write is under way on it; nobody sees it otherwise. */
  readonly inPlace: boolean;
}

/** A store with a way past its validator. */
export interface ParityStore extends Ground {
  /** The product's way to it. */
  readonly planned: PlannedStore;
  /** Takes everything away, puts the documents there as they are, and reads them back. */
  refill(documents: readonly Planted[]): Promise<Stored[]>;
  close(): Promise<void>;
}

/** Finds what was planted by the tag in its content. */
export function byTag(documents: readonly Planted[]): (content: unknown) => Planted {
  const tags = new Map(documents.map((planted) => [planted.tag, planted]));
  return (content) => {
    const planted = tags.get(content as string);
    if (!planted) throw new Error(`the store holds a document that nobody planted: ${String(content)}`);
    return planted;
  };
}
