/** A secret that all processes on one store share. */
export interface InstanceKey {
  readonly id: string;
  readonly purpose: string;
  /** 32 random bytes. */
  readonly secret: Buffer;
}

/** What is not memories: instance secrets, later jobs, audit and idempotency. It cannot name the memory collections. */
export interface ServiceStore {
  /** The key in use for a purpose; made by whoever asks first, the same for every process. */
  currentKey(purpose: string): Promise<InstanceKey>;
  /** A key by its id, or undefined. */
  keyById(id: string): Promise<InstanceKey | undefined>;
  /** The random name of this store; made by whoever asks first, the same for every process. */
  storeId(): Promise<string>;
  /** The number of the newest erasure that this store knows of; 0 where it knows of none (S21). */
  erasureHead(): Promise<number>;
  /** Raises that number; it is never lowered. */
  raiseErasureHead(sequence: number): Promise<void>;
  /** Whether a key store is in the same database, whatever its address says. */
  holdsKeyStore(): Promise<boolean>;
  /**
   * What a name was bound to by whoever came first; binds it to a value where it is free and one is given.
   *
   * @param until when `unbind` may take it away; never, where none is given
   */
  bound(name: string, value?: string, until?: Date): Promise<string | undefined>;
  /** Takes away what was bound until this time or before it, under names that begin so (ASCII). @returns how many */
  unbind(family: string, time: Date): Promise<number>;
}
