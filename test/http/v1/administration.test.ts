import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { checkedDoor, sender, type Send } from '../../support/http.js';
import { describeServed } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';

describeServed('the HTTP API: users, audit, policy, keys, credentials', (serve) => {
  const { door, faults } = checkedDoor(v1);
  let served: Served;
  let agent: Send;
  let admin: Send;
  beforeAll(async () => {
    served = await serve([door]);
    agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    admin = sender(served.url, await served.key({ role: 'admin', users: 'any', purposes: ['audit'] }));
    for (const user of ['alice', 'bob', 'carl'])
      await admin('POST', `/v1/users/${user}/memories`, { body: { content: `${user} is here` } });
  });
  afterAll(async () => {
    await served.close();
    expect(faults).toEqual([]);
  });

  test('what an administrator may do an agent may not, and is told so without a look at what is stored', async () => {
    const calls: [string, string, unknown?][] = [
      ['GET', '/v1/users'],
      ['GET', '/v1/audit/records'],
      ['GET', '/v1/audit/report?user=alice'],
      ['GET', '/v1/audit/space-report?space=absent'],
      ['GET', '/v1/policy'],
      ['GET', '/v1/policy/matrix'],
      ['POST', '/v1/policy/test', { principal: { role: 'agent' } }],
      ['GET', '/v1/keys'],
      ['GET', '/v1/credentials'],
      ['POST', '/v1/credentials', { role: 'admin', users: 'any' }],
      ['DELETE', '/v1/credentials/01890000-0000-7000-8000-000000000000'],
      ['POST', '/v1/users/alice/erase'],
      ['POST', '/v1/exports', { users: ['alice'] }],
      ['POST', '/v1/exports/01890000-0000-7000-8000-000000000000/approve'],
    ];
    for (const [method, path, body] of calls) {
      const { status, body: problem } = await agent(method, path, { body });
      expect([path, status, problem.code]).toEqual([path, 403, 'forbidden']);
    }
  });

  test('users come in pages', async () => {
    const first = await admin('GET', '/v1/users?limit=2');
    expect(first.body.users.map(({ userId }: { userId: string }) => userId)).toEqual(['alice', 'bob']);
    const rest = await admin('GET', `/v1/users?cursor=${first.body.cursor}`);
    expect(rest.body.users.map(({ userId }: { userId: string }) => userId)).toEqual(['carl']);
    expect((await admin('GET', '/v1/users?cursor=nonsense')).body.code).toBe('invalid_cursor');
  });

  test('the log has every call with its door and its request, and accounts for disclosures', async () => {
    await agent('GET', '/v1/users/alice/memories');
    const records = await admin('GET', '/v1/audit/records?user=alice&limit=3&outcome=allowed');
    // The look itself is the last.
    expect(records.body.records.at(-1)).toMatchObject({ door: 'http', act: 'query', purpose: 'audit' });
    expect(records.body.records.at(-2)).toMatchObject({ door: 'http', act: 'list', action: 'read' });
    expect(records.body.records.at(-2).request).toMatch(/^[0-9a-f-]{36}$/);
    const report = await admin('GET', '/v1/audit/report?user=alice&since=2020-01-01T00:00:00Z');
    expect(report.body).toMatchObject({ userId: 'alice', known: true });
    expect(report.body.disclosures.length).toBeGreaterThan(0);
    expect((await admin('GET', '/v1/audit/report')).body.code).toBe('invalid_argument');
    expect((await admin('GET', '/v1/audit/report?user=alice&since=yesterday')).body.code).toBe('invalid_argument');
  });

  test('the policies in force have a revision, a matrix, and answers to a case', async () => {
    const { body } = await admin('GET', '/v1/policy');
    expect(body).toEqual({ revision: served.warden.policyRevision, current: true });
    const matrix = await admin('GET', '/v1/policy/matrix');
    expect([matrix.body.revision, matrix.body.roles.map(({ role }: { role: string }) => role)]).toEqual([
      body.revision,
      ['admin', 'agent', 'export'],
    ]);
    const asked = { principal: { role: 'agent', userId: 'the-user' }, record: { sensitivity: 'sensitive' } };
    const one = await admin('POST', '/v1/policy/test', { body: { ...asked, expect: ['create'] } });
    expect(one.body).toMatchObject({ revision: body.revision, passed: true });
    const wrong = await admin('POST', '/v1/policy/test', { body: { ...asked, expect: ['create', 'read'] } });
    expect(wrong.body.passed).toBe(false);
    for (const body of [
      { principal: {} },
      { principal: { role: 'agent' }, record: { content: 'x' } },
      { principal: { role: 'a', id: '' } },
    ])
      expect((await admin('POST', '/v1/policy/test', { body })).body.code).toBe('invalid_argument');
  });

  test('keys are told of in numbers', async () => {
    expect((await admin('GET', '/v1/keys')).body).toMatchObject({ users: 3, erasing: 0 });
    expect((await agent('GET', '/v1/keys/public')).body.keys[0]).toMatchObject({ crv: 'Ed25519' });
  });

  test('an API key is told once, works at once, and no more once it is revoked', async () => {
    const order = { name: 'bobs agent', role: 'agent', users: ['bob'], expiresAt: '2099-01-01T00:00:00Z' };
    const headers = { 'idempotency-key': 'k1' };
    const made = await admin('POST', '/v1/credentials', { body: order, headers });
    expect([made.status, made.body.credential.grant]).toEqual([201, { role: 'agent', users: ['bob'], purposes: [] }]);
    const again = await admin('POST', '/v1/credentials', { body: order, headers });
    expect(again.body).toEqual({ credential: made.body.credential });
    const bob = sender(served.url, made.body.key);
    expect((await bob('GET', '/v1/users/bob/memories')).status).toBe(200);
    const { credentials } = (await admin('GET', '/v1/credentials')).body;
    expect(JSON.stringify(credentials)).not.toContain(made.body.key);
    const gone = await admin('DELETE', `/v1/credentials/${made.body.credential.id}`);
    expect(gone.body.revokedAt).toEqual(expect.any(String));
    expect((await bob('GET', '/v1/users/bob/memories')).body.code).toBe('unauthenticated');
    expect((await admin('DELETE', '/v1/credentials/nonsense')).body.code).toBe('credential_not_found');
    for (const body of [{}, { role: 'agent' }, { role: 'agent', users: ['x'], grant: 'any' }, { role: '', users: [] }])
      expect((await admin('POST', '/v1/credentials', { body })).body.code).toBe('invalid_argument');
  });

  test('the disclosures of a space are accounted for, whoever read it there', async () => {
    const members = [{ user: 'alice', access: 'write' }];
    await admin('POST', '/v1/spaces', { body: { id: 'team', onErase: 'keep', members } });
    await agent('POST', '/v1/spaces/team/memories', { body: { content: 'The harbour opens at six.' } });
    await agent('GET', '/v1/spaces/team/memories');
    const { status, body } = await admin('GET', '/v1/audit/space-report?space=team&since=2020-01-01T00:00:00Z');
    expect([status, body]).toMatchObject([
      200,
      { space: 'team', known: true, disclosures: [{ act: 'list', count: 1 }] },
    ]);
    expect(body.disclosures[0].door).toBe('http');
    const absent = await admin('GET', '/v1/audit/space-report?space=absent');
    expect(absent.body).toEqual({ space: 'absent', known: false, disclosures: [] });
    expect((await admin('GET', '/v1/audit/space-report')).body.code).toBe('invalid_argument');
    // Of a space as of one that is not there, to who may know of neither.
    const refused = await Promise.all(
      ['team', 'none'].map((space) => agent('GET', `/v1/audit/space-report?space=${space}`)),
    );
    expect(refused.map(({ status: code, body: problem }) => [code, problem.code])).toEqual([
      [403, 'forbidden'],
      [403, 'forbidden'],
    ]);
  });
});
