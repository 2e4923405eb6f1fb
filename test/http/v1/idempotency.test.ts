import { afterEach, expect, test } from '@jest/globals';
import { servicesOf } from '../../../src/internals.js';
import { IDEMPOTENCY_MS } from '../../../src/http/idempotency.js';
import { v1 } from '../../../src/http/v1/index.js';
import type { DoorPlugin } from '../../../src/http/door.js';
import { checkedDoor, sender, type Send } from '../../support/http.js';
import { describeServed, type Serve } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { ADMIN, handClock, policyFolder } from '../../support/warden.js';

const MEMORIES = '/v1/users/alice/memories';
const keyed = (key: string) => ({ 'idempotency-key': key });

describeServed('S15: idempotency of writes', (serve) => {
  let served: Served;
  let faults: string[];
  afterEach(async () => {
    await served.close();
    expect(faults).toEqual([]);
  });
  const start = async (options: Parameters<Serve>[1] = {}, door: DoorPlugin = v1, acts?: Parameters<Serve>[2]) => {
    const checked = checkedDoor(door);
    ({ faults } = checked);
    served = await serve([checked.door], options, acts);
  };
  const agentOf = async (user = 'alice'): Promise<Send> =>
    sender(served.url, await served.key({ role: 'agent', users: [user] }));

  test('S15: the same request with the same key is carried out once, and answers with what is there now', async () => {
    await start();
    const agent = await agentOf();
    const sending = { body: { content: 'Alice is vegetarian.' }, headers: keyed('k') };
    const first = await agent('POST', MEMORIES, sending);
    const again = await agent('POST', MEMORIES, sending);
    expect([again.status, again.body, again.headers.get('location'), again.headers.get('etag')]).toEqual([
      201,
      first.body,
      first.headers.get('location'),
      '"1"',
    ]);
    expect((await agent('GET', `${MEMORIES}/count`)).body).toEqual({ count: 1 });
    await served.warden.scope(ADMIN, 'alice').update(first.body.id, { content: 'Alice is vegan.' });
    expect((await agent('POST', MEMORIES, sending)).body).toMatchObject({ content: 'Alice is vegan.', version: 2 });
  });

  test('S15: a replay runs the policy again: what rose above the caller, or is gone, is told of by its id alone', async () => {
    await start();
    const agent = await agentOf();
    const sending = { body: { memories: [{ content: 'one' }, { content: 'two' }] }, headers: keyed('k') };
    const { body } = await agent('POST', `${MEMORIES}/batch`, sending);
    const [one, two] = body.memories;
    const memory = served.warden.scope(ADMIN, 'alice');
    await memory.update(one.id, { level: 'sensitive' });
    await memory.delete(two.id);
    expect((await agent('POST', `${MEMORIES}/batch`, sending)).body).toEqual({
      memories: [one, two].map(({ id }) => ({ id, userId: 'alice' })),
    });
  });

  test('S15: who may no longer write is refused, whatever it wrote before', async () => {
    const policies = await policyFolder();
    await start({ policies });
    const agent = await agentOf();
    const add = { body: { content: 'one' }, headers: keyed('k') };
    const { body } = await agent('POST', MEMORIES, add);
    const change = { body: { content: 'two' }, headers: keyed('k') };
    expect((await agent('PATCH', `${MEMORIES}/${body.id}`, change)).status).toBe(200);
    const { writeFile } = await import('node:fs/promises');
    const rules =
      'role: agent\nrules:\n  - { id: r, action: read, subject: Memory, conditions: { user_id: alice }, reason: Reads. }\n';
    await writeFile(`${policies}/agent.yaml`, rules);
    await served.warden.reloadPolicies();
    expect((await agent('POST', MEMORIES, add)).body.code).toBe('forbidden');
    expect((await agent('PATCH', `${MEMORIES}/${body.id}`, change)).body.code).toBe('forbidden');
  });

  test('S15: another body under the key is a mismatch; another credential, user or route has keys of its own', async () => {
    await start();
    const agent = await agentOf();
    const headers = keyed('k');
    await agent('POST', MEMORIES, { body: { content: 'one' }, headers });
    const other = await agent('POST', MEMORIES, { body: { content: 'two' }, headers });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_mismatch']);
    expect((await (await agentOf())('POST', MEMORIES, { body: { content: 'two' }, headers })).status).toBe(201);
    const anybody = sender(served.url, await served.key({ role: 'agent', users: 'any' }));
    for (const user of ['alice', 'bob'])
      expect(
        (await anybody('POST', `/v1/users/${user}/memories`, { body: { content: user }, headers })).body.userId,
      ).toBe(user);
    expect((await agent('POST', `${MEMORIES}/batch`, { body: { memories: [{ content: 'x' }] }, headers })).status).toBe(
      201,
    );
    expect((await agent('GET', `${MEMORIES}/count`)).body).toEqual({ count: 4 });
    for (const key of ['', 'x'.repeat(257)])
      expect((await agent('POST', MEMORIES, { body: { content: 'x' }, headers: keyed(key) })).body.code).toBe(
        'invalid_argument',
      );
  });

  test('S9: of a memory that is not there for the caller nothing but that is told, whatever stands under the key', async () => {
    await start();
    const agent = await agentOf();
    const { body } = await agent('POST', MEMORIES, { body: { content: 'one' } });
    const place = `${MEMORIES}/${body.id}`;
    const headers = keyed('k');
    expect((await agent('PATCH', place, { body: { content: 'two' }, headers })).body.version).toBe(2);
    expect((await agent('PATCH', place, { body: { content: 'two' }, headers })).body.version).toBe(2);
    expect((await agent('PATCH', place, { body: { content: 'three' }, headers })).body.code).toBe(
      'idempotency_mismatch',
    );
    await served.warden.scope(ADMIN, 'alice').update(body.id, { level: 'sensitive' });
    for (const content of ['two', 'three'])
      expect((await agent('PATCH', place, { body: { content }, headers })).body.code).toBe('not_found');
  });

  test('S15: a delete is repeated without an error, one of many with the same number', async () => {
    await start();
    const agent = await agentOf();
    const { body } = await agent('POST', MEMORIES, { body: { content: 'one' } });
    for (let n = 0; n < 2; n += 1)
      expect((await agent('DELETE', `${MEMORIES}/${body.id}`, { headers: keyed('k') })).status).toBe(204);
    expect((await agent('DELETE', `${MEMORIES}/${body.id}`)).status).toBe(404);
    await agent('POST', `${MEMORIES}/batch`, { body: { memories: [{ content: 'x' }, { content: 'y' }] } });
    for (let n = 0; n < 2; n += 1)
      expect((await agent('DELETE', `${MEMORIES}?all=true`, { headers: keyed('k') })).body).toEqual({ deleted: 2 });
  });

  test('S15: what was refused for certain frees its key; what may have happened keeps it until it expires', async () => {
    const clock = handClock();
    let fail: 'classifier_failed' | undefined = 'classifier_failed';
    const classify = () => {
      if (fail) throw new Error('down');
      return undefined;
    };
    await start({ clock, classify });
    const agent = await agentOf();
    const headers = keyed('k');
    const big = { body: { content: 'x'.repeat(70_000) }, headers };
    expect((await agent('POST', MEMORIES, big)).body.code).toBe('content_too_large');
    expect((await agent('POST', MEMORIES, { body: { content: 'one' }, headers })).body.code).toBe('classifier_failed');
    fail = undefined;
    const open = await agent('POST', MEMORIES, { body: { content: 'one' }, headers });
    expect([open.status, open.body.code]).toEqual([409, 'idempotency_in_progress']);
    clock.forward(IDEMPOTENCY_MS);
    expect((await agent('POST', MEMORIES, { body: { content: 'one' }, headers })).status).toBe(201);
  });

  test('S15: a key whose user was erased is not told of again, and no new one is made in its place', async () => {
    await start({}, v1, { wait: () => Promise.resolve() });
    const admin = sender(served.url, await served.key({ role: 'admin', users: [] }));
    const sending = { body: { role: 'agent', users: ['alice'] }, headers: keyed('k') };
    expect((await admin('POST', '/v1/credentials', sending)).status).toBe(201);
    expect((await admin('POST', '/v1/credentials', sending)).body.key).toBeUndefined();
    await served.warden.scope(ADMIN, 'alice').add('Alice sings.');
    await served.warden.keys.erase(ADMIN, 'alice');
    const again = await admin('POST', '/v1/credentials', sending);
    expect([again.status, again.body.code]).toEqual([404, 'credential_not_found']);
    expect((await admin('GET', '/v1/credentials')).body.credentials).toHaveLength(1);
  });

  test('S15: of requests that come at once one is carried out', async () => {
    await start();
    const agent = await agentOf();
    const sending = { body: { content: 'once' }, headers: keyed('k') };
    const answers = await Promise.all(Array.from({ length: 8 }, () => agent('POST', MEMORIES, sending)));
    const codes = answers.map(({ status, body }) => (status === 201 ? 201 : body.code));
    expect(codes.filter((code) => code === 201).length).toBeGreaterThan(0);
    expect(codes.filter((code) => code !== 201 && code !== 'idempotency_in_progress')).toEqual([]);
    expect((await agent('GET', `${MEMORIES}/count`)).body).toEqual({ count: 1 });
  });

  test('S15: what is kept holds no content, no key and no user', async () => {
    await start();
    const agent = await agentOf('user-canary');
    const memories = '/v1/users/user-canary/memories';
    const { body } = await agent('POST', memories, {
      body: { content: 'content-canary' },
      headers: keyed('key-canary'),
    });
    const kept = await servicesOf(served.warden).values.list('idempotency', 100);
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain('canary');
    expect(JSON.parse(kept[0]!.value)).toEqual({ digest: expect.any(String), state: 'done', ids: [body.id] });
  });
});

