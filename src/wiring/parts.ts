import type { Settings } from '../config/options.js';
import type { Alarms } from '../metrics/alarms.js';
import type { Auditor } from '../model/auditor.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import type { Sealer } from '../model/sealer.js';
import type { StoreDriver } from '../store/driver.js';
import type { ActOptions } from './acts.js';
import type { Keys } from './keys.js';
import type { Policies } from './policies.js';

/** What a warden is put together from. */
export interface WardenParts {
  readonly settings: Settings;
  readonly driver: StoreDriver;
  readonly policies: Policies;
  readonly alarms: Alarms;
  readonly sealer: Sealer;
  readonly auditor: Auditor;
  readonly cursorKeys: CursorKeys;
  readonly keys: Keys | undefined;
  readonly acts?: Pick<ActOptions, 'wait' | 'step'>;
}
