import { join } from 'node:path';
import type { WardenOptions } from '../../src/config/options.js';
import { POLICIES } from '../bench/project.js';
import type { Place } from '../contract/support/place.js';

/** Long acts that wait for nobody. */
export const atOnce = { wait: () => Promise.resolve() };

/** The options of a warden on a place, its keys in a folder. */
export function wardenOptions(place: Place, folder: string): WardenOptions {
  const { kind } = place;
  const store = kind === 'embedded' ? { kind, path: place.path } : { kind, uri: place.uri };
  const kms = `local:${join(folder, 'keys', 'kek')}`;
  const keyStore = { kind: 'embedded', path: join(folder, 'keystore') } as const;
  return {
    store,
    policies: POLICIES,
    migrate: true,
    timeoutMs: 20_000,
    keys: { store: keyStore, kms, ledger: join(folder, 'ledger', 'l') },
  };
}
