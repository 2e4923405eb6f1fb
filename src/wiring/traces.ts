import { ApiKeys } from '../identity/api-keys.js';
import { CredentialTraces } from '../identity/credential-traces.js';
import type { Clock } from '../model/clock.js';
import type { KeyValueStore } from '../model/key-value.js';
import type { NameOf } from '../model/name-of.js';
import type { UserTraces } from '../model/user-traces.js';

/** API keys that take with them what is kept for them, and everything that an erasure takes away with them. */
export interface Traces extends UserTraces {
  readonly apiKeys: ApiKeys;
}

/** @param noteKey called before an API key is there */
export function tracesOf(
  values: KeyValueStore,
  clock: Clock,
  nameOf: NameOf,
  noteKey?: (prefix: string) => Promise<void>,
): Traces {
  const rows = new CredentialTraces({ values, clock, nameOf });
  const apiKeys = new ApiKeys(values, clock, nameOf, rows, noteKey);
  return {
    apiKeys,
    async forget(userId) {
      await apiKeys.forget(userId);
      await rows.forget(userId);
    },
  };
}
