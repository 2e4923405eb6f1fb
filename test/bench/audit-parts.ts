import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAudit } from '../../src/audit/open.js';
import { toAuditSettings } from '../../src/config/audit-options.js';
import { KeyRings } from '../../src/crypto/keys/key-rings.js';
import { RingPseudonyms } from '../../src/crypto/keys/ring-pseudonyms.js';
import { openKms } from '../../src/crypto/kms/open.js';
import type { AuditKeeper } from '../../src/model/audit-keeper.js';
import type { Auditor } from '../../src/model/auditor.js';
import { systemClock } from '../../src/model/clock.js';
import { openEmbeddedKeys } from '../../src/store/keys/embedded.js';
import { keysOf } from '../audit/support/logs.js';
import { noAuditor } from '../support/no-auditor.js';
import { compose, type Composition, type StorePlace } from './composition.js';

/** Two compositions with encryption on, one without the audit log and one with it as the product has it. */
export interface Pair {
  readonly off: Composition;
  readonly on: Composition;
  close(): Promise<void>;
}

export async function composePair(offPlace: StorePlace, onPlace: StorePlace): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-bench-keys-'));
  const store = await openEmbeddedKeys(join(folder, 'keystore'));
  const kms = await openKms(`local:${join(folder, 'keys', 'kek')}`, { create: true });
  const held = { store, kms, clock: systemClock, cacheMs: 60_000, cacheMax: 10_000 };
  const sealer = new KeyRings(held);
  const off = await compose(offPlace, { sealer, auditor: noAuditor });
  const auditor: Auditor = {
    record: (entry) => keeper.auditor.record(entry),
    join: (entry) => keeper.auditor.join?.(entry) ?? Promise.resolve(undefined),
  };
  const on = await compose(onPlace, { sealer, auditor });
  const keeper: AuditKeeper = openAudit({
    storage: on.driver.audit,
    keys: keysOf(on.driver.service).keys,
    pseudonyms: new RingPseudonyms(held),
    alarms: on.alarms,
    clock: systemClock,
    settings: toAuditSettings({ checkpoints: join(folder, 'checkpoints') }, 30_000, {}, ''),
  });
  return {
    off,
    on,
    async close() {
      await keeper.close();
      await on.close();
      await off.close();
      sealer.close();
      await kms.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
