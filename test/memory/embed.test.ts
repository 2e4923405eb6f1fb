import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { EmbedderOptions } from '../../src/config/embedder.js';
import type { Alarm } from '../../src/metrics/alarms.js';
import { startEmbeddingServer, type EmbeddingServer } from '../support/embedding-server.js';
import { soundRecord } from '../support/raw.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, type Opened } from '../support/warden.js';

let server: EmbeddingServer;
beforeAll(async () => {
  server = await startEmbeddingServer();
});
afterAll(() => server.close());
afterEach(() => {
  server.fault = undefined;
  server.texts.length = 0;
});

const http = (more: object = {}): EmbedderOptions => ({
  kind: 'http',
  url: server.url,
  model: 'one',
  disclose: { maxLevel: 'sensitive' },
  timeoutMs: 2_000,
  ...more,
});
const ALICE = agentOf('alice');

// The model of each stored memory's vector, by content, as who has the keys sees it.
async function models({ driver, keys }: Opened): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  for (const partition of await driver.maintenance.partitions(undefined, 100)) {
    const records = await driver.maintenance.memories(partition, undefined, 1_000);
    await keys.rings.reading({ partition }, async (opener) => {
      for (const record of records) {
        expect(await opener.verify(record)).toBe(true);
        const { content = '', vector } = opener.open(record, ['content', 'vector']);
        found[content] = vector?.modelId.split(':')[2];
      }
    });
  }
  return found;
}

