import { describe, expect, test } from '@jest/globals';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { Guard } from '../../src/guard/guard.js';
import { DEFAULT_TENANT } from '../../src/model/tenant.js';
import { Release } from '../../src/guard/release.js';
import { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { Alarms } from '../../src/metrics/alarms.js';
import type { AuditEntry } from '../../src/model/auditor.js';
import type { Embedder } from '../../src/model/embedder.js';
import type { Level } from '../../src/model/levels.js';
import type { PartitionOpener, Sealer } from '../../src/model/sealer.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { loadPolicyFolder } from '../../src/policy/load.js';
import { QuerySemantics } from '../../src/search/vectors/semantics.js';
import { WritePassages } from '../../src/search/embedder/passages.js';
import { clearKeys, clearSealer } from '../support/clear-sealer.js';
import { ADMIN, agentOf, describeOnEachStore, outcome, policyFolder, type Opened } from '../support/warden.js';

const RECIPIENT = 'https://embeddings.example';

// The service itself cannot run here; what is watched is what reaches the port, and when.
function embedder(told: string[], meanwhile: (text: string) => Promise<unknown> = () => Promise.resolve()): Embedder {
  return {
    modelId: 'm',
    dimension: 2,
    remote: true,
    recipient: RECIPIENT,
    async embed(texts) {
      told.push(...texts.map((text) => `sent ${text}`));
      for (const text of texts) await meanwhile(text);
      return texts.map(() => Float32Array.of(1, 0));
    },
    close: () => Promise.resolve(),
  };
}

async function setUp(
  { driver }: Opened,
  maxLevel: Level,
  fails = false,
  meanwhile?: (text: string, keysInUse: number) => Promise<unknown>,
) {
  const told: string[] = [];
  let keysInUse = 0;
  const counted: Sealer = {
    ...clearSealer,
    async writing(unlock, use, work) {
      keysInUse += 1;
      return clearSealer.writing(unlock, use, work).finally(() => (keysInUse -= 1));
    },
  };
  const entries: AuditEntry[] = [];
  const alarms = new Alarms();
  const clock = () => new Date();
  const policy = await PolicyEngine.start({
    load: () => loadPolicyFolder(PACKAGED_POLICIES),
    clock,
    alarms,
    maxStaleMs: 0,
    cacheSize: 10,
  });
  const disclosure = { maxLevel };
  const written = embedder(told, async (text) => meanwhile?.(text, keysInUse));
  const passages = new WritePassages({ embedder: written, disclosure, alarms, clock });
  const guard = new Guard({
    tenant: DEFAULT_TENANT,
    policy,
    alarms,
    store: driver.planned,
    sealer: counted,
    auditor: {
      async record(entry) {
        await Promise.resolve();
        if (fails) throw new Error('the disk is full');
        entries.push(entry);
        told.push(`${entry.phase} ${entry.recipient ?? '-'}`);
      },
    },
    clock,
    cursorKeys: {
      current: () => driver.service.currentKey('cursor'),
      byId: (id) => driver.service.keyById(id),
    },
    defaultTtlMs: {},
    passages,
    semantics: new QuerySemantics({ embedder: embedder(told), disclosure, passages }, clock),
  });
  const scope = (principal: object) => new ScopedMemory(guard, guard.access(principal, 'alice'), clock);
  return { told, entries, scope };
}

describeOnEachStore('Text that leaves with a write', (open) => {
  test('S27, S24: the record that names the recipient is durable before any text leaves', async () => {
    const { told, scope } = await setUp(await open(), 'private');
    const memory = scope(ADMIN);
    const { id } = await memory.add('a');
    await memory.update(id, { content: 'b' });
    await memory.update(id, { category: 'other' });
    await memory.addMany([{ content: 'c', level: 'sensitive' }]);
    await memory.addMany([{ content: 'd', level: 'sensitive' }, { content: 'e' }]);
    const sent = (text: string) => [`intent ${RECIPIENT}`, `sent ${text}`, `result ${RECIPIENT}`];
    const kept = ['intent -', 'result -'];
    expect(told).toEqual([...sent('a'), ...sent('b'), ...kept, ...kept, ...sent('e')]);
  });

  test('S22: no key is in use while an embedder is waited for; what is changed meanwhile is read and decided on again', async () => {
    const seen: [string, number][] = [];
    const { told, scope } = await setUp(await open(), 'private', false, async (text, keysInUse) => {
      seen.push([text, keysInUse]);
      if (seen.length === 2) await memory.update(id, { category: 'other' });
    });
    const memory = scope(ADMIN);
    const { id } = await memory.add('a');
    const updated = await memory.update(id, { content: 'b' });
    expect(seen).toEqual([
      ['a', 0],
      ['b', 0],
      ['b', 0],
    ]);
    expect(updated).toMatchObject({ content: 'b', category: 'other', version: 3 });
    expect((await memory.history(id)).map(({ event }) => event)).toEqual(['create', 'update', 'update']);
    expect(told.filter((one) => one.startsWith('result'))).toHaveLength(4);
  });

  test('S27: where that record cannot be written no text leaves, and nothing is stored', async () => {
    const opened = await open();
    const { told, scope } = await setUp(opened, 'private', true);
    await expect(scope(ADMIN).add('a')).rejects.toThrow('the disk is full');
    expect(told).toEqual([]);
    expect(await opened.warden.scope(ADMIN, 'alice').count()).toBe(0);
  });

  test('S27, S24: so it is with the words of a query; by words alone none leave and nobody is named', async () => {
    const { told, entries, scope } = await setUp(await open(), 'private');
    const memory = scope(ADMIN);
    await memory.add('a');
    for (const mode of ['semantic', 'hybrid', undefined] as const) {
      told.length = 0;
      await memory.search('what was it', mode ? { mode } : {});
      expect(told).toEqual([`read ${RECIPIENT}`, 'sent what was it', 'read -']);
    }
    expect(entries.at(-2)).toMatchObject({ owner: 'alice', outcome: 'allowed', ids: [], recipient: RECIPIENT });
    expect(JSON.stringify(entries)).not.toContain('what was it');
    told.length = 0;
    await memory.search('what was it', { mode: 'lexical' });
    expect(told).toEqual(['read -']);
  });

  test('S27: where that record cannot be written no word of a query leaves, and the search fails', async () => {
    const { told, scope } = await setUp(await open(), 'private', true);
    for (const mode of ['semantic', 'hybrid'] as const)
      await expect(scope(ADMIN).search('what was it', { mode })).rejects.toThrow('the disk is full');
    expect(told).toEqual([]);
  });

  test('S27: what the policy refuses is not sent', async () => {
    const { told, scope } = await setUp(await open(), 'sensitive');
    const stranger = scope({ id: 'bot', role: 'agent', userId: 'bob' });
    expect(await outcome(() => stranger.add('a'))).toBe('forbidden');
    const { id } = await scope(ADMIN)
      .addMany([{ content: 'b', level: 'sensitive' }])
      .then(([one]) => one as { id: string });
    told.length = 0;
    expect(await outcome(() => scope(agentOf('alice')).update(id, { content: 'c' }))).toBe('not_found');
    expect(told.filter((line) => line.startsWith('sent'))).toEqual([]);
  });
});

describe('The embedding of a record', () => {
  test('S7: is opened only where the content may be read', async () => {
    const folder = await policyFolder({
      clerk: `rules:\n  - { id: most, action: read, subject: Memory, reason: a }\n  - { id: no-content, inverted: true, action: read, subject: Memory, fields: [content], conditions: { category: closed }, reason: b }`,
    });
    const alarms = new Alarms();
    const clock = () => new Date();
    const load = () => loadPolicyFolder(folder);
    const policy = await PolicyEngine.start({ load, clock, alarms, maxStaleMs: 0, cacheSize: 10 });
    const context = {
      policy,
      alarms,
      sealer: clearSealer,
      clock,
      auditor: {},
      cursorKeys: {},
      store: {},
      defaultTtlMs: {},
    };
    const guard = new Guard(context as never);
    const access = guard.access({ id: 'c', role: 'clerk' }, 'alice');
    const at = new Date();
    const record: MemoryRecord = {
      ...{ id: '1', tenant: 'default', user_id: 'alice', sensitivity: 'public', category: 'open', version: 1 },
      ...{ occurred_at: at, created_at: at, updated_at: at },
    };
    const vector = { modelId: 'm', values: Float32Array.of(1, 0) };
    const release = new Release(context as never);
    const keys: PartitionOpener = { ...clearKeys, open: (_, fields) => (fields.includes('vector') ? { vector } : {}) };
    const of = (category: string) =>
      release.embedding(keys, access, access.binding(), { ...record, category, vector: 'sealed' });
    expect(of('open')).toEqual(vector);
    expect(of('closed')).toBeUndefined();
  });
});
