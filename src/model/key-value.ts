import { MemwardenError } from '../errors/memwarden-error.js';

/** Checks the name of a namespace, which some stores part from the key by a slash. @throws MemwardenError internal */
export function assertNamespace(namespace: string): void {
  if (namespace.includes('/')) throw new MemwardenError('internal');
}

/** What stands under a key. */
export interface KeptValue {
  /** JSON text. */
  readonly value: string;
  /** 1 for what was put first, one more with each replacement. */
  readonly version: number;
  /** From when on it is absent. */
  readonly expiresAt?: Date;
}

/** A key with what stands under it. */
export interface KeptEntry extends KeptValue {
  readonly key: string;
}

/**
 * Small documents of the product itself that all processes on one store share: credentials, jobs, reservations,
 * counters. Never memories, and nothing of their content in clear. Every write is durable when it resolves. It knows no
 * clock: what has expired stands there until `removeExpired`, and `namespaced` treats it as absent.
 */
export interface KeyValueStore {
  /** What stands under a key. */
  get(namespace: string, key: string): Promise<KeptValue | undefined>;
  /** Puts a value where none stands. @returns whether it was put */
  insert(namespace: string, key: string, value: string, expiresAt?: Date): Promise<boolean>;
  /** Puts a value in the place of the one of a version. @returns whether that version stood there */
  replace(namespace: string, key: string, version: number, value: string, expiresAt?: Date): Promise<boolean>;
  /** Takes a value away. @returns whether one (of that version, where it is given) stood there */
  remove(namespace: string, key: string, version?: number): Promise<boolean>;
  /** Entries of a namespace, ordered by the bytes of their keys. */
  list(namespace: string, limit: number, after?: string): Promise<KeptEntry[]>;
  /** Adds to a counter that starts at 0. @returns the sum */
  add(namespace: string, key: string, amount: number, expiresAt: Date): Promise<number>;
  /** Takes away what stands in the namespaces whose names begin so (ASCII). @returns how many, at most `limit` */
  removeFamily(family: string, limit: number): Promise<number>;
  /** Takes away what expired before. @returns how many, at most `limit` */
  removeExpired(before: Date, limit: number): Promise<number>;
}
