/** What a store of memories knows of erasures (S21). */
export interface ErasureHead {
  /** The random name of the store. */
  storeId(): Promise<string>;
  /** The number of the newest erasure that it knows of; 0 where it knows of none. */
  erasureHead(): Promise<number>;
  /** Raises that number. */
  raiseErasureHead(sequence: number): Promise<void>;
}

/** Who asked for an erasure. */
export interface ErasureRequester {
  readonly id: string;
  readonly role: string;
  readonly purpose?: string;
}

/** What a copy made before the erasure may still hold, and until when it can be opened. */
export interface Remainder {
  readonly where: string;
  readonly what: string;
  /** ISO 8601; `unlimited` where nothing of it could ever be opened. */
  readonly until: string;
}

/** What became of what an erased user wrote in one shared space. */
export interface LeftSpace {
  /** The pseudonym of the space in the audit log. */
  readonly space: string;
  /** The declared rule of the space. */
  readonly rule: 'remove' | 'keep';
  /** How many memories were removed. */
  readonly removed: number;
}

/** The signed statement of an erasure. It names keys, never the user. */
export interface ErasureCertificate {
  readonly format: 'memwarden erasure certificate 1';
  readonly erasureId: string;
  readonly storeId: string;
  readonly requestedBy: ErasureRequester;
  /** ISO 8601, as all times here. */
  readonly requestedAt: string;
  /** When the wrapped keys were gone from the key store. */
  readonly keysDestroyedAt: string;
  readonly completedAt: string;
  /** From this moment on no copy that the product knows of can be opened. */
  readonly finalAt: string;
  readonly policyRevision: string;
  /** Every version of the user's key, and the pseudonym's. */
  readonly keyIds: readonly string[];
  /** How many rows were deleted. */
  readonly deleted: { readonly memories: number; readonly states: number };
  /** The shared spaces whose lists named the user; it is on none any more. Absent where there were none. */
  readonly shared?: readonly LeftSpace[];
  /** The number of the tombstone in the ledger. */
  readonly tombstone: number;
  readonly remains: readonly Remainder[];
  /** What the product cannot reach. */
  readonly beyond: readonly string[];
  readonly signedBy: string;
  /** Ed25519 over the canonical JSON (RFC 8785) of everything else, base64url. */
  readonly signature: string;
}