describeServed('S9: If-Match', (serve) => {
  let served: Served;
  afterEach(() => served.close());

  test('S9: a version counts for who may read and change the memory; for others it is not there', async () => {
    served = await serve([v1]);
    const agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    const secret = await served.warden.scope(ADMIN, 'alice').add('secret', { level: 'sensitive' });
    const { body } = await agent('POST', MEMORIES, { body: { content: 'one' } });
    const place = `${MEMORIES}/${body.id}`;
    for (const [method, sending] of [
      ['PATCH', { body: { content: 'two' } }],
      ['DELETE', {}],
    ] as const) {
      const under = (tag: string, at = place) => agent(method, at, { ...sending, headers: { 'if-match': tag } });
      const wrong = await under('"7"');
      expect([method, wrong.status, wrong.body.code]).toEqual([method, 412, 'precondition_failed']);
      for (const tag of ['"1"', '"7"', '*'])
        expect((await under(tag, `${MEMORIES}/${secret.id}`)).body.code).toBe('not_found');
      for (const tag of ['7', 'W/"1"', '"1", "2"', '"0"', '"-1"', '"$ne"', '""'])
        expect([tag, (await under(tag)).body.code]).toEqual([tag, 'invalid_argument']);
      expect((await under(method === 'PATCH' ? '"1"' : '"2"')).status).toBe(method === 'PATCH' ? 200 : 204);
    }
  });

  test('S8: a delete under a version never takes a later one', async () => {
    served = await serve([v1]);
    const memory = served.warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('one');
    await memory.update(id, { content: 'two' });
    await expect(memory.delete(id, { ifVersion: 1 })).rejects.toMatchObject({ code: 'conflict' });
    await memory.delete(id, { ifVersion: 2 });
    expect(await memory.get(id)).toBeNull();
  });
});
