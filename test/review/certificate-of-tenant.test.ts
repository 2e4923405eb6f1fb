import '../support/fresh-lmdb.js';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openEmbeddedKeys } from '../../src/store/keys/embedded.js';
import { keysOfTenant } from '../../src/store/of-tenant/keys.js';

test('G12: the deployment names no certificate of a tenant', async () => {
  const whole = await openEmbeddedKeys(join(mkdtempSync(join(tmpdir(), 'memwarden-review-')), 'keys'));
  try {
    const [acme, own] = [keysOfTenant(whole, 'acme'), keysOfTenant(whole, 'default')];
    await acme.add('certificate', { id: 'one', value: { of: 'acme' } });
    await own.add('certificate', { id: 'one', value: { of: 'the deployment' } });
    expect(await acme.document('certificate', 'one')).toMatchObject({ value: { of: 'acme' } });
    expect(await own.document('certificate', 'one')).toMatchObject({ value: { of: 'the deployment' } });
    expect(await own.document('certificate', 'acme/one')).toBeUndefined();
  } finally {
    await whole.close();
  }
});
