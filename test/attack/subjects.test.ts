import { expect, test } from '@jest/globals';
import { ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';
import { fromJavaScript, idsTo } from './corpus.js';

// A buffer of all that must never name anyone; texts that merely look odd are not among it.
const REFUSED = [...idsTo('refuse').map(({ name, value }) => ({ name, make: () => value })), ...fromJavaScript];

describeOnEachStore('bad subjects', (open) => {
  test('G2: as user id of a partition each is an error, and no query is sent', async () => {
    const { warden, watch } = await open();
    for (const { name, make } of REFUSED) {
      for (const principal of [ADMIN, agentOf('alice')]) {
        const code = await outcome(async () => warden.scope(principal, make() as never));
        expect([name, code]).toEqual([name, 'invalid_owner']);
      }
    }
    expect(watch.calls).toEqual([]);
    expect(REFUSED.length).toBeGreaterThan(100);
  });

  test('G2: as id, role or userId of a principal each is an error, and no query is sent', async () => {
    const { warden, watch } = await open();
    for (const { name, make } of REFUSED) {
      for (const key of ['id', 'role', 'userId', 'purpose']) {
        if (name === 'undefined' && (key === 'userId' || key === 'purpose')) continue;
        const principal = { ...agentOf('alice'), [key]: make() };
        expect([name, key, await outcome(async () => warden.scope(principal as never, 'alice'))]).toEqual([
          name,
          key,
          'invalid_principal',
        ]);
        expect([name, key, await outcome(() => warden.users(principal as never))]).toEqual([
          name,
          key,
          'invalid_principal',
        ]);
      }
    }
    expect(watch.calls).toEqual([]);
  });

  test('G2: whoever changes the principal after scope() changes nothing', async () => {
    const { warden } = await open();
    await warden.scope(ADMIN, 'alice').add('secret', { level: 'sensitive' });
    const attributes: Record<string, string> = { team: 'a' };
    const principal: Record<string, unknown> = { ...agentOf('alice'), attributes };
    const memory = warden.scope(principal as never, 'alice');
    principal['role'] = 'admin';
    attributes['team'] = 'b';
    expect(await memory.count()).toBe(0);
    expect(() => Object.assign(memory, { userId: 'bob' })).toThrow(TypeError);
    expect(Object.isFrozen(memory)).toBe(true);
  });
});