describeOnEachStore('Embedding what is stored', (open) => {
  test('what is created or gets another content is embedded in the same write, as one record', async () => {
    const opened = await open({ embedder: http() });
    const { warden } = opened;
    const memory = warden.scope(ALICE, 'alice');
    const [{ id }] = (await memory.addMany([{ content: 'tea' }, { content: 'coffee' }])) as unknown as [{ id: string }];
    expect(await models(opened)).toEqual({ tea: 'one', coffee: 'one' });
    await memory.update(id, { content: 'green tea' });
    expect(await models(opened)).toEqual({ 'green tea': 'one', coffee: 'one' });
    expect(server.texts).toEqual(['tea', 'coffee', 'green tea']);
    await memory.update(id, { category: 'drinks' });
    expect(server.texts).toHaveLength(3);
    expect(await models(opened)).toEqual({ 'green tea': 'one', coffee: 'one' });
  });

  test('invariant 7: a vector is in no answer, nor in the history, and can be named by no caller', async () => {
    const { warden } = await open({ embedder: http() });
    const memory = warden.scope(ADMIN, 'alice');
    const made = await memory.add('tea');
    const answers = [
      made,
      await memory.get(made.id),
      await memory.update(made.id, { content: 'coffee' }),
      (await memory.list()).memories,
      await memory.history(made.id),
    ];
    expect(JSON.stringify(answers)).not.toMatch(/vector|modelId/);
    for (const given of [{ vector: 'x' }, { vector: { modelId: 'm', values: [1] } }]) {
      expect(await outcome(() => memory.addMany([{ content: 'a', ...given }]))).toBe('invalid_argument');
      expect(await outcome(() => memory.update(made.id, given as never))).toBe('invalid_argument');
      expect(await outcome(() => memory.list(given as never))).toBe('invalid_argument');
    }
  });

  test('an embedder that fails costs no write: the memory is there without a vector, and embed finds it', async () => {
    const clock = handClock();
    const alarms: Alarm[] = [];
    const opened = await open({ embedder: http(), clock, onAlarm: (alarm) => alarms.push(alarm) });
    const { warden } = opened;
    const memory = warden.scope(ALICE, 'alice');
    const made = await memory.add('tea');
    server.fault = (response) => response.writeHead(500).end();
    expect(await memory.update(made.id, { content: 'coffee' })).toMatchObject({ content: 'coffee', version: 2 });
    expect(await models(opened)).toEqual({ coffee: undefined });
    await memory.add('milk');
    // It rests, so that not every write waits.
    expect(server.texts).toEqual(['tea', 'coffee']);
    expect(alarms.map(({ name, detail }) => [name, detail])).toEqual([
      ['embedding_failed', { code: 'embedder_unavailable', count: 1 }],
    ]);
    server.fault = undefined;
    clock.forward(10_000);
    await memory.add('water');
    expect(await models(opened)).toEqual({ coffee: undefined, milk: undefined, water: 'one' });
    expect(await warden.embed()).toMatchObject({ embedded: 2, current: 1, complete: true });
    expect(await models(opened)).toEqual({ coffee: 'one', milk: 'one', water: 'one' });
    expect(await memory.get(made.id)).toMatchObject({ content: 'coffee', version: 2 });
  });

  test('an embedder that does not answer holds a write up no longer than it may', async () => {
    const opened = await open({ embedder: http({ writeWaitMs: 100 }) });
    const { warden } = opened;
    server.fault = () => undefined;
    expect(await warden.scope(ALICE, 'alice').add('tea')).toMatchObject({ content: 'tea' });
    expect(await models(opened)).toEqual({ tea: undefined });
  });

  test('S27: text leaves only up to the level that is named, sensitive only by name, and not at all by default', async () => {
    const contents = { public: 'a', private: 'b', sensitive: 'c' } as const;
    for (const [maxLevel, sent] of [
      [undefined, []],
      ['public', ['a']],
      ['private', ['a', 'b']],
      ['sensitive', ['a', 'b', 'c']],
    ] as const) {
      server.texts.length = 0;
      const { warden } = await open({ embedder: http({ disclose: maxLevel ? { maxLevel } : {} }) });
      const memory = warden.scope(ADMIN, 'alice');
      for (const [level, content] of Object.entries(contents))
        await memory.addMany([{ content, level: level as never }]);
      expect(server.texts).toEqual(sent);
      expect(await warden.embed()).toMatchObject({ embedded: 0, current: sent.length, withheld: 3 - sent.length });
      expect(server.texts).toEqual(sent);
    }
  });

  test('S27: a memory whose level rose to what may not leave is not sent by its next change', async () => {
    const opened = await open({ embedder: http({ disclose: { maxLevel: 'private' } }) });
    const { warden } = opened;
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('tea');
    await memory.update(id, { content: 'pills', level: 'sensitive' });
    expect(server.texts).toEqual(['tea']);
    expect(await models(opened)).toEqual({ pills: undefined });
  });

  test('after a change of model every memory is embedded anew, of all users, once, and none changes otherwise', async () => {
    const opened = await open({ embedder: http() });
    const { warden, again } = opened;
    const contents = Array.from({ length: 150 }, (_, i) => `memory ${i}`);
    await warden.scope(ALICE, 'alice').addMany(contents.map((content) => ({ content })));
    await warden.scope(agentOf('bob'), 'bob').add('of bob');
    const before = await warden.scope(ADMIN, 'alice').list({ limit: 1000 });
    const other = await again({ embedder: http({ model: 'two' }) });
    const seen: number[] = [];
    const result = await other.embed({ onProgress: (progress) => seen.push(progress.seen) });
    expect(result).toEqual({
      embedded: 151,
      current: 0,
      withheld: 0,
      refused: 0,
      changed: 0,
      locked: 0,
      complete: true,
    });
    expect(seen.at(-1)).toBe(151);
    expect(new Set(Object.values(await models(opened)))).toEqual(new Set(['two']));
    expect(await other.embed()).toMatchObject({ embedded: 0, current: 151 });
    expect(await other.scope(ADMIN, 'alice').list({ limit: 1000 })).toEqual(before);
    expect(await warden.scope(ADMIN, 'alice').history(before.memories[0]?.id as string)).toHaveLength(1);
  });

  test('one that is ended goes on where it stopped', async () => {
    const opened = await open();
    const { warden, again } = opened;
    await warden.scope(ALICE, 'alice').addMany(Array.from({ length: 150 }, (_, i) => ({ content: `memory ${i}` })));
    const other = await again({ embedder: http() });
    const stop = new AbortController();
    const first = await other.embed({ signal: stop.signal, onProgress: () => stop.abort() });
    expect(first).toMatchObject({ embedded: 64, complete: false });
    const cut = new AbortController();
    server.fault = () => cut.abort();
    expect(await other.embed({ signal: cut.signal })).toMatchObject({ complete: false });
    server.fault = (response) => response.writeHead(503).end();
    expect(await outcome(() => other.embed())).toBe('embedder_unavailable');
    server.fault = undefined;
    expect(await other.embed()).toMatchObject({ embedded: 86, current: 64, complete: true });
    expect(Object.values(await models(opened)).every((model) => model === 'one')).toBe(true);
  });

  test('a change in between wins: its vector, or its lack of one, is not that of the older text', async () => {
    const opened = await open();
    const { warden, again } = opened;
    const memory = warden.scope(ALICE, 'alice');
    const { id } = await memory.add('tea');
    await memory.add('water');
    const other = await again({ embedder: http() });
    server.fault = (response, texts) => {
      server.fault = undefined;
      void memory
        .update(id, { content: 'coffee' })
        .then(() => response.end(JSON.stringify({ data: texts.map((_, index) => ({ index, embedding: [1, 2] })) })));
    };
    expect(await other.embed()).toMatchObject({ embedded: 1, changed: 1 });
    expect(await models(opened)).toEqual({ coffee: undefined, water: 'one' });
  });

  test('a text that the embedder makes nothing of keeps no other from its vector', async () => {
    const opened = await open();
    const { warden, again } = opened;
    await warden.scope(ALICE, 'alice').addMany([{ content: 'tea' }, { content: 'noise' }, { content: 'water' }]);
    const other = await again({ embedder: http() });
    server.fault = (response, texts) => {
      const data = texts.map((text, index) => ({ index, embedding: text === 'noise' ? [0, 0] : [1, 2] }));
      response.end(JSON.stringify({ data }));
    };
    expect(await other.embed()).toMatchObject({ embedded: 2, refused: 1 });
    expect(await models(opened)).toEqual({ tea: 'one', noise: undefined, water: 'one' });
  });

  test('S1, G25: what is malformed or has expired is not sent, and the malformed raises the alarm', async () => {
    const clock = handClock();
    const opened = await open({ clock });
    const { warden, again } = opened;
    await warden.scope(ALICE, 'alice').addMany([{ content: 'tea', expiresAt: new Date(clock().getTime() + 1_000) }]);
    await opened.raw.plant('alice', soundRecord('alice', 'bad', { sensitivity: 'Public', content: 'miscased' }));
    clock.forward(1_000);
    const other = await again({ clock, embedder: http() });
    expect(await other.embed()).toMatchObject({ embedded: 0, current: 0, complete: true });
    expect(server.texts).toEqual([]);
    expect(other.alarmCount('malformed_record')).toBe(1);
  });

  test('without an embedder it is a typed error, and after close nothing is touched', async () => {
    const { warden, again } = await open();
    expect(await outcome(() => warden.embed())).toBe('embedder_missing');
    const other = await again({ embedder: http() });
    await other.close();
    expect(await outcome(() => other.embed())).toBe('closed');
  });
});
