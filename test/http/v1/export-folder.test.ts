import { expect, test } from '@jest/globals';
import { exportFolder } from '../../../src/config/tenant-places.js';

test('S22: no two stores write the exports of their servers in one folder', () => {
  const mongo = (database: string, host = 'h') => ({ kind: 'mongodb', uri: `mongodb://${host}/${database}` }) as const;
  const folders = [
    exportFolder({ kind: 'embedded', path: '/s/a' }, '/s/ledger/a.ndjson'),
    exportFolder({ kind: 'embedded', path: '/s/b' }, '/s/ledger/a.ndjson'),
    exportFolder({ kind: 'embedded', path: '/s/a.tenants/t' }, '/s/ledger/a.ndjson.tenants/t', 't'),
    exportFolder(mongo('a'), '/s/ledger/a.ndjson'),
    exportFolder(mongo('b'), '/s/ledger/a.ndjson'),
    exportFolder(mongo('a'), '/s/ledger/b.ndjson'),
    exportFolder(mongo('a-t-t'), '/s/ledger/a.ndjson.tenants/t', 't'),
    exportFolder(mongo('a-t-u'), '/s/ledger/a.ndjson.tenants/u', 'u'),
  ];
  expect(new Set(folders).size).toBe(folders.length);
  for (const folder of folders) expect(folder).toMatch(/^\/s\/[^/]*http-exports|^\/s\/a\.tenants\/t\.http-exports$/);
  // A host more in the address is not another store: what a process left is found again.
  expect(exportFolder(mongo('a', 'h,i'), '/s/ledger/a.ndjson')).toBe(folders[3]);
});
