/** How one user stands in the audit log. */
export interface Pseudonym {
  readonly pseudonym: string;
  /** Names the key behind it; random, and gone with the key. */
  readonly keyId: string;
  /** Whether the user has a key; without one the pseudonym ends with a short-lived log key. */
  readonly lasting: boolean;
  /** A digest of memory ids, whatever their order, that nobody computes or checks without the user's key. */
  digest(ids: readonly string[]): string;
}

/** Pseudonyms of users (S26): they link records of one user for as long as the user's pseudonym key lives. */
export interface Pseudonyms {
  /**
   * The pseudonym of a user. One without a key gets that of a short-lived log key, at the same cost, and nothing is
   * created.
   */
  pseudonymOf(tenant: string, userId: string): Promise<Pseudonym>;
  /** The same, but a user who has data keys and no pseudonym key gets one: for a user whose memories are written or read. */
  lastingPseudonymOf(tenant: string, userId: string): Promise<Pseudonym>;
}
