import { isUtf8 } from 'node:buffer';
import {
  canonical,
  chained,
  FORMAT,
  headLine,
  recordOf,
  sha256,
  signedBytes,
  type Head,
  type Place,
} from './format.js';

/** What is wrong with a log, at one place. */
export type Fault =
  | 'record_changed'
  | 'head_changed'
  | 'signature_invalid'
  | 'key_unknown'
  | 'group_malformed'
  | 'group_missing'
  | 'group_repeated'
  | 'stream_missing'
  | 'stream_not_opened'
  | 'tail_cut'
  | 'fork'
  | 'row_malformed';

/** A group that says what it must, but for its signature, which is checked apart. */
export interface CheckedGroup {
  readonly ok: true;
  readonly place: Place;
  readonly head: Head;
  readonly signature: Buffer;
  /** What the signature is over. */
  readonly signed: Buffer;
  /** Canonical JSON, one a record. */
  readonly records: readonly string[];
}

/** A group that does not. */
export interface FaultyGroup {
  readonly ok: false;
  readonly fault: Fault;
  /** The first record that does not stand where it should, or the one after the last where the head is at fault. */
  readonly seq: number;
}

const SIGNATURE = /^[A-Za-z0-9_-]{86}$/;

/**
 * Checks the bytes of the group that follows a place: every byte of it is determined by the records, the place, and a
 * head whose signature is over the rest.
 *
 * @param withRecords false to check the head alone, where the records lie outside the range that was asked for
 */
export function checkGroup(before: Place, body: Buffer, withRecords = true): CheckedGroup | FaultyGroup {
  const first = before.seq + 1;
  const text = isUtf8(body) ? body.toString('utf8') : body.toString('latin1');
  if (!text.endsWith('\n')) return { ok: false, fault: 'group_malformed', seq: faultySeq(text, before) };
  const lines = text.slice(0, -1).split('\n');
  const last = lines.pop() ?? '';
  if (lines.length === 0) return { ok: false, fault: 'group_malformed', seq: first };
  const records: string[] = [];
  let { seq, hash } = before;
  if (withRecords) {
    for (const line of lines) {
      const found = recordOf(line, before.stream, seq + 1);
      if (found) hash = chained(hash, found.record);
      if (found?.hash !== hash) return { ok: false, fault: 'record_changed', seq: seq + 1 };
      records.push(found.record);
      seq += 1;
    }
  } else seq += lines.length;
  const parsed = parseHead(last);
  const fault = { ok: false, fault: 'head_changed', seq } as const;
  if (!parsed) return fault;
  const head: Head = {
    at: parsed.head.at,
    group: before.group + 1,
    hash: withRecords ? hash : parsed.head.hash,
    key: parsed.head.key,
    prev: before.head,
    seq,
    stream: before.stream,
    v: FORMAT,
  };
  const canonicalHead = canonical(head);
  if (headLine(canonicalHead, parsed.sig) !== last) return fault;
  const signature = Buffer.from(parsed.sig, 'base64url');
  // The last character has bits that mean nothing; only one way to write them passes.
  if (signature.toString('base64url') !== parsed.sig) return fault;
  const place: Place = { stream: head.stream, group: head.group, seq, hash: head.hash, head: sha256(last) };
  return { ok: true, place, head, signature, signed: signedBytes(canonicalHead), records };
}

/** The head that a group claims to end in, unchecked; undefined where it ends in none. */
export function claimedHead(body: Buffer): Head | undefined {
  const text = body.toString('utf8').trimEnd();
  return parseHead(text.slice(text.lastIndexOf('\n') + 1))?.head;
}

/** The place that a group claims to lead to, unchecked: where the next one is to be appended. */
export function claimedPlace(body: Buffer): Place | undefined {
  const head = claimedHead(body);
  if (!head) return undefined;
  const text = body.toString('utf8').trimEnd();
  const { stream, group, seq, hash } = head;
  return { stream, group, seq, hash, head: sha256(text.slice(text.lastIndexOf('\n') + 1)) };
}

/** The records of a group, unchecked: canonical JSON. */
export function claimedRecords(body: Buffer): string[] {
  const head = claimedHead(body);
  if (!head) return [];
  const lines = body.toString('utf8').trimEnd().split('\n').slice(0, -1);
  const before = head.seq - lines.length;
  return lines.flatMap((line, i) => recordOf(line, head.stream, before + i + 1)?.record ?? []);
}

// How many lines before the end still look as they should: the group was cut or grew behind them.
function faultySeq(text: string, before: Place): number {
  let seq = before.seq;
  for (const line of text.split('\n')) {
    if (!recordOf(line, before.stream, seq + 1)) break;
    seq += 1;
  }
  return seq + 1;
}

function parseHead(line: string): { head: Head; sig: string } | undefined {
  try {
    const { head, sig } = JSON.parse(line) as { head?: Partial<Head>; sig?: unknown };
    if (typeof sig !== 'string' || !SIGNATURE.test(sig)) return undefined;
    if (typeof head?.at !== 'string' || typeof head.key !== 'string' || typeof head.hash !== 'string') return undefined;
    return { head: head as Head, sig };
  } catch {
    return undefined;
  }
}
