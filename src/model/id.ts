import { uuidv7 } from 'uuidv7';

/** A new memory id: UUIDv7 (RFC 9562), monotonic within a process. */
export function newId(): string {
  return uuidv7();
}
