import type { WardenOptions } from '../options.js';
import { definedIn } from '../../model/bare.js';
import type { ServerConfig } from './schema.js';

/** What a server's configuration says of its warden. */
export function wardenOptionsOf(config: ServerConfig): WardenOptions {
  const { store, migrate, keys, policies, shadowPolicies, defaultTtlMs, classify, audit, embedder } = config;
  const { watchPolicies, policyMaxStaleMs, timeoutMs, searchIndexBytes } = config;
  return definedIn({
    store,
    migrate,
    keys: definedIn(keys),
    policies,
    watchPolicies,
    policyMaxStaleMs,
    timeoutMs,
    searchIndexBytes,
    shadow: shadowPolicies === undefined ? undefined : { policies: shadowPolicies },
    defaultTtlMs: defaultTtlMs && definedIn(defaultTtlMs),
    classify: classify ? undefined : (false as const),
    audit: { ...definedIn(audit), door: 'http' as const },
    embedder,
  }) as WardenOptions;
}
