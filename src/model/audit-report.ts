import type { Outcome } from './auditor.js';

/** Where a stream of the log stood when a checkpoint was made. */
export interface CheckpointedHead {
  readonly stream: string;
  readonly group: number;
  readonly seq: number;
  /** SHA-256 of the head line, base64url. */
  readonly head: string;
}

/**
 * The heads of all streams at one time, signed: kept where whoever writes to the database cannot, it shows what was cut
 * off later. Streams that were closed are bound by the registry's head.
 */
export interface Checkpoint {
  readonly v: number;
  readonly kind: 'checkpoint';
  readonly id: string;
  readonly time: string;
  readonly registry: CheckpointedHead;
  /** Of every stream that was open. */
  readonly open: readonly CheckpointedHead[];
  /** The public keys (Ed25519, raw, base64url) that heads were signed with, the one that signs this among them. */
  readonly keys: readonly { readonly id: string; readonly x: string }[];
  readonly key: string;
}

/** One thing that is wrong with a log. */
export interface AuditFinding {
  readonly stream: string;
  /** The group, counted from 1; 0 where it is the stream as a whole. */
  readonly group: number;
  /** The first record at fault, counted from 1; 0 where it is the group or the stream as a whole. */
  readonly seq: number;
  readonly fault: string;
}

/** An intent without a result: a change whose writer died, or is still at it. */
export interface OpenIntent {
  readonly stream: string;
  readonly seq: number;
  readonly event: string;
  readonly time: string;
  readonly action: string;
}

/** What `audit verify` found. */
export interface VerifyReport {
  readonly ok: boolean;
  readonly records: number;
  /** Signed heads whose signature was checked. */
  readonly heads: number;
  readonly streams: number;
  readonly pruned: number;
  /** How far "nothing is missing" can be said. */
  readonly completeness: string;
  /** The first record at fault, where there is one. */
  readonly first?: AuditFinding;
  readonly findings: readonly AuditFinding[];
  readonly openIntents: readonly OpenIntent[];
}

/** Which part of the log to verify; all of it where nothing is given. */
export interface VerifyOptions {
  /** A checkpoint that was kept elsewhere, as text. */
  readonly checkpoint?: string;
  /** Public keys that were kept elsewhere, in the place of those that the store names. */
  readonly keys?: readonly { readonly id: string; readonly x: string }[];
  /** Records of groups from this time on; what lies before is checked by its heads. */
  readonly since?: Date;
  readonly until?: Date;
  readonly onProgress?: (records: number) => void;
}

/** Which records to look for. */
export interface AuditQuery {
  /** Pseudonyms of the user, as owner or as principal. */
  readonly user?: string;
  /** The id of the principal, or its pseudonym. */
  readonly principal?: readonly string[];
  readonly since?: Date;
  readonly until?: Date;
  readonly outcome?: Outcome | 'unknown';
  /** The newest so many. */
  readonly limit: number;
}
