import { expect, test } from '@jest/globals';
import { ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';

describeOnEachStore('a shared space', (open) => {
  test('smoke', async () => {
    const { warden, raw } = await open();
    const admin = warden.space(ADMIN, 'team');
    await admin.create({ onErase: 'keep', members: [{ user: 'alice', access: 'write' }] });
    expect(await outcome(() => admin.add('x'))).toBe('not_found');
    expect(await admin.list()).toEqual({ memories: [] });
    await admin.grant({ attribute: 'team', value: 'red' }, 'read');
    expect(await admin.members()).toEqual({});
  });
});
