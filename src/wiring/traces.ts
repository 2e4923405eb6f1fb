import { ApiKeys } from '../identity/api-keys.js';
import { CredentialTraces } from '../identity/credential-traces.js';
import { Handles } from '../memory/handles.js';
import type { Clock } from '../model/clock.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import type { KeyValueStore } from '../model/key-value.js';
import type { UserTraces } from '../model/user-traces.js';

/** API keys that take with them what is kept for them, and everything that an erasure takes away with them. */
export interface Traces extends UserTraces {
  readonly apiKeys: ApiKeys;
}

/**
 * @param handleKeys the keys that the doors' handles are made with, and the names of events
 * @param noteKey called before an API key is there
 */
export function tracesOf(
  values: KeyValueStore,
  clock: Clock,
  handleKeys: CursorKeys,
  noteKey?: (prefix: string) => Promise<void>,
): Traces {
  const handles = new Handles(handleKeys);
  const rows = new CredentialTraces({ values, clock, nameOf: (...parts) => handles.nameOf(...parts) });
  const apiKeys = new ApiKeys(values, clock, rows, noteKey);
  return {
    apiKeys,
    async forget(userId) {
      await apiKeys.forget(userId);
      await rows.forget(userId);
    },
  };
}
