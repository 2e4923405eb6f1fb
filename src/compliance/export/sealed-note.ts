import { createHash, hkdfSync, randomUUID } from 'node:crypto';
import { decrypt, encrypt, TAG_BYTES } from '../../crypto/seal/aead.js';
import { IV_BYTES, putIv } from '../../crypto/seal/random-iv.js';
import { MemwardenError } from '../../errors/memwarden-error.js';

/** What a note is about; notes of one id lie under names of their own. */
export type NoteKind = 'request' | 'approval' | 'job';

/** An id that nobody guesses: 122 random bits. It is what opens the notes that are kept under it. */
export const newNoteId = (): string => randomUUID();

/** Under which name a note is kept: of the id it holds a digest alone. */
export function noteName(kind: NoteKind, id: string): string {
  return `export.${kind}.${createHash('sha256').update(`memwarden export ${kind} name 1 ${id}`).digest('hex')}`;
}

/** Seals a note for whoever has its id (AES-256-GCM; the key is HKDF-SHA-256 of the id). */
export function sealNote(kind: NoteKind, id: string, note: object | string): string {
  const iv = Buffer.alloc(IV_BYTES);
  putIv(iv, 0);
  const { text, tag } = encrypt(keyOf(kind, id), iv, associated(kind, id), JSON.stringify(note));
  return Buffer.concat([iv, text, tag]).toString('base64url');
}

/** Opens it. @throws MemwardenError unauthentic */
export function openNote(kind: NoteKind, id: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) throw new MemwardenError('unauthentic');
  const text = bytes.subarray(IV_BYTES, -TAG_BYTES);
  const iv = bytes.subarray(0, IV_BYTES);
  const plain = decrypt(keyOf(kind, id), iv, associated(kind, id), text, bytes.subarray(-TAG_BYTES));
  if (!plain) throw new MemwardenError('unauthentic');
  return JSON.parse(plain.toString('utf8'));
}

function keyOf(kind: NoteKind, id: string): Buffer {
  return Buffer.from(hkdfSync('sha256', id, Buffer.alloc(0), `memwarden export ${kind} 1`, 32));
}

function associated(kind: NoteKind, id: string): Buffer {
  return Buffer.from(noteName(kind, id));
}
