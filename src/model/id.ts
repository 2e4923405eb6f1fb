import { v7 } from 'uuid';

/** A new memory id: UUIDv7 (RFC 9562), monotonic within a process. */
export function newId(): string {
  return v7();
}
