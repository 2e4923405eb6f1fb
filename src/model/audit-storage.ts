/** One group commit of a stream as it is stored: its lines as bytes. */
export interface StoredGroup {
  readonly stream: string;
  /** Counted from 1; NaN where the store's row names none. */
  readonly group: number;
  readonly body: Buffer;
}

/** Where a log can be read from: a store, or files. */
export interface AuditSource {
  /** Every name under which something lies, ordered. */
  streams(): Promise<string[]>;
  /** The groups of a stream from one on, in order; also a row under the stream's name that names no group. */
  groups(stream: string, from?: number): AsyncIterable<StoredGroup>;
  /** The newest group of a stream. */
  last(stream: string): Promise<StoredGroup | undefined>;
}

declare const along: unique symbol;

/**
 * A group that goes into the commit of a write of memories: both are there, or neither is. Opaque: a storage of the log
 * makes it, and the memories' side of the same store alone can open it.
 */
export interface Along {
  readonly [along]: true;
}

/** Where the log lies. It keeps bytes and knows nothing of what they say. */
export interface AuditStorage extends AuditSource {
  /**
   * Stores a group; resolves once it is durable. Safe to repeat with the same bytes where the outcome of an earlier try
   * is not known.
   *
   * @returns `stored`, also where the same bytes stand there; `taken` where other bytes do
   */
  append(group: StoredGroup): Promise<'stored' | 'taken'>;
  /** Makes of a group what a write of memories can take along; absent where no commit of the store spans the two. */
  along?(group: StoredGroup): Along;
  /** Takes all groups of a stream away, first to last. */
  removeStream(stream: string): Promise<void>;
}
