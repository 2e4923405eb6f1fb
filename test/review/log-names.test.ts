import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { ADMIN, describeOnEachStore } from '../support/warden.js';

describeOnEachStore('Names in the log', (open) => {
  test('S26: the id of a principal that holds the id of the owner is not in clear, nor that of one without userId', async () => {
    const { warden } = await open();
    const owner = 'alice@example.com';
    await warden.scope(ADMIN, owner).add('x');
    await warden.scope({ id: `session:${owner}`, role: 'admin', purpose: `for ${owner}` }, owner).list();
    const told = JSON.stringify(await warden.audit(ADMIN).query());
    expect(told).not.toContain(owner);
  });

  test('S26: nor of a user who has memories, inside of another id', async () => {
    const { warden } = await open();
    await warden.scope(ADMIN, 'alice@example.com').add('x');
    await warden.scope(ADMIN, 'bob@example.com').add('x');
    await warden.scope({ id: 'bob@example.com', role: 'admin' }, 'alice@example.com').list();
    const told = JSON.stringify(await warden.audit(ADMIN).query());
    expect(told).not.toContain('bob@example.com');
  });
});
