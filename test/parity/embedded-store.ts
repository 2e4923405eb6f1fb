import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate } from '../../src/model/evaluate.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { openEmbedded } from '../../src/store/embedded/driver.js';
import { openTables } from '../../src/store/embedded/environment.js';
import { byTag, type ParityStore } from './store.js';

/** An embedded store in a folder of its own; documents go into its tables past everything. */
export async function embeddedStore(): Promise<ParityStore> {
  const path = mkdtempSync(join(tmpdir(), 'memwarden-parity-'));
  const driver = await openEmbedded({ path });
  const tables = await openTables(path);
  return {
    kind: 'embedded',
    sharded: false,
    planned: driver.planned,
    async refill(documents) {
      await tables.memories.clearAsync();
      await tables.recent.clearAsync();
      await tables.root.transaction(() => {
        documents.forEach(({ owner, key, document }, n) => {
          const at = document['occurred_at'];
          const isTime = at instanceof Date && !Number.isNaN(at.getTime());
          void tables.memories.put(['default', owner, key], document as unknown as MemoryRecord);
          void tables.recent.put(['default', owner, isTime ? at.getTime() : n, key], true);
        });
      });
      tables.root.resetReadTxn();
      const planted = byTag(documents);
      return [...tables.memories.getRange()].map(({ key, value }) => {
        const record = value as unknown as Candidate;
        return { planted: planted(record['content']), record, exact: record, inPlace: record['user_id'] === key[1] };
      });
    },
    async close() {
      await driver.close();
      await tables.root.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
