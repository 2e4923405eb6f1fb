/** Where the product names users beside their memories: what an erasure takes away there (G21). */
export interface UserTraces {
  /** Takes away everything that names a user; can be done again. */
  forget(userId: string): Promise<void>;
}
