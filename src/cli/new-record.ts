import { DEFAULT_TENANT } from '../model/tenant.js';

/** A record as a new memory has it where nothing is said of it, for questions about what is not stored. */
export function newRecord(userId: string): Record<string, unknown> {
  const now = new Date();
  return {
    tenant: DEFAULT_TENANT,
    id: 'a-new-memory',
    user_id: userId,
    sensitivity: 'private',
    category: 'general',
    occurred_at: now,
    created_at: now,
    updated_at: now,
    version: 1,
  };
}
