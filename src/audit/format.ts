import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { MemwardenError } from '../errors/memwarden-error.js';

/**
 * The log's format, version 1. A stream is a chain of records; a group is what one durable write added to it, ended by
 * a signed head. A group is lines of canonical JSON (RFC 8785), each ended by a line feed:
 *
 *     {"hash":H,"record":R,"seq":N,"stream":S}      one a record
 *     {"head":{...},"sig":"..."}                    the last one
 *
 * H(0) = SHA-256("memwarden audit stream 1\n" S), H(n) = SHA-256(H(n-1) "\n" R(n)), in base64url. A head names the last
 * H of its group and the SHA-256 of the head line before it (H(0) for the first); Ed25519 over
 * "memwarden audit head 1\n" and the canonical head signs it.
 */
export const FORMAT = 1;
export const HEAD_DOMAIN = 'memwarden audit head 1\n';
/** The stream in which every other one is opened and closed. */
export const REGISTRY = 'registry';
/** The longest group that is written, in records. */
export const MAX_GROUP = 1_024;

/** Where a stream stands after a group. */
export interface Place {
  readonly stream: string;
  /** The number of its last group; 0 before the first. */
  readonly group: number;
  /** The number of its last record. */
  readonly seq: number;
  /** H of the last record. */
  readonly hash: string;
  /** SHA-256 of the last head line. */
  readonly head: string;
}

/** What is signed at the end of a group. */
export interface Head {
  readonly at: string;
  readonly group: number;
  readonly hash: string;
  readonly key: string;
  readonly prev: string;
  readonly seq: number;
  readonly stream: string;
  readonly v: number;
}

/** The place of a stream that holds nothing yet. */
export function beginning(stream: string): Place {
  const first = sha256(`memwarden audit stream 1\n${stream}`);
  return { stream, group: 0, seq: 0, hash: first, head: first };
}

/** The hash of a record, chained to the one before it. */
export function chained(before: string, record: string): string {
  return sha256(`${before}\n${record}`);
}

export function sha256(text: string): string {
  return hash('sha256', text, 'base64url' as 'base64');
}

/** Canonical JSON (RFC 8785). */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new MemwardenError('internal');
  return text;
}

/** The line of a record. */
export function recordLine(record: string, place: { hash: string; seq: number; stream: string }): string {
  return `${PREFIX}${place.hash}${MIDDLE}${record}${suffix(place.stream, place.seq)}`;
}

/** The record in a line that stands at a place and carries a hash, or undefined where it is no such line. */
export function recordOf(line: string, stream: string, seq: number): { hash: string; record: string } | undefined {
  const end = suffix(stream, seq);
  if (!line.startsWith(PREFIX) || !line.startsWith(MIDDLE, RECORD_AT - MIDDLE.length) || !line.endsWith(end))
    return undefined;
  return { hash: line.slice(PREFIX.length, PREFIX.length + HASH), record: line.slice(RECORD_AT, -end.length) };
}

/**
 * The head line of a group.
 *
 * @param head canonical JSON
 * @param sig base64url
 */
export function headLine(head: string, sig: string): string {
  return `{"head":${head},"sig":"${sig}"}`;
}

/**
 * The bytes that a head's signature is over.
 *
 * @param head canonical JSON
 */
export function signedBytes(head: string): Buffer {
  return Buffer.from(HEAD_DOMAIN + head);
}

const HASH = 43;
const PREFIX = '{"hash":"';
const MIDDLE = '","record":';
const RECORD_AT = PREFIX.length + HASH + MIDDLE.length;

function suffix(stream: string, seq: number): string {
  return `,"seq":${seq},"stream":"${stream}"}`;
}
