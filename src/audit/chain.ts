import type { SigningKey } from '../model/signing-keys.js';
import {
  canonical,
  chained,
  FORMAT,
  headLine,
  recordLine,
  sha256,
  signedBytes,
  type Head,
  type Place,
} from './format.js';

/** A group, made but not yet stored. */
export interface SealedGroup {
  readonly body: Buffer;
  /** Where the stream stands once it is stored. */
  readonly place: Place;
}

/**
 * Makes the next group of a stream: chains the records and signs the head.
 *
 * @param records canonical JSON, at least one
 */
export function seal(before: Place, records: readonly string[], at: Date, key: SigningKey): SealedGroup {
  const { stream } = before;
  const lines: string[] = [];
  let { seq, hash } = before;
  for (const record of records) {
    hash = chained(hash, record);
    seq += 1;
    lines.push(recordLine(record, { hash, seq, stream }));
  }
  const group = before.group + 1;
  const head: Head = {
    at: at.toISOString(),
    group,
    hash,
    key: key.id,
    prev: before.head,
    seq,
    stream,
    v: FORMAT,
  };
  const text = canonical(head);
  const last = headLine(text, key.sign(signedBytes(text)).toString('base64url'));
  return {
    body: Buffer.from(`${lines.join('\n')}\n${last}\n`),
    place: { stream, group, seq, hash, head: sha256(last) },
  };
}
