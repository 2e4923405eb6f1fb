import { expect, test } from '@jest/globals';
import { agentOf, describeOnEachStore, ownerOf, outcome } from '../support/warden.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';

const KIB = 1_024;
const LONE = ['\ud800', 'a\udc00', '\udfff\ud800', 'x\ud83d y'];

describeOnEachStore('limits', (open) => {
  const scoped = async () => (await open()).warden.scope(agentOf('alice'), 'alice');

  test('content holds 64 KiB of UTF-8 and not one byte more, on add, addMany, chat and update', async () => {
    const memory = await scoped();
    for (const [fits, over] of [
      ['x'.repeat(64 * KIB), 'x'.repeat(64 * KIB + 1)],
      ['é'.repeat(32 * KIB), `${'é'.repeat(32 * KIB)}x`],
      ['\u{1f600}'.repeat(16 * KIB), `${'\u{1f600}'.repeat(16 * KIB)}x`],
    ] as const) {
      const { id } = await memory.add(fits);
      expect((await memory.get(id))?.content).toBe(fits);
      expect((await memory.update(id, { content: 'short' })).content).toBe('short');
      for (const call of [
        () => memory.add(over),
        () => memory.add({ content: over }),
        () => memory.addMany([{ content: 'x' }, { content: over }]),
        () => memory.add([{ role: 'user', content: over }]),
        () => memory.update(id, { content: over }),
      ]) {
        expect(await outcome(call)).toBe('content_too_large');
      }
    }
    expect(await memory.count()).toBe(3);
  });

  test('metadata holds 16 KiB of JSON and not one byte more, and nests at most 32 deep', async () => {
    const memory = await scoped();
    const sized = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
    const { id } = await memory.add('x', { metadata: sized(16 * KIB) });
    expect((await memory.get(id))?.metadata).toEqual(sized(16 * KIB));
    for (const call of [
      () => memory.add('x', { metadata: sized(16 * KIB + 1) }),
      () => memory.addMany([{ content: 'x', metadata: sized(16 * KIB + 1) }]),
      () => memory.update(id, { metadata: sized(16 * KIB + 1) }),
    ]) {
      expect(await outcome(call)).toBe('metadata_too_large');
    }
    const deep = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as object;
    expect(await outcome(() => memory.add('x', { metadata: deep(32) as never }))).toHaveProperty('id');
    expect(await outcome(() => memory.add('x', { metadata: deep(40) as never }))).toBe('invalid_argument');
    expect(await outcome(() => memory.add('x', { metadata: deep(5_000) as never }))).toBe('invalid_argument');
  });

  test('a user id holds 1 to 256 code points', async () => {
    const { warden } = await open();
    for (const userId of ['x', 'x'.repeat(256), '\u{1f600}'.repeat(256)]) {
      const memory = warden.scope(ownerOf(userId), userId);
      expect(memory.userId).toBe(userId);
      expect(await outcome(() => warden.scope(agentOf(userId), userId).add('x'))).toHaveProperty('userId', userId);
    }
    for (const userId of ['', 'x'.repeat(257), '\u{1f600}'.repeat(257)]) {
      expect(await outcome(async () => warden.scope(agentOf('alice'), userId))).toBe('invalid_owner');
      expect(await outcome(async () => warden.scope(agentOf(userId), 'alice'))).toBe('invalid_principal');
    }
  });

  test('values of metadata are counted before any of them is looked at', async () => {
    const memory = await scoped();
    const entries = Array.from({ length: 16 * KIB + 1 }, (_, i) => [`k${i}`, 1] as const);
    // What cannot be taken at all, among what is too much.
    const odd = Object.defineProperty(Object.fromEntries(entries), 'odd', { get: () => 1, enumerable: true });
    const holed = Array<number>(16 * KIB + 1);
    for (const metadata of [odd, { odd }, { holed }, { list: [holed] }])
      expect(await outcome(() => memory.add('x', { metadata: metadata as never }))).toBe('metadata_too_large');
    const few = Object.defineProperty({ a: 1 }, 'odd', { get: () => 1, enumerable: true });
    for (const metadata of [few, { few }, { list: Array<number>(3) }])
      expect(await outcome(() => memory.add('x', { metadata: metadata as never }))).toBe('invalid_argument');
  });

  test('the metadata of a chat count for each of its messages', async () => {
    const memory = await scoped();
    const metadata = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, 1]));
    const chat = (count: number) => Array.from({ length: count }, () => ({ role: 'user', content: 'x' }));
    expect(await outcome(() => memory.add(chat(100), { metadata }))).toBe('batch_too_large');
    const made = await memory.add(chat(2), { metadata });
    expect(made.map((one) => one.metadata)).toEqual([metadata, metadata]);
    // Each has its own.
    expect(made[0]?.metadata).not.toBe(made[1]?.metadata);
  });

  test('a batch holds 1 to 1,000', async () => {
    const memory = await scoped();
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ content: `n ${i}` }));
    expect(await memory.addMany(many(1_000))).toHaveLength(1_000);
    expect(await outcome(() => memory.addMany(many(1_001)))).toBe('batch_too_large');
    expect(await outcome(() => memory.add(many(1_001).map((one) => ({ role: 'user', ...one }))))).toBe(
      'batch_too_large',
    );
    expect(await outcome(() => memory.addMany([]))).toBe('invalid_argument');
    expect(await outcome(() => memory.add([]))).toBe('invalid_argument');
    expect(await memory.count()).toBe(1_000);
  });

  test('a page holds 1 to 1,000', async () => {
    const memory = await scoped();
    await memory.add('x');
    for (const limit of [1, 1_000]) expect((await memory.list({ limit })).memories).toHaveLength(1);
    for (const limit of [0, -1, 1_001, 1.5, NaN, Infinity])
      expect(await outcome(() => memory.list({ limit }))).toBe('invalid_argument');
  });

  test.each(LONE)('S3: a lone surrogate is refused wherever a text may stand (%j)', async (lone) => {
    const memory: ScopedMemory = await scoped();
    const { id } = await memory.add('x');
    const places = ['category', 'agentId', 'appId', 'sessionId', 'speaker'] as const;
    const calls = [
      () => memory.add(lone),
      () => memory.add({ content: lone }),
      () => memory.add([{ role: lone, content: 'x' }]),
      () => memory.add([{ role: 'user', name: lone, content: 'x' }]),
      () => memory.add([{ role: 'user', content: lone }]),
      ...places.map((key) => () => memory.add('x', { [key]: lone })),
      ...places.map((key) => () => memory.update(id, { [key]: lone })),
      ...[{ a: lone }, { [lone]: 1 }, { a: [lone] }, { a: { b: { [lone]: 1 } } }].flatMap((metadata) => [
        () => memory.add('x', { metadata }),
        () => memory.update(id, { metadata }),
      ]),
      () => memory.update(id, { content: lone }),
      ...(['category', 'agentId', 'appId', 'sessionId', 'keyword'] as const).flatMap((key) => [
        () => memory.list({ [key]: lone }),
        () => memory.count({ [key]: lone }),
        () => memory.deleteMany({ [key]: lone }),
      ]),
      ...(['get', 'delete', 'history', 'explain'] as const).map(
        (method) => () => memory[method](lone) as Promise<unknown>,
      ),
      () => memory.update(lone, { content: 'x' }),
    ];
    for (const [i, call] of calls.entries()) expect([i, await outcome(call)]).toEqual([i, 'invalid_argument']);
    expect(await memory.count()).toBe(1);
  });
});
