import '../support/fresh-lmdb.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { KeyValueStore } from '../../src/model/key-value.js';
import { openEmbedded } from '../../src/store/embedded/driver.js';
import type { StoreDriver } from '../../src/store/driver.js';

/** Runs a suite with the documents of an embedded store of its own. */
export function describeWithValues(name: string, suite: (values: () => KeyValueStore) => void): void {
  describe(name, () => {
    let folder: string;
    let driver: StoreDriver;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'memwarden-values-'));
      driver = await openEmbedded({ path: join(folder, 'data') });
      await driver.migrate();
    });
    afterAll(async () => {
      await driver.close();
      rmSync(folder, { recursive: true, force: true });
    });
    suite(() => driver.values);
  });
}
