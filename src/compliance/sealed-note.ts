import { createHash, hkdfSync, randomUUID } from 'node:crypto';
import { box, unbox } from '../crypto/seal/boxed.js';
import { MemwardenError } from '../errors/memwarden-error.js';

/** What a note is about; notes of one id lie under names of their own. */
export type NoteKind = 'request' | 'approval' | 'job' | 'job-approval' | 'job-result' | 'part';

/** An id that nobody guesses: 122 random bits. It is what opens the notes that are kept under it. */
export const newNoteId = (): string => randomUUID();

/** Under which name a note is kept: of the id it holds a digest alone. */
export function noteName(kind: NoteKind, id: string): string {
  return `export.${kind}.${createHash('sha256').update(`memwarden export ${kind} name 1 ${id}`).digest('hex')}`;
}

/** Seals a note for whoever has its id (AES-256-GCM; the key is HKDF-SHA-256 of the id). */
export function sealNote(kind: NoteKind, id: string, note: object | string): string {
  return box(keyOf(kind, id), associated(kind, id), JSON.stringify(note)).toString('base64url');
}

/** Opens it. @throws MemwardenError unauthentic */
export function openNote(kind: NoteKind, id: string, sealed: string): unknown {
  const plain = unbox(keyOf(kind, id), associated(kind, id), Buffer.from(sealed, 'base64url'));
  if (!plain) throw new MemwardenError('unauthentic');
  return JSON.parse(plain.toString('utf8'));
}

function keyOf(kind: NoteKind, id: string): Buffer {
  return Buffer.from(hkdfSync('sha256', id, Buffer.alloc(0), `memwarden export ${kind} 1`, 32));
}

function associated(kind: NoteKind, id: string): Buffer {
  return Buffer.from(noteName(kind, id));
}
