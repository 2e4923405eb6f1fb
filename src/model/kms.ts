/** What a wrapped key is bound to: a wrap of one does not open as another. */
export interface KeyContext {
  readonly tenant: string;
  readonly userId: string;
  /** Random, and part of no log of a key service: see crypto/kms/binding.ts. */
  readonly keyId: string;
  /** What the key serves, in lower case: `data`, `pseudonym`. It is shown to a key service, so that rules can name it. */
  readonly purpose: string;
}

/** Wraps keys under a key-encryption key that lies elsewhere. */
export interface Kms {
  /**
   * Name of the driver and of the key-encryption key in use, as stored beside each wrapped key; e.g. `local:<key check
   * id>`. No secret. What is stored under another name is work for `keys rewrap`.
   */
  readonly kekId: string;
  /**
   * @param key 16 to 1024 bytes; they stay the caller's, who wipes them
   * @throws MemwardenError kms_unavailable, kms_timeout, closed, invalid_argument (a context that is not well-formed)
   */
  wrap(key: Uint8Array, context: KeyContext): Promise<Uint8Array>;
  /**
   * @returns a buffer of the caller's own, who wipes it
   * @throws MemwardenError key_refused (wrong key-encryption key, context or bytes), kms_unavailable, kms_timeout, closed
   */
  unwrap(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array>;
  /** Ends connections and wipes what is held. Calls after it throw `closed`. */
  close(): Promise<void>;
}
