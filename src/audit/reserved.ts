import type { Along, AuditStorage, StoredGroup } from '../model/audit-storage.js';

/** The stream's next group, for a write of memories to take along. */
export interface Reserved {
  readonly along: Along;
  /**
   * Ends the reservation; never throws.
   *
   * @returns undefined where the group is not there; else what resolves once it is durable, as `write` does
   */
  end(): Promise<{ readonly durable: Promise<void> } | undefined>;
}

/** Whether a group lies in a storage with these very bytes. */
export async function isThere(storage: AuditStorage, { stream, group, body }: StoredGroup): Promise<boolean> {
  for await (const found of storage.groups(stream, group)) return found.group === group && body.equals(found.body);
  return false;
}
