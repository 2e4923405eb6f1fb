import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { MemoryClient } from 'mem0ai';
import { mem0 } from '../../src/mem0/index.js';
import { describeServedMostly } from '../support/describe-served.js';
import { failure, serveMem0, type Added, type Mem0Served } from './support.js';

const DAY = 86_400_000;

describeServedMostly("mem0's published client, with host and key changed alone", (serve) => {
  let served: Mem0Served;
  let now = new Date('2026-03-01T12:00:00Z');
  let alice: MemoryClient;
  let aliceKey: string;

  beforeAll(async () => {
    served = await serveMem0({ clock: () => now }, undefined, mem0, serve);
    aliceKey = await served.key({ role: 'agent', users: ['alice'] });
    alice = served.client(aliceKey);
  });
  afterAll(() => served.close());

  // A user of its own for each test, so that none sees what another wrote.
  const fresh = async (user: string, role = 'agent') => served.client(await served.key({ role, users: [user] }));
  const add = async (client: MemoryClient, texts: readonly string[], options: Record<string, unknown>) =>
    (await client.add(
      texts.map((content) => ({ role: 'user' as const, content })),
      options,
    )) as unknown as Added;

  test('ping: a new client learns its project, and one with a wrong key an authentication error', async () => {
    await alice.ping();
    expect(await alice.getProject({ fields: ['custom_instructions'] })).toEqual({ customInstructions: null });
    const said = [jest.spyOn(console, 'error'), jest.spyOn(console, 'warn')].map((one) =>
      one.mockImplementation(() => 0),
    );
    const stranger = served.client(`${aliceKey.slice(0, -1)}${aliceKey.endsWith('A') ? 'B' : 'A'}`);
    expect(await failure(stranger.ping())).toMatchObject({ name: 'AuthenticationError' });
    for (const one of said) one.mockRestore();
    expect((await served.send('wrong', 'GET', '/v1/ping/')).body).toMatchObject({
      detail: expect.any(String) as unknown,
      code: 'unauthenticated',
    });
  });

  test('add: each message is a memory at once, whatever infer says, and the event has succeeded', async () => {
    const client = await fresh('ann');
    const added = await add(client, ['I like tea.', 'I live in Rome.'], { userId: 'ann', agentId: 'a1', appId: 'p1' });
    expect(added).toMatchObject({ status: 'SUCCEEDED', eventId: expect.any(String) as unknown });
    expect(added.results.map(({ event, data }) => [event, data.memory])).toEqual([
      ['ADD', 'I like tea.'],
      ['ADD', 'I live in Rome.'],
    ]);
    const direct = await add(client, ['As it is.'], { userId: 'ann', infer: false, metadata: { kind: 'note' } });
    expect(direct).toMatchObject({ status: 'SUCCEEDED', results: [{ data: { memory: 'As it is.' } }] });
    const text = (await client.add('One text.' as never, { userId: 'ann' })) as unknown as Added;
    expect(text.results).toHaveLength(1);
    expect(await client.get(String(direct.results[0]?.id))).toMatchObject({
      memory: 'As it is.',
      userId: 'ann',
      metadata: { kind: 'note' },
      categories: [],
      createdAt: now.toISOString(),
    });
  });

  test('add: a credential that may act for several users names one', async () => {
    const client = served.client(await served.key({ role: 'agent', users: 'any' }));
    expect((await add(client, ['Zoe sings.'], { userId: 'zoe' })).results).toHaveLength(1);
    expect(await failure(add(client, ['Who?'], {}))).toMatchObject({ name: 'ValidationError' });
    expect(await failure(add(client, ['Who?'], { agentId: 'a1' }))).toMatchObject({ name: 'ValidationError' });
  });

  test('add: metadata.sensitivity is the level, the timestamp when it happened, the expiry its last day', async () => {
    const officer = served.client(await served.key({ role: 'admin', users: 'any' }));
    const secret = await add(await fresh('lea'), ['A quiet word.'], {
      userId: 'lea',
      metadata: { sensitivity: 'sensitive' },
      timestamp: 1_700_000_000,
      expirationDate: '2026-03-05',
    });
    const id = String(secret.results[0]?.id);
    expect(secret.results[0]?.data.memory).toBeNull();
    expect(await failure((await fresh('lea')).get(id))).toMatchObject({ name: 'MemoryNotFoundError' });
    expect(await officer.get(id)).toMatchObject({
      metadata: { sensitivity: 'sensitive' },
      createdAt: '2023-11-14T22:13:20.000Z',
      expirationDate: '2026-03-05',
    });
    const wrong = add(officer, ['x'], { userId: 'lea', metadata: { sensitivity: 'Sensitive' } });
    expect(await failure(wrong)).toMatchObject({ name: 'ValidationError' });
    const before = now;
    now = new Date('2026-03-05T23:59:59.999Z');
    expect(await officer.get(id)).toMatchObject({ memory: 'A quiet word.' });
    now = new Date('2026-03-06T00:00:00Z');
    expect(await failure(officer.get(id))).toMatchObject({ name: 'MemoryNotFoundError' });
    now = before;
  });

  test('search: finds by words, fills with the newest, and the threshold never removes what fills', async () => {
    const client = await fresh('sue');
    // Apart, for in one conversation what stands beside a hit is found with it.
    for (const text of ['Sue is allergic to peanuts.', 'Sue plays chess.', 'Sue has a dog.'])
      await add(client, [text], { userId: 'sue' });
    const { results } = await client.search('peanuts', { filters: { user_id: 'sue' }, topK: 2 });
    expect(results.map(({ memory }) => memory)).toEqual(['Sue is allergic to peanuts.', 'Sue has a dog.']);
    expect(results[0]?.score).toBeGreaterThan(0.1);
    const high = await client.search('peanuts', { filters: { user_id: 'sue' }, threshold: 1 });
    expect(high.results.map(({ score }) => score)).toEqual([0, 0, 0]);
    const few = await client.search('chess', { filters: { user_id: 'sue' }, topK: 1, fields: ['memory'] });
    expect(few.results).toEqual([{ id: expect.any(String) as unknown, memory: 'Sue plays chess.' }]);
    expect(await failure(client.search('chess'))).toMatchObject({ name: 'ValidationError' });
  });

  test('get: one by its id, which any of its credentials may use', async () => {
    const { results } = await add(alice, ['Alice paints.'], { userId: 'alice' });
    const id = String(results[0]?.id);
    expect(await alice.get(id)).toMatchObject({ id, memory: 'Alice paints.', userId: 'alice' });
    const any = served.client(await served.key({ role: 'agent', users: 'any' }));
    expect(await any.get(id)).toMatchObject({ id, memory: 'Alice paints.' });
    expect(await failure(alice.get('nothing'))).toMatchObject({ name: 'MemoryNotFoundError' });
  });

  test('get all: pages by number, each memory once, with count, next and previous', async () => {
    const client = await fresh('pam');
    await add(
      client,
      Array.from({ length: 7 }, (_, i) => `Note ${i}.`),
      { userId: 'pam' },
    );
    const all: string[] = [];
    for (const page of [1, 2, 3, 4]) {
      const found = await client.getAll({ filters: { user_id: 'pam' }, page, pageSize: 2 });
      expect(found.count).toBe(7);
      expect(found.next === null).toBe(page === 4);
      expect(found.previous === null).toBe(page === 1);
      if (found.next !== null) expect(found.next).toBe(`${served.url}/v3/memories/?page=${page + 1}&page_size=2`);
      all.push(...found.results.map(({ memory }) => String(memory)));
    }
    expect(all).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `Note ${i}.`));
    // A page that nobody came to is counted off.
    const third = await client.getAll({ filters: { user_id: 'pam' }, page: 3, pageSize: 3 });
    expect(third.results.map(({ memory }) => memory)).toEqual(['Note 0.']);
    const beyond = await client.getAll({ filters: { user_id: 'pam' }, page: 9, pageSize: 3 });
    expect(beyond).toMatchObject({ count: 7, results: [], next: null });
  });

  test('get all: who turns the page sees nothing twice, though something was added meanwhile', async () => {
    const client = await fresh('pat');
    await add(client, ['One.', 'Two.', 'Three.'], { userId: 'pat' });
    const options = { filters: { user_id: 'pat' }, pageSize: 2 };
    const first = await client.getAll({ ...options, page: 1 });
    now = new Date(now.getTime() + 1_000);
    await add(client, ['Four.'], { userId: 'pat' });
    const second = await client.getAll({ ...options, page: 2 });
    expect([...first.results, ...second.results].map(({ memory }) => memory)).toEqual(['Three.', 'Two.', 'One.']);
  });

  test('update: text, metadata, timestamp and expiry, and null takes the expiry away', async () => {
    const client = await fresh('una');
    const id = String((await add(client, ['Before.'], { userId: 'una', expirationDate: '2026-04-01' })).results[0]?.id);
    const changed = await client.update(id, {
      text: 'After.',
      metadata: { a: { bC: 1 } },
      timestamp: '2026-01-02T00:00:00Z',
    });
    expect(changed).toMatchObject({ id, memory: 'After.', metadata: { a: { bC: 1 } }, expirationDate: '2026-04-01' });
    // To live longer is a change that the role agent has no right to.
    expect(await failure(client.update(id, { expirationDate: null }))).toMatchObject({ name: 'MemoryNotFoundError' });
    const officer = await fresh('una', 'admin');
    expect(await officer.update(id, { expirationDate: null })).toMatchObject({ expirationDate: null });
    expect(await client.get(id)).toMatchObject({ createdAt: '2026-01-02T00:00:00.000Z', expirationDate: null });
  });

  test('delete: by id, and then there is nothing there', async () => {
    const client = await fresh('dan');
    const id = String((await add(client, ['Gone soon.'], { userId: 'dan' })).results[0]?.id);
    expect(await client.delete(id)).toEqual({ message: 'Memory deleted successfully!' });
    expect(await failure(client.get(id))).toMatchObject({ name: 'MemoryNotFoundError' });
    expect(await failure(client.delete(id, { deleteLinked: true }))).toMatchObject({ name: 'MemoryNotFoundError' });
  });

  test('G9: delete all removes all of one user, more than 100 and nobody else (mem0#6627)', async () => {
    const any = served.client(await served.key({ role: 'agent', users: 'any' }));
    await add(
      any,
      Array.from({ length: 250 }, (_, i) => `Line ${i}.`),
      { userId: 'many' },
    );
    await add(any, ['Stays.'], { userId: 'many-more' });
    await any.deleteAll({ userId: 'many' });
    expect((await any.getAll({ filters: { user_id: 'many' } })).count).toBe(0);
    expect((await any.getAll({ filters: { user_id: 'many-more' } })).count).toBe(1);
  });

  test('delete all: an agent, an app or a run narrows it within the user', async () => {
    const client = await fresh('nat');
    await add(client, ['One.'], { userId: 'nat', runId: 'r1' });
    await add(client, ['Two.'], { userId: 'nat', runId: 'r2' });
    await client.deleteAll({ userId: 'nat', runId: 'r1' });
    const left = await client.getAll({ filters: { user_id: 'nat' } });
    expect(left.results).toMatchObject([{ memory: 'Two.', runId: 'r2' }]);
  });

  test('batch: changes and deletes several, and nothing where one is not there', async () => {
    const client = await fresh('bea');
    const { results } = await add(client, ['One.', 'Two.', 'Three.'], { userId: 'bea' });
    const [one, two, three] = results.map(({ id }) => id) as [string, string, string];
    const update = [one, two].map((memoryId, i) => ({ memoryId, text: `New ${i}.` }));
    expect(await client.batchUpdate(update)).toEqual({ message: 'Successfully updated 2 memories' });
    const missing = failure(
      client.batchUpdate([
        { memoryId: three, text: 'x' },
        { memoryId: `${one}A`, text: 'x' },
      ]),
    );
    expect(await missing).toMatchObject({ name: 'MemoryNotFoundError' });
    expect(await client.get(three)).toMatchObject({ memory: 'Three.' });
    const twice = [one, one].map((memoryId) => ({ memoryId, text: 'x' }));
    expect(await failure(client.batchUpdate(twice))).toMatchObject({ name: 'ValidationError' });
    expect(await failure(client.batchDelete([one, 'none']))).toMatchObject({ name: 'MemoryNotFoundError' });
    expect(await client.batchDelete([one, two])).toEqual({ message: 'Successfully deleted 2 memories' });
    const left = await client.getAll({ filters: { user_id: 'bea' } });
    expect(left.results.map(({ memory }) => memory)).toEqual(['Three.']);
  });

  test('history: what a memory was, and after it is gone that it was there', async () => {
    const client = await fresh('hal');
    const id = String((await add(client, ['First.'], { userId: 'hal' })).results[0]?.id);
    await client.update(id, { text: 'Second.' });
    const entries = await client.history(id);
    expect(entries.map(({ event, oldMemory, newMemory }) => [event, oldMemory, newMemory])).toEqual([
      ['ADD', null, 'First.'],
      ['UPDATE', 'First.', 'Second.'],
    ]);
    expect(entries).toMatchObject([{ memoryId: id, userId: 'hal' }, { memoryId: id }]);
    await client.delete(id);
    const after = await client.history(id);
    expect(after.map(({ event, newMemory }) => [event, newMemory])).toEqual([
      ['ADD', null],
      ['UPDATE', null],
      ['DELETE', null],
    ]);
  });

  test('users: those that the credential may act for, and no other', async () => {
    const both = served.client(await served.key({ role: 'agent', users: ['quinn', 'rob'] }));
    await add(both, ['Quinn reads.'], { userId: 'quinn' });
    expect((await both.users()).results).toMatchObject([
      { name: 'quinn', type: 'user', totalMemories: 1 },
      { name: 'rob', type: 'user', totalMemories: 0 },
    ]);
    const paged = await both.users({ page: 2, pageSize: 1 });
    expect(paged).toMatchObject({ count: 2, next: null, results: [{ name: 'rob' }] });
    const officer = served.client(await served.key({ role: 'admin', users: 'any' }));
    const names = (await officer.users()).results.map(({ name }) => name);
    expect(names).toContain('quinn');
    expect(names).not.toContain('rob');
    const any = served.client(await served.key({ role: 'agent', users: 'any' }));
    expect(await failure(any.users())).toMatchObject({ name: 'AuthenticationError' });
  });

  test('users: deleting one is an erasure, which an agent may not do', async () => {
    expect(await failure(alice.deleteUsers({ userId: 'alice' }))).toMatchObject({ name: 'APIError' });
    const refused = await served.send(aliceKey, 'DELETE', '/v2/entities/user/alice/');
    expect([refused.status, refused.body['code']]).toEqual([403, 'forbidden']);
    const agents = await served.send(aliceKey, 'DELETE', '/v2/entities/agent/a1/');
    expect([agents.status, agents.body['code']]).toEqual([400, 'not_supported']);
  });

  test('events: an add has succeeded, for whom it was and nobody else, for a day', async () => {
    const key = await served.key({ role: 'agent', users: ['eve'] });
    const added = await add(served.client(key), ['Eve runs.'], { userId: 'eve' });
    const told = await served.send(key, 'GET', `/v1/event/${added.eventId}/`);
    expect(told.body).toMatchObject({
      id: added.eventId,
      status: 'SUCCEEDED',
      results: [{ id: added.results[0]?.id }],
    });
    expect((await served.send(key, 'GET', '/v1/events/')).body).toMatchObject({ count: 1, results: [told.body] });
    const other = await served.key({ role: 'agent', users: ['eve'] });
    for (const id of [added.eventId, added.results[0]?.id, 'x'])
      expect((await served.send(other, 'GET', `/v1/event/${id}/`)).status).toBe(404);
    const before = now;
    now = new Date(now.getTime() + DAY);
    expect((await served.send(key, 'GET', `/v1/event/${added.eventId}/`)).status).toBe(404);
    now = before;
  });

  test('exports: what the role may export, decided when it is fetched', async () => {
    const key = await served.key({ role: 'admin', users: 'any' });
    const officer = served.client(key);
    await add(officer, ['Ida knits.', 'Ida swims.'], { userId: 'ida' });
    const order = { schema: { type: 'object' }, filters: { user_id: 'ida', keywords: { icontains: 'KNITS' } } };
    const { id } = await officer.createMemoryExport(order);
    const fetched = (await officer.getMemoryExport({ memoryExportId: id })) as unknown as { memories: unknown[] };
    expect(fetched.memories).toMatchObject([{ memory: 'Ida knits.', userId: 'ida' }]);
    const all = (await officer.getMemoryExport({ filters: { user_id: 'ida' } })) as unknown as { memories: unknown[] };
    expect(all.memories).toHaveLength(2);
    expect(await failure(alice.createMemoryExport({ ...order, filters: { user_id: 'alice' } }))).toMatchObject({
      name: 'AuthenticationError',
    });
    const other = served.client(await served.key({ role: 'admin', users: 'any' }));
    expect(await failure(other.getMemoryExport({ memoryExportId: id }))).toMatchObject({ name: 'MemoryNotFoundError' });
  });

  test('feedback: on what the caller may read', async () => {
    const client = await fresh('fay');
    const id = String((await add(client, ['Fay bakes.'], { userId: 'fay' })).results[0]?.id);
    const feedback = { memoryId: id, feedback: 'POSITIVE' as never, feedbackReason: 'It is so.' };
    expect(await client.feedback(feedback)).toMatchObject({ feedback: 'POSITIVE', feedbackReason: null });
    expect(await client.feedback({ ...feedback, feedback: null })).toMatchObject({ feedback: null });
    expect(await failure(alice.feedback(feedback))).toMatchObject({ name: 'MemoryNotFoundError' });
  });

  test('project settings are kept for the credential, and no other reads or changes them', async () => {
    await alice.updateProject({ customInstructions: 'Only food.', customCategories: [{ Food_Stuff: 'x' }] });
    expect(await alice.getProject({ fields: ['customInstructions', 'custom_categories'] })).toEqual({
      customInstructions: 'Only food.',
      customCategories: [{ Food_Stuff: 'x' }],
    });
    const other = await served.key({ role: 'agent', users: ['alice'] });
    const { body } = await served.send(aliceKey, 'GET', '/v1/ping/');
    const path = `/api/v1/orgs/organizations/${String(body['org_id'])}/projects/${String(body['project_id'])}/`;
    expect((await served.send(aliceKey, 'GET', path)).status).toBe(200);
    expect((await served.send(other, 'GET', path)).status).toBe(404);
    expect((await served.send(other, 'PATCH', path, { name: 'x' })).status).toBe(404);
    expect(await failure(alice.updateProject({ unheard: 1 }))).toMatchObject({ name: 'ValidationError' });
  });

  test('webhook settings are kept and say that nothing is delivered', async () => {
    const hook = { name: 'w', url: 'https://example.org/hook', eventTypes: ['memory_add' as never] };
    const made = await alice.createWebhook(hook);
    expect(made).toMatchObject({ ...hook, isActive: false });
    const webhookId = String(made.webhookId);
    await alice.updateWebhook({ webhookId, name: 'renamed' });
    expect(await alice.getWebhooks()).toMatchObject([{ webhookId, name: 'renamed', url: hook.url }]);
    const bob = await fresh('bob');
    expect(await bob.getWebhooks()).toEqual([]);
    expect(await failure(bob.deleteWebhook({ webhookId }))).toMatchObject({ name: 'MemoryNotFoundError' });
    for (const url of ['http://example.org/', 'https://u:p@example.org/', 'ftp://example.org/'])
      expect(await failure(alice.createWebhook({ ...hook, url }))).toMatchObject({ name: 'ValidationError' });
    await alice.deleteWebhook({ webhookId });
    expect(await alice.getWebhooks()).toEqual([]);
  });

  test('what is not supported says so, with the name of it', async () => {
    const refused = await failure(add(alice, ['x'], { userId: 'alice', customInstructions: 'Only food.' }));
    expect(JSON.parse(refused.message)).toMatchObject({
      code: 'not_supported',
      about: { argument: 'custom_instructions' },
    });
    const image = { role: 'user', content: { type: 'image_url', image_url: { url: 'https://example.org/a.png' } } };
    expect(await failure(alice.add([image as never], { userId: 'alice' }))).toMatchObject({ name: 'ValidationError' });
    expect(await failure(alice.getProfile({ entityId: 'alice' }))).toMatchObject({ name: 'ValidationError' });
    expect(await failure(alice.generateProfile({ entityId: 'alice' }))).toMatchObject({ name: 'ValidationError' });
  });
});
