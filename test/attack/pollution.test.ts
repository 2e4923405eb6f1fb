import { afterEach, describe, expect, test } from '@jest/globals';
import { toSettings } from '../../src/config/options.js';
import { recordDraft } from '../../src/memory/import.js';
import { batchDrafts, chatDrafts, textDraft, toChanges, toDraft } from '../../src/memory/input.js';
import { toDeletingFilter, toFilter, toListing, toPage } from '../../src/memory/selection.js';
import { describeOnEachStore, agentOf, outcome } from '../support/warden.js';

// What a fault elsewhere in the process could have put onto every object.
const EVERYWHERE: Readonly<Record<string, unknown>> = {
  ...{ store: { kind: 'embedded', path: '/nowhere' }, kind: 'mongodb', uri: 'mongodb://evil/', path: '/nowhere' },
  ...{
    keys: { kms: 'evil' },
    kms: 'evil',
    ledger: '/nowhere',
    cacheMs: 1,
    cacheMax: 1,
    retentionDays: 1,
    MEMWARDEN_KMS: 'evil',
  },
  ...{ policies: '/nowhere', policyMaxStaleMs: 1, defaultTtlMs: { private: 1 }, private: 1, timeoutMs: 100 },
  ...{ migrate: true, onAlarm: () => undefined, clock: () => new Date(0), MONGODB_URI: 'mongodb://evil/' },
  ...{ level: 'public', sensitivity: 'public', category: 'evil', agentId: 'evil', appId: 'evil', sessionId: 'evil' },
  ...{ occurredAt: new Date(0), timestamp: new Date(0), expiresAt: new Date(9e12), expires_at: new Date(9e12) },
  ...{ ttl: 1_000, metadata: { evil: true }, speaker: 'evil', name: 'evil', content: 'evil', ifVersion: 1 },
  ...{ from: new Date(0), to: new Date(1), keyword: 'evil', limit: 1, cursor: 'evil' },
};

function pollute(names: readonly string[]): void {
  for (const name of names) {
    // eslint-disable-next-line no-extend-native -- that is the attack
    Object.defineProperty(Object.prototype, name, {
      value: EVERYWHERE[name],
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}
function clean(): void {
  for (const name of Object.keys(EVERYWHERE)) delete (Object.prototype as Record<string, unknown>)[name];
}
afterEach(clean);

const NOW = new Date('2026-03-01T00:00:00Z');
const PARSED: Readonly<Record<string, () => unknown>> = {
  'no options': () => toSettings(undefined, {}),
  'empty options': () => toSettings({}, {}),
  'options of a store': () =>
    toSettings({ store: { kind: 'embedded', path: 'here' }, defaultTtlMs: { public: 5 } }, {}),
  'options of keys': () =>
    toSettings({ store: { kind: 'embedded', path: 'here' }, keys: { store: { kind: 'embedded', path: 'there' } } }, {}),
  'a memory': () => ({ ...toDraft({ content: 'x' }, NOW), id: '' }),
  'a text': () => ({ ...textDraft('x', undefined, NOW), id: '' }),
  'a text with options': () => ({ ...textDraft('x', {}, NOW), id: '' }),
  'a batch': () => batchDrafts([{ content: 'x' }], NOW).map((draft) => ({ ...draft, id: '' })),
  'a chat': () =>
    chatDrafts([{ role: 'user', content: 'x' }], { sessionId: 's' }, NOW).map((draft) => ({ ...draft, id: '' })),
  'a line of an import': () => recordDraft({ content: 'x' }, NOW, 'id'),
  'a change': () => toChanges({ content: 'x' }, NOW),
  'a filter': () => toFilter({}),
  'a list': () => toListing({ limit: 3 }),
  'a list without options': () => toListing(undefined),
  'a page': () => toPage({}),
};

describe("G4: what was put onto Object.prototype is nobody's option and nobody's input", () => {
  test.each(Object.keys(PARSED))('%s is what it is without', (name) => {
    const parse = PARSED[name]!;
    const inherited = (made: unknown) => {
      const found: string[] = [];
      for (const one of [made].flat() as object[]) for (const key in one) found.push(key);
      return found.sort();
    };
    const before = parse();
    const keys = inherited(before);
    pollute(Object.keys(EVERYWHERE));
    let after: unknown;
    try {
      after = parse();
    } finally {
      clean();
    }
    const { clock: a, ...rest } = before as Record<string, unknown>;
    const { clock: b, ...others } = after as Record<string, unknown>;
    expect([others, b]).toEqual([rest, a]);
    expect(inherited(after)).toEqual(keys);
  });

  test('a draft, a change and settings of a level show nothing of it either when they are read later', () => {
    const draft = toDraft({ content: 'x' }, NOW);
    const { changes } = toChanges({ content: 'x' }, NOW);
    const { defaultTtlMs } = toSettings({ defaultTtlMs: { public: 5 } }, {});
    pollute(['sensitivity', 'expires_at', 'metadata', 'private']);
    const read = [draft.sensitivity, draft.expires_at, draft.metadata, changes.sensitivity, defaultTtlMs.private];
    clean();
    expect(read).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  test('a deletion without a filter stays one', async () => {
    pollute(['category', 'level', 'keyword']);
    const code = await outcome(async () => toDeletingFilter({}));
    clean();
    expect(code).toBe('empty_filter');
  });

  test('what was not given is missing, not inherited', async () => {
    pollute(['content']);
    const code = await outcome(async () => toDraft({}, NOW));
    clean();
    expect(code).toBe('invalid_argument');
  });
});

describeOnEachStore('while Object.prototype is polluted', (open) => {
  test('G4: a memory keeps the level that its role has by default', async () => {
    const { warden } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    pollute(['level', 'sensitivity', 'ttl']);
    const adding = memory.add('text');
    clean();
    expect(await adding).toMatchObject({ level: 'private', category: 'general' });
  });
});
