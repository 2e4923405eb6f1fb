import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { servicesOf } from '../../src/internals.js';
import { eventParts, eventRows } from '../../src/model/credential-rows.js';
import { namespaced } from '../../src/model/namespace.js';
import { ADMIN, policyFolder } from '../support/warden.js';
import { serveMem0, type Mem0Served } from './support.js';

let served: Mem0Served | undefined;
afterEach(() => served?.close());

test('events are told to who may still add memories, whatever it added before', async () => {
  const policies = await policyFolder();
  served = await serveMem0({ policies });
  const key = await served.key({ role: 'agent', users: ['alice'] });
  const { body } = await served.send(key, 'POST', '/v3/memories/add/', { messages: 'Tea.', user_id: 'alice' });
  const place = `/v1/event/${String(body['event_id'])}/`;
  const list = '/v1/events/?user_id=alice';
  for (const path of [place, list]) expect((await served.send(key, 'GET', path)).status).toBe(200);
  const rules = 'role: agent\nrules:\n  - { id: r, action: read, subject: Memory, reason: Reads. }\n';
  await writeFile(join(policies, 'agent.yaml'), rules);
  await served.warden.reloadPolicies();
  for (const path of [place, list]) {
    const { status, body: told } = await served.send(key, 'GET', path);
    expect([path, status, told['code']]).toEqual([path, 403, 'forbidden']);
  }
});

test('a list of events tells of the newest thousand, whatever there is', async () => {
  served = await serveMem0();
  const { key, credential } = await served.warden.credentials.create(ADMIN, { role: 'agent', users: ['alice'] });
  const { nameOf, values, clock } = servicesOf(served.warden);
  const name = await nameOf(...eventParts({ kind: 'key', id: credential.id }, 'alice'));
  const rows = namespaced(values, eventRows(name), clock);
  const ids = Array.from({ length: 2_100 }, (_, n) => String(n).padStart(4, '0'));
  await Promise.all(ids.map((id) => rows.insert(id, { ids: [], at: `at ${id}` })));
  const { body } = await served.send(key, 'GET', '/v1/events/?user_id=alice&page=1&page_size=2');
  expect(body['count']).toBe(1_000);
  expect((body['results'] as { created_at: string }[]).map((one) => one.created_at)).toEqual(['at 2099', 'at 2098']);
  const last = await served.send(key, 'GET', '/v1/events/?user_id=alice&page=500&page_size=2');
  const seen = (last.body['results'] as { created_at: string }[]).map((one) => one.created_at);
  expect(seen).toEqual(['at 1101', 'at 1100']);
});
