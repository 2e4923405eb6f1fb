/** A key that signs, of all processes on one store. */
export interface SigningKey {
  readonly id: string;
  /** The raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Buffer;
  /** The Ed25519 signature (RFC 8032) over some bytes, 64 bytes. */
  sign(bytes: Buffer): Buffer;
}

/** Ed25519 keys of the instance. */
export interface SigningKeys {
  /** The key in use. */
  current(): Promise<SigningKey>;
  /** A key that was in use, to sign over to the next one; undefined where there is none of this id. */
  byId(id: string): Promise<SigningKey | undefined>;
}

/** Tells the raw public key of an id, or undefined. */
export type PublicKeyOf = (id: string) => Promise<Buffer | undefined>;
