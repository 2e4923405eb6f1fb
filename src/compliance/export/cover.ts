import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { box, unbox } from '../../crypto/seal/boxed.js';
import { damaged } from './damaged.js';

const KEY_BYTES = 32;
const LENGTH_BYTES = 4;
const LABEL = Buffer.from('memwarden covered export 1');

/** How the files of an export lie on disk while it is written. */
export interface Cover {
  /** What is to be written for some bytes; a file is what was sealed one after the other. */
  seal(plain: Buffer): Buffer;
  /** What a file holds. @throws MemwardenError invalid_argument where it is not what was written */
  opened(file: Readable): Readable;
}

/** Files that are handed out as they lie there. */
export const IN_CLEAR: Cover = { seal: (plain) => plain, opened: (file) => file };

/**
 * Files that nobody but this process can read, and after it nobody: sealed under a key that is written nowhere. What a
 * process that dies leaves of them outlives no erasure (S22).
 */
export function sealedCover(): Cover {
  const key = randomBytes(KEY_BYTES);
  return {
    seal(plain) {
      const boxed = box(key, LABEL, plain);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(boxed.length);
      return Buffer.concat([length, boxed]);
    },
    opened: (file) => Readable.from(opened(key, file), { objectMode: false }),
  };
}

async function* opened(key: Buffer, file: Readable): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  let wanted = LENGTH_BYTES;
  for await (const piece of file as AsyncIterable<Buffer>) {
    held.push(piece);
    size += piece.length;
    if (size < wanted) continue;
    let rest = Buffer.concat(held);
    for (;;) {
      wanted = LENGTH_BYTES + (rest.length < LENGTH_BYTES ? 0 : rest.readUInt32BE());
      if (rest.length < LENGTH_BYTES || rest.length < wanted) break;
      const plain = unbox(key, LABEL, rest.subarray(LENGTH_BYTES, wanted));
      if (!plain) throw damaged();
      if (plain.length > 0) yield plain;
      rest = rest.subarray(wanted);
    }
    held = [rest];
    size = rest.length;
  }
  if (size > 0) throw damaged();
}
