import type { MemoryRecord, OpenFields, SealedName } from './fields.js';
import type { Partition } from './partition.js';

/** Whose keys an act needs: those of a partition, unlocked by the key that its owner holds where that is how they are kept. */
export interface Unlock {
  readonly partition: Partition;
  /** 32 bytes that the application supplies with the request; nothing of them is kept. */
  readonly ownerKey?: Uint8Array | undefined;
}

/** A value, or the promise of one where something has to be fetched first. */
export type Awaitable<T> = T | Promise<T>;

/** Whether a value has to be waited for, whatever made it. */
export function isPending<T extends object | boolean>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { readonly then?: unknown }).then === 'function';
}

/** What a stored record is: a memory, a past state of one, or the last state of one that was deleted. */
export type RecordKind = 'memory' | 'history' | 'deleted';

/**
 * Authentication and opening for the records of one partition, its keys at hand. Answers are plain values; a promise
 * only where a record names a key version that has to be fetched first.
 */
export interface PartitionOpener {
  /** Whether the user is being erased: then nothing verifies, and that is no alarm. */
  readonly erasing: boolean;
  /**
   * Whether the keys at hand may be used no more: another record is in force, as far as this process knows, or they are as
   * old as keys may be. For what outlives the act and was made with them.
   */
  readonly isOver: () => boolean;
  /** Whether the fields of a stored memory are those that were sealed, none missing and none changed (S19). */
  verify(record: MemoryRecord): Awaitable<boolean>;
  /** The same of a state in the history; with `deletedAt`, of the last one of a deleted memory. */
  verifyState(record: MemoryRecord, deletedAt?: Date): Awaitable<boolean>;
  /** The same of what S10's look brings: the fields in clear, without the ciphertexts. */
  verifyClear(fields: Readonly<Record<string, unknown>>): Awaitable<boolean>;
  /** Takes the steps of `verifyClear` where the look brought nothing, so that both take as long (S10). */
  verifyNothing(): void;
  /**
   * Opens the named sealed fields of a verified record, and no others.
   *
   * @throws MemwardenError unauthentic, and then nothing is released
   */
  open(record: MemoryRecord, fields: readonly SealedName[], kind?: RecordKind): OpenFields;
}

/** Sealing for one partition, under the key version in use. */
export interface PartitionSealer extends PartitionOpener {
  /** The epoch of the key record under which all is sealed; a store refuses a write whose epoch is over (S22). */
  readonly epoch: number;
  /** Seals fields for a record whose clear fields are final, and authenticates those. */
  seal(record: MemoryRecord, fields: OpenFields): MemoryRecord;
  /** The record as a past state, sealed and authenticated as such. */
  keep(record: MemoryRecord): MemoryRecord;
  /** The record as the last state of a memory that is deleted now: no sealed field, the others authenticated anew. */
  bury(record: MemoryRecord, deletedAt: Date): MemoryRecord;
}

/** What a write does with a key. */
export interface KeyUse {
  /** How many values it seals at most, for the limit of a key's use (S23). */
  readonly messages: number;
  /** Whether a user without a key gets one; who has no memories yet has none to change. */
  readonly create: boolean;
}

/** Where encryption and authentication stand in the way of a read and of a write. */
export interface Sealer {
  /**
   * Runs a read of a partition with its keys at hand. They are there, or known to be missing, before the work begins,
   * so that a miss takes the steps of a hit (S10).
   *
   * @throws MemwardenError kms_unavailable, kms_timeout, key_refused, owner_key_required; nothing is read then
   */
  reading<T>(unlock: Unlock, work: (keys: PartitionOpener) => Promise<T>): Promise<T>;
  /**
   * Runs a write of a partition under the key in use.
   *
   * @param use what the work does with the key
   * @throws MemwardenError kms_unavailable, kms_timeout, key_refused, owner_key_required, erasing
   */
  writing<T>(unlock: Unlock, use: KeyUse, work: (keys: PartitionSealer) => Promise<T>): Promise<T>;
}
