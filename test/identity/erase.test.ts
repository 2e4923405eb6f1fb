import { expect, test } from '@jest/globals';
import { ApiKeys } from '../../src/identity/api-keys.js';
import { principalAt } from '../../src/model/principal.js';
import { servicesOf } from '../../src/internals.js';
import { valuesOf } from '../support/values.js';
import { ADMIN, describeOnEachStore, agentOf, outcome } from '../support/warden.js';

const CANARY = 'canary-7f3a';

describeOnEachStore('G21: erasing a user', (open) => {
  test('takes the user out of every grant, and the keys that were for it alone with it', async () => {
    const opened = await open({ acts: { wait: () => Promise.resolve() } });
    const { warden } = opened;
    await warden.scope(agentOf(CANARY), CANARY).add('something');
    const make = async (users: readonly string[] | 'any', more: object = {}) =>
      (await warden.credentials.create(ADMIN, { role: 'agent', users, ...more })).key;
    const alone = await make([CANARY]);
    const twice = await make([CANARY, CANARY]);
    const shared = await make(['bob', CANARY, 'carol'], { name: `for ${CANARY}`, purposes: [CANARY, 'care'] });
    const any = await make('any', { name: 'all', attributes: { for: CANARY, [CANARY]: true, ward: 'b' } });
    const others = [await make([`${CANARY}2`]), await make([`x${CANARY}`, 'bob']), await make([])];
    const { apiKeys } = servicesOf(warden);
    for (const key of [alone, twice, shared, any, ...others]) expect(await apiKeys.authenticate(key)).toBeDefined();
    await warden.credentials.voidTokens(ADMIN, CANARY);
    expect(await valuesOf(opened)).toContain(`"${CANARY}`.replace('"', '\\"'));

    await warden.keys.erase(ADMIN, CANARY);
    const left = await valuesOf(opened);
    expect(left.replaceAll(`${CANARY}2`, '').replaceAll(`x${CANARY}`, '')).not.toContain(CANARY);
    for (const key of [alone, twice]) expect(await apiKeys.authenticate(key)).toBeUndefined();
    expect((await apiKeys.authenticate(shared))?.grant).toMatchObject({ users: ['bob', 'carol'], purposes: ['care'] });
    expect((await apiKeys.authenticate(any))?.grant).toMatchObject({ users: 'any', attributes: { ward: 'b' } });
    const [longer, longest, nobody] = await Promise.all(others.map((key) => apiKeys.authenticate(key)));
    expect([longer?.grant.users, longest?.grant.users, nobody?.grant.users]).toEqual([
      [`${CANARY}2`],
      [`x${CANARY}`, 'bob'],
      [],
    ]);
  });

  test('takes out what another process put in while it swept', async () => {
    let late: string | undefined;
    const step = async (name: string): Promise<void> => {
      if (name === 'waited')
        late ??= (await apiKeys.create({ grant: { role: 'agent', users: [CANARY], purposes: [] } })).key;
    };
    const opened = await open({ acts: { wait: () => Promise.resolve(), step } });
    const apiKeys = new ApiKeys(opened.driver.values, () => new Date(), servicesOf(opened.warden).nameOf);
    await opened.warden.scope(agentOf(CANARY), CANARY).add('something');
    await opened.warden.keys.erase(ADMIN, CANARY);
    expect(late).toBeDefined();
    expect(await apiKeys.authenticate(late ?? '')).toBeUndefined();
    expect(await valuesOf(opened)).not.toContain(CANARY);
  });

  test('does not lose the change that another process makes to a key at the same time', async () => {
    const opened = await open();
    const { apiKeys } = servicesOf(opened.warden);
    const made = await apiKeys.create({ grant: { role: 'agent', users: ['bob', CANARY], purposes: [] } });
    await Promise.all([apiKeys.forget(CANARY), apiKeys.revoke(made.credential.id), apiKeys.forget('none')]);
    const [found] = await opened.warden.credentials.list(ADMIN);
    expect(found).toMatchObject({ grant: { users: ['bob'] }, revokedAt: expect.any(String) });
  });

  test('S21: a certificate does not name the user who asked for it', async () => {
    const opened = await open({ acts: { wait: () => Promise.resolve() } });
    await opened.warden.scope(agentOf(CANARY), CANARY).add('something');
    const certificate = await opened.warden.keys.erase({ id: CANARY, role: 'admin' }, CANARY);
    expect(certificate.requestedBy).toEqual({ id: 'the user', role: 'admin' });
    expect(await outcome(async () => JSON.stringify(certificate).includes(CANARY))).toBe(false);
    // Nor another user who asked with a token of theirs, by whose subject it is named.
    await opened.warden.scope(agentOf('bob'), 'bob').add('something');
    const subject = { name: CANARY, isUser: true };
    const asking = principalAt({ id: `jwt:0:${CANARY}`, role: 'admin' }, { door: 'http' }, subject);
    const other = await opened.warden.keys.erase(asking, 'bob');
    expect(other.requestedBy).toEqual({ id: 'another user', role: 'admin' });
  });
});
