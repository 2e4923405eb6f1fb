import { expect, test } from '@jest/globals';
import { MAX_EXPORTED_BYTES } from '../../src/memory/conditioned.js';
import { serveMem0 } from './support.js';

// As JSON each byte of it is two.
const CONTENT = '"'.repeat(64 * 1_024);
const FITTING = 255;

test('S27: an export that is too large for one answer is refused before anything of it is released', async () => {
  const served = await serveMem0({ classify: false });
  try {
    const exporter = await served.key({ role: 'export', users: 'any' });
    const alice = served.warden.scope({ id: 'agent', role: 'agent', userId: 'alice' }, 'alice');
    const add = (count: number) =>
      alice.addMany(Array.from({ length: count }, () => ({ content: CONTENT, level: 'public' })));
    const get = () => served.send(exporter, 'POST', '/v1/exports/get/', { filters: { user_id: 'alice' } });
    const disclosures = async () =>
      (await served.warden.audit({ id: 'auditor', role: 'admin' }).report('alice')).disclosures.filter(
        ({ act }) => act === 'export',
      );

    await add(FITTING);
    const whole = await get();
    expect([whole.status, (whole.body['memories'] as unknown[]).length]).toEqual([200, FITTING]);
    expect(await disclosures()).toHaveLength(1);

    await add(2);
    const refused = await get();
    expect([refused.status, refused.body['code'], refused.body['about']]).toEqual([
      413,
      'batch_too_large',
      { limit: MAX_EXPORTED_BYTES, of: 'bytes' },
    ]);
    expect(await disclosures()).toHaveLength(1);
    const order = await served.send(exporter, 'POST', '/v1/exports/', { schema: {}, filters: { user_id: 'alice' } });
    const ordered = await served.send(exporter, 'POST', '/v1/exports/get/', { memory_export_id: order.body['id'] });
    expect([ordered.status, ordered.body['code']]).toEqual([413, 'batch_too_large']);
  } finally {
    await served.close();
  }
});
