import type { LeftSpace } from './erasure.js';
import type { Partition } from './partition.js';

/** A key as it is stored: wrapped by a key-encryption key. */
export interface WrappedKey {
  /** 32 hexadecimal digits, random; survives rewrapping. */
  readonly keyId: string;
  /** The key-encryption key that it is wrapped by. */
  readonly kekId: string;
  readonly wrapped: Buffer;
}

/** One version of a user's key. */
export interface KeyVersion extends WrappedKey {
  /** `active` seals and opens, `retiring` opens until nothing is sealed under it any more. */
  readonly state: 'active' | 'retiring';
  readonly createdAt: Date;
  /** How many messages processes have reserved under it (S23). */
  readonly reserved: number;
}

/** An erasure that is under way, kept where the keys were. */
export interface ErasureJob {
  readonly erasureId: string;
  /** Who asked. */
  readonly principal: { readonly id: string; readonly role: string; readonly purpose?: string };
  readonly requestedAt: Date;
  readonly policyRevision: string;
  /** The key ids of the user, all versions, those that were rotated out too. */
  readonly keyIds: readonly string[];
  /** When the wrapped keys were gone from the key store. */
  readonly destroyedAt?: Date;
  /** The number of the tombstone. */
  readonly tombstone?: number;
  readonly memories: number;
  readonly states: number;
  /** The shared spaces that the user was taken from. */
  readonly shared?: readonly LeftSpace[];
}

/** The keys of one user: the key record of S22. */
export interface KeyRing extends Partition {
  /** Raised by every change of state or version; starts at the milliseconds of its making, so that no two rings share one. */
  readonly epoch: number;
  readonly state: 'active' | 'erasing';
  /** Whether the keys are wrapped by a key of the owner beside the key-encryption key. */
  readonly ownerHeld: boolean;
  /** The newest first; none while the user is being erased. */
  readonly versions: readonly KeyVersion[];
  /** The ids of versions that are gone: a backup of before may bring them back, so an erasure names them (S21). */
  readonly retiredKeyIds?: readonly string[];
  /** The key of the user's pseudonym in the audit log (S26); not rotated with the others. */
  readonly pseudonym?: WrappedKey;
  /**
   * Of a space that removes what an erased member wrote: the secret of each author, by its id. What the author wrote is
   * sealed with it, and opens no more once it is gone from here.
   */
  readonly authors?: Readonly<Record<string, string>>;
  readonly erasure?: ErasureJob;
}

/** A small document of the key store: instance keys, tombstones, certificates, what the store belongs to. */
export interface KeyDocument {
  readonly id: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What kind of document. */
export type KeyDocumentKind = 'instance' | 'tombstone' | 'certificate' | 'meta';

/** New wraps of a ring's keys; everything else stays. */
export interface Rewrap {
  readonly partition: Partition;
  readonly epoch: number;
  readonly kekId: string;
  /** New wraps of versions, by key id. */
  readonly wrapped: ReadonlyMap<string, Buffer>;
  /** The new wrap of the pseudonym key, where the ring has one. */
  readonly pseudonym?: Buffer;
}

/**
 * Where wrapped keys lie: a store of their own, outside the backups of the data (S20). Each change is on disk when its
 * promise resolves. Every method may throw the `store_*` errors of the table.
 */
export interface KeyStore {
  readonly kind: 'mongodb' | 'embedded';
  ring(partition: Partition): Promise<KeyRing | undefined>;
  /**
   * Puts a ring in the place of the one of an epoch; `undefined` where there must be none.
   *
   * @returns false where another change came first, and then nothing changed
   */
  swap(next: KeyRing, expected: number | undefined): Promise<boolean>;
  /** Takes a ring away, if it is still of this epoch. */
  remove(partition: Partition, expected: number): Promise<boolean>;
  /**
   * Reserves messages of a key version that is in use.
   *
   * @returns how many are reserved then in all, or undefined where the version is not active
   */
  reserve(partition: Partition, keyId: string, count: number): Promise<number | undefined>;
  /** At most `limit` rings after one, in the order of tenant and user. */
  rings(after: Partition | undefined, limit: number): Promise<KeyRing[]>;
  /** At most `limit` rings of users who are being erased; of one tenant, where it is given. */
  erasing(limit: number, tenant?: string): Promise<KeyRing[]>;
  /** Puts new wraps in; a ring that changed in between is left. Returns how many were put. */
  rewrap(changes: readonly Rewrap[]): Promise<number>;
  /** Whether any key is wrapped here: then a key file may not be made anew (S23). */
  holdsKeys(): Promise<boolean>;
  document(kind: KeyDocumentKind, id: string): Promise<KeyDocument | undefined>;
  /** Puts a document where there is none of its id; false where there is one. */
  add(kind: KeyDocumentKind, document: KeyDocument): Promise<boolean>;
  /** Puts a document, whatever was there. */
  put(kind: KeyDocumentKind, document: KeyDocument): Promise<void>;
  /** At most `limit` documents after one, in the order of their ids. */
  documents(kind: KeyDocumentKind, after: string | undefined, limit: number): Promise<KeyDocument[]>;
  /** Leaves no byte of what was taken away in the files of the store, as far as it can; see the certificate. */
  shred(): Promise<void>;
  /** Calls back with the partition whose ring another process changed, where the store can tell. */
  watch(onChange: (partition: Partition) => void): Promise<void>;
  close(): Promise<void>;
}
