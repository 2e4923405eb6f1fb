import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { WardenOptions } from '../../src/config/options.js';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { serveMem0, type Mem0Served } from './support.js';

const USER = 'ana';

const keys = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 1]));

describe("mem0's filters [embedded]", () => suite(() => ({})));

describeOnTypicalMongo("mem0's filters", ({ uri }) => {
  const database = freshDatabase(uri);
  const keys = freshDatabase(uri);
  afterAll(() => Promise.all([database.drop(), keys.drop()]));
  suite((folder) => ({
    store: { kind: 'mongodb', uri: database.uri },
    keys: { kms: `local:${join(folder, 'kek')}`, store: { kind: 'mongodb', uri: keys.uri } },
    migrate: true,
  }));
});

function suite(optionsIn: (folder: string) => WardenOptions): void {
  let served: Mem0Served;
  let folder: string;
  let key: string;
  let now = new Date('2026-01-10T08:00:00Z');
  const ids = new Map<string, string>();

  const add = async (text: string, more: Record<string, unknown> = {}) => {
    now = new Date(now.getTime() + 3_600_000);
    const { body } = await served.send(key, 'POST', '/v3/memories/add/', { messages: text, user_id: USER, ...more });
    ids.set(text, String((body['results'] as { id: string }[])[0]?.id));
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'memwarden-mem0-'));
    served = await serveMem0({ clock: () => now, ...optionsIn(folder) });
    key = await served.key({ role: 'admin', users: [USER] });
    await add('one', { agent_id: 'a1', run_id: 'r1', metadata: { kind: 'note', stars: 1, tags: ['Red', 'blue'] } });
    await add('two', { agent_id: 'a2', app_id: 'p1', metadata: { kind: 'note', stars: 5, done: true } });
    await add('three', { metadata: { kind: 'Diary', place: null }, expiration_date: '2026-02-01' });
    await add('Four', {
      timestamp: 1_700_000_000,
      metadata: { sensitivity: 'sensitive' },
      expiration_date: '2026-03-01',
    });
    const memory = served.warden.scope({ id: 'op', role: 'admin' }, USER);
    await memory.add('five', { category: 'Food' });
  });
  afterAll(async () => {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const found = async (filters: Record<string, unknown>) => {
    const { body } = await served.send(key, 'POST', '/v3/memories/', { filters: { user_id: USER, ...filters } });
    const names = (body['results'] as { memory: string }[]).map(({ memory }) => memory);
    expect(body['count']).toBe(names.length);
    return names.sort();
  };

  test.each<[string, Record<string, unknown>, string[]]>([
    ['a bare value is an equality', { agent_id: 'a1' }, ['one']],
    ['eq', { agent_id: { eq: 'a2' } }, ['two']],
    ['in', { agent_id: { in: ['a1', 'a2', 'a3'] } }, ['one', 'two']],
    ['ne holds also where there is nothing', { agent_id: { ne: 'a1' } }, ['Four', 'five', 'three', 'two']],
    ['an app', { app_id: 'p1' }, ['two']],
    ['a run is the session', { run_id: 'r1' }, ['one']],
    ['several keys must all hold', { agent_id: 'a1', run_id: 'r2' }, []],
    ['AND', { AND: [{ agent_id: 'a1' }, { metadata: { kind: 'note' } }] }, ['one']],
    ['OR', { OR: [{ agent_id: 'a1' }, { app_id: 'p1' }] }, ['one', 'two']],
    [
      'OR of what the store knows and what it does not',
      { OR: [{ agent_id: 'a1' }, { metadata: { stars: 5 } }] },
      ['one', 'two'],
    ],
    ['NOT', { NOT: { agent_id: 'a1' } }, ['Four', 'five', 'three', 'two']],
    ['NOT of several: none may hold', { NOT: [{ agent_id: 'a1' }, { app_id: 'p1' }] }, ['Four', 'five', 'three']],
    ['NOT of what the store does not know', { NOT: { metadata: { kind: 'note' } } }, ['Four', 'five', 'three']],
    [
      'NOT of both at once',
      { NOT: { AND: [{ agent_id: 'a1' }, { metadata: { stars: 5 } }] } },
      ['Four', 'five', 'one', 'three', 'two'],
    ],
    ['NOT within OR', { OR: [{ NOT: { OR: [{ agent_id: { ne: 'a1' } }] } }, { keywords: 'four' }] }, ['Four', 'one']],
    ['created before a day', { created_at: { lt: '2026-01-10' } }, ['Four']],
    [
      'created within a range',
      { created_at: { gte: '2026-01-10T09:00:00Z', lt: '2026-01-10T11:00:00Z' } },
      ['one', 'two'],
    ],
    ['created at a moment', { created_at: '2026-01-10T09:00:00Z' }, ['one']],
    ['the timestamp, in seconds', { timestamp: { lte: 1_700_000_000 } }, ['Four']],
    ['updated after a moment', { updated_at: { gt: '2026-01-10T11:00:00+00:00' } }, ['Four', 'five']],
    ['updated, among some', { updated_at: { in: ['2026-01-10T09:00:00Z', '2026-01-10T10:00:00Z'] } }, ['one', 'two']],
    ['expiring on a day', { expiration_date: '2026-02-01' }, ['three']],
    ['expiring on or before a day', { expiration_date: { lte: '2026-02-01' } }, ['three']],
    ['expiring before a day', { expiration_date: { lt: '2026-02-01' } }, []],
    ['expiring after a day', { expiration_date: { gt: '2026-02-01' } }, ['Four']],
    ['expiring on or after a day', { expiration_date: { gte: '2026-02-01' } }, ['Four', 'three']],
    ['categories in a list', { categories: { in: ['Food', 'x'] } }, ['five']],
    ['categories by a part, in any case', { categories: { contains: 'oo' } }, ['five']],
    ['keywords by case', { keywords: { contains: 'four' } }, []],
    ['keywords in any case', { keywords: { icontains: 'four' } }, ['Four']],
    ['metadata by a text', { metadata: { kind: 'note' } }, ['one', 'two']],
    ['metadata by case', { metadata: { kind: 'diary' } }, []],
    ['metadata by a part', { metadata: { kind: { contains: 'ia' } } }, ['three']],
    ['metadata by a part, in any case', { metadata: { kind: { icontains: 'DIA' } } }, ['three']],
    ['metadata by an element of a list', { metadata: { tags: { contains: 'blue' } } }, ['one']],
    ['metadata by an element, in any case', { metadata: { tags: { icontains: 'red' } } }, ['one']],
    ['metadata by a number', { metadata: { stars: 5 } }, ['two']],
    ['metadata by a number as a text', { metadata: { stars: '5' } }, []],
    ['metadata by order', { metadata: { stars: { gt: 1, lte: 5 } } }, ['two']],
    ['metadata of several keys', { metadata: { kind: 'note', done: true } }, ['two']],
    ['metadata by null', { metadata: { place: null } }, ['three']],
    ['metadata among some', { metadata: { stars: { in: [1, 5] } } }, ['one', 'two']],
    ['metadata that differ', { metadata: { kind: { ne: 'note' } } }, ['Four', 'five', 'three']],
    ['the level, wherever it is written', { metadata: { sensitivity: 'sensitive' } }, ['Four']],
  ])('%s', async (_name, filters, expected) => {
    expect(await found(filters)).toEqual(expected);
  });

  test('memories by their ids', async () => {
    expect(await found({ memory_ids: [ids.get('one'), ids.get('two'), 'none'] })).toEqual(['one', 'two']);
    expect(await found({ memory_ids: { in: [ids.get('one')] } })).toEqual(['one']);
    expect(await found({ memory_ids: ['none'] })).toEqual([]);
  });

  test('narrow a search and what fills it', async () => {
    const body = { query: 'one', filters: { user_id: USER, metadata: { kind: 'note' } }, threshold: 0.9 };
    const answer = await served.send(key, 'POST', '/v3/memories/search/', body);
    const names = (answer.body['results'] as { memory: string }[]).map(({ memory }) => memory);
    expect(names.sort()).toEqual(['one', 'two']);
  });

  test('are met by what a page holds, however much is passed over to fill it', async () => {
    const many = await served.key({ role: 'agent', users: ['max'] });
    const messages = Array.from({ length: 600 }, (_, i) => ({ role: 'user', content: `Line ${i}.` }));
    await served.send(many, 'POST', '/v3/memories/add/', { messages, user_id: 'max' });
    await served.send(many, 'POST', '/v3/memories/add/', {
      messages: 'Marked.',
      user_id: 'max',
      metadata: { mark: 1 },
    });
    await served.send(many, 'POST', '/v3/memories/add/', {
      messages: 'Marked too.',
      user_id: 'max',
      metadata: { mark: 1 },
      timestamp: 1,
    });
    const list = { filters: { metadata: { mark: 1 } } };
    const first = await served.send(many, 'POST', '/v3/memories/?page=1&page_size=1', list);
    const second = await served.send(many, 'POST', '/v3/memories/?page=2&page_size=1', list);
    expect([first, second].map(({ body }) => body)).toMatchObject([
      { count: 2, results: [{ memory: 'Marked.' }], previous: null },
      { count: 2, results: [{ memory: 'Marked too.' }], next: null },
    ]);
  });

  test.each<[string, unknown]>([
    ['an operator that is not one', { created_at: { between: ['2026-01-01', '2026-02-01'] } }],
    ['an operator of a database', { agent_id: { $in: ['a1'] } }],
    ['an order on a name', { agent_id: { gt: 'a' } }],
    ['an order on a category', { categories: { gt: 'a' } }],
    ['a part of an agent', { agent_id: { contains: 'a' } }],
    ['an empty operator object', { agent_id: {} }],
    ['an empty list', { agent_id: { in: [] } }],
    ['a bare list of agents', { agent_id: ['a1'] }],
    ['a wildcard', { agent_id: '*' }],
    ['a wildcard in a list', { run_id: { in: ['*'] } }],
    ['a day that there is not', { created_at: { gte: '2026-02-30' } }],
    ['a time that is none', { created_at: 'yesterday' }],
    ['a time of the expiry', { expiration_date: { lt: '2026-02-01T00:00:00Z' } }],
    ['a level that there is not', { metadata: { sensitivity: 'secret' } }],
    ['an object in metadata', { metadata: { kind: { contains: { a: 1 } } } }],
    ['an order among lists', { metadata: { kind: { gt: ['a'] } } }],
    ['a metadata key with a dollar', { metadata: { $where: 'x' } }],
    ['AND of nothing', { AND: [] }],
    ['AND of no list', { AND: { agent_id: 'a1' } }],
    ['NOT of a text', { NOT: 'agent_id' }],
    ['ids that are no texts', { memory_ids: [1] }],
    ['too many conditions', { AND: Array.from({ length: 300 }, () => ({ agent_id: 'a1' })) }],
    ['a part of a text that is too long', { text: { contains: 'a'.repeat(257) } }],
    ['a bare word that is too long', { keywords: 'a'.repeat(257) }],
    ['a part of a category that is too long', { categories: { contains: 'a'.repeat(257) } }],
    ['a part of metadata that is too long', { metadata: { kind: { icontains: 'a'.repeat(257) } } }],
    ['more conditions than are tested', { OR: Array.from({ length: 33 }, () => ({ text: { contains: 'a' } })) }],
    ['more keys of metadata than are tested', { metadata: keys(33) }],
    ['more operators than are tested', { AND: Array.from({ length: 17 }, () => ({ created_at: { gt: 1, lt: 2 } })) }],
    ['more than are tested, here and there', { agent_id: 'a1', NOT: [{ metadata: keys(16) }, { metadata: keys(16) }] }],
    ['lower case', { and: [{ agent_id: 'a1' }] }],
  ])('G3: refuse %s, and say nothing of the value', async (_name, filters) => {
    const body = { filters: { user_id: USER, ...(filters as object) } };
    const { status, body: told } = await served.send(key, 'POST', '/v3/memories/', body);
    expect([status, told['code']]).toEqual([400, 'invalid_argument']);
    expect(JSON.stringify(told)).not.toMatch(/secret|yesterday|between|\$/);
  });

  test('are taken up to as many conditions as are tested, and parts as long as are looked for', async () => {
    const part = { text: { contains: 'a'.repeat(256) } };
    expect(await found({ AND: Array.from({ length: 32 }, () => part) })).toEqual([]);
    expect(await found({ NOT: { OR: [{ metadata: keys(31) }, { agent_id: 'a1' }] } })).toHaveLength(4);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a keyword that is too long', { keywords: 'a'.repeat(257) }],
    ['a keyword, where the filter has as many conditions as are tested', { keywords: 'a' }],
  ])('count what is said beside them: refuse %s', async (_name, beside) => {
    const body = { filters: { user_id: USER, metadata: keys(32) }, ...beside };
    const { status, body: told } = await served.send(key, 'POST', '/v3/memories/', body);
    expect([status, told['code']]).toEqual([400, 'invalid_argument']);
    expect((await served.send(key, 'POST', '/v3/memories/', { filters: body.filters })).status).toBe(200);
  });

  test('let other work run while long texts are tested one after the other', async () => {
    const most = await served.key({ role: 'agent', users: ['mia'] });
    for (let i = 0; i < 6; i += 1)
      await served.send(most, 'POST', '/v3/memories/add/', { messages: `${'a'.repeat(60_000)}${i}`, user_id: 'mia' });
    const OR = Array.from({ length: 32 }, (_, i) => ({ text: { icontains: `${'a'.repeat(254)}b${i % 10}` } }));
    // A slice of work ends by the clock, so the clock is the test's: one stands still, one is past a slice at each look.
    const turns = async (step: number) => {
      let clock = 0;
      const time = jest.spyOn(performance, 'now').mockImplementation(() => (clock += step));
      const turn = jest.spyOn(globalThis, 'setImmediate');
      const { status, body } = await served.send(most, 'POST', '/v3/memories/', { filters: { user_id: 'mia', OR } });
      const count = turn.mock.calls.length;
      time.mockRestore();
      turn.mockRestore();
      expect([status, body['count']]).toEqual([200, 0]);
      return count;
    };
    // A list and a count, each of six texts: between two of them others have their turn.
    expect((await turns(10)) - (await turns(0))).toBeGreaterThanOrEqual(12);
  });

  test('G3: are checked before any query is sent', async () => {
    const asked = (agent_id: unknown) =>
      served.send(key, 'POST', '/v3/memories/', { filters: { user_id: USER, agent_id } });
    const before = served.warden.auditCounters;
    await asked({ $ne: 1 });
    expect(served.warden.auditCounters).toEqual(before);
    await asked('a1');
    expect(served.warden.auditCounters).not.toEqual(before);
  });
}
