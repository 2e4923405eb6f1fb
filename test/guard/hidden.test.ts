import { expect, test } from '@jest/globals';
import type { Selection } from '../../src/memory/selection.js';
import { ADMIN, describeOnEachStore, handClock, outcome, policyFolder } from '../support/warden.js';

const CLERK = { id: 'c', role: 'clerk' };
const ALL = '  - { id: clerk-all, action: [create, read, update, delete, explain], subject: Memory, reason: r }\n';

/** A clerk who may everything, but not read some fields of what is marked. */
const hides = (fields: string, marked = '{ app_id: shy }', action = 'read') =>
  `rules:\n${ALL}  - { id: clerk-hides, action: ${action}, subject: Memory, inverted: true, fields: [${fields}], conditions: ${marked}, reason: r }\n`;

const TIME = new Date('2026-02-01T10:00:00.000Z');
const GIVEN = {
  content: 'the canary sings',
  level: 'private',
  category: 'health',
  sessionId: 'session-1',
  agentId: 'agent-1',
  occurredAt: TIME,
  speaker: 'Ann',
  metadata: { room: 7 },
  expiresAt: new Date('2027-01-01T00:00:00.000Z'),
} as const;

// Each field that a filter can use, under its names, with the filters that would tell what it holds.
const FILTERS: readonly (readonly [string, string, readonly Selection[]])[] = [
  ['category', 'category', [{ category: 'health' }]],
  ['sensitivity', 'level', [{ level: 'private' }, { level: ['public', 'private', 'sensitive'] }]],
  ['session_id', 'sessionId', [{ sessionId: 'session-1' }]],
  ['agent_id', 'agentId', [{ agentId: 'agent-1' }]],
  [
    'occurred_at',
    'occurredAt',
    [{ from: '2026-01-01' }, { to: '2026-12-31' }, { from: TIME, to: '2026-12-31', category: 'health' }],
  ],
  ['content', 'content', [{ keyword: 'CANARY' }, { keyword: 'canary', level: 'private' }]],
];

describeOnEachStore('hidden fields', (open) => {
  async function twoMemories(policy: string) {
    const opened = await open({ clock: handClock(), policies: await policyFolder({ clerk: policy }) });
    const admin = opened.warden.scope(ADMIN, 'alice');
    const [shy, plain] = (
      await admin.addMany([
        { ...GIVEN, appId: 'shy' },
        { ...GIVEN, appId: 'plain' },
      ])
    ).map((one) => one.id) as [string, string];
    return { ...opened, admin, clerk: opened.warden.scope(CLERK, 'alice'), shy, plain };
  }

  test.each(FILTERS)(
    'S7: a hidden %s is not released, filtered by, sorted by, searched, counted or deleted by',
    async (field, property, filters) => {
      const { clerk, shy, plain, admin } = await twoMemories(hides(field));
      expect(await clerk.get(plain)).toMatchObject(GIVEN);
      const { [property as 'content']: hidden, ...rest } = GIVEN;
      expect(await clerk.get(shy)).toMatchObject(rest);
      expect(await clerk.get(shy)).not.toHaveProperty(property);
      const listed = (await clerk.list()).memories;
      // The place in a list tells when something occurred.
      expect(listed.map((one) => one.id).sort()).toEqual(field === 'occurred_at' ? [plain] : [shy, plain].sort());
      expect(JSON.stringify(listed.filter((one) => one.id === shy))).not.toContain(JSON.stringify(hidden));
      for (const filter of filters) {
        expect((await clerk.list(filter)).memories.map((one) => one.id)).toEqual([plain]);
        expect(await clerk.count(filter)).toBe(1);
      }
      expect(await clerk.count()).toBe(2);
      expect(await clerk.deleteMany(filters[0]!)).toBe(1);
      expect(await admin.get(shy)).not.toBeNull();
      expect(await admin.get(plain)).toBeNull();
    },
  );

  test.each(FILTERS)(
    'S7: a %s hidden of every record is forbidden to use, with no query sent',
    async (field, _, filters) => {
      const { clerk, watch } = await twoMemories(hides(field).replace('conditions: { app_id: shy }, ', ''));
      watch.calls.length = 0;
      for (const filter of filters) {
        expect(await outcome(() => clerk.list(filter))).toBe('forbidden');
        expect(await outcome(() => clerk.count(filter))).toBe('forbidden');
        expect(await outcome(() => clerk.deleteMany(filter))).toBe('forbidden');
      }
      if (field === 'occurred_at') expect(await outcome(() => clerk.list())).toBe('forbidden');
      expect(watch.calls).toEqual([]);
      expect(await clerk.count()).toBe(2);
    },
  );

  test('S7: where only some fields are allowed, those come and no others', async () => {
    const { clerk, shy } = await twoMemories(
      'rules:\n  - { id: clerk-text, action: read, subject: Memory, fields: [content, speaker], reason: r }\n',
    );
    expect(await clerk.get(shy)).toStrictEqual({ id: shy, userId: 'alice', content: GIVEN.content, speaker: 'Ann' });
    expect(await outcome(() => clerk.list())).toBe('forbidden');
    expect(await clerk.count({ keyword: 'canary' })).toBe(2);
    expect(await outcome(() => clerk.count({ category: 'health' }))).toBe('forbidden');
  });

  test('S7: a text hidden at a level is not opened', async () => {
    const { clerk, admin, shy } = await twoMemories(hides('content, metadata, speaker', '{ sensitivity: sensitive }'));
    expect(await clerk.get(shy)).toHaveProperty('metadata', { room: 7 });
    await admin.update(shy, { level: 'sensitive' });
    expect(Object.keys((await clerk.get(shy))!)).not.toEqual(expect.arrayContaining(['content']));
    expect(JSON.stringify(await clerk.get(shy))).not.toMatch(/canary|room|Ann/);
    expect(await clerk.count({ keyword: 'canary' })).toBe(1);
  });

  test('S7: history hides a field on each side by the decision on that side', async () => {
    const { clerk, admin, shy } = await twoMemories(hides('content, speaker'));
    await admin.update(shy, { appId: 'plain', content: 'the second text' });
    await admin.update(shy, { appId: 'shy', content: 'the third text' });
    const entries = await clerk.history(shy);
    expect(entries.map((entry) => [entry.before?.content, entry.after?.content])).toEqual([
      [undefined, undefined],
      [undefined, 'the second text'],
      ['the second text', undefined],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/canary|third|version/);
  });

  test('S7: where the time of a change is hidden, so is the history that tells it', async () => {
    const { clerk, shy, plain } = await twoMemories(hides('updated_at'));
    expect(await clerk.get(shy)).not.toHaveProperty('updatedAt');
    expect(await outcome(() => clerk.history(shy))).toBe('not_found');
    expect(await clerk.history(plain)).toHaveLength(1);
  });

  test('S7: an update checks each field that it changes, before and after', async () => {
    const { clerk, admin, shy, plain } = await twoMemories(hides('category', '{ app_id: shy }', 'update'));
    expect(await outcome(() => clerk.update(shy, { category: 'x' }))).toBe('not_found');
    expect(await outcome(() => clerk.update(shy, { category: 'x', content: 'y' }))).toBe('not_found');
    expect(await clerk.update(shy, { content: 'y' })).toMatchObject({ content: 'y', category: 'health' });
    // After: it would be a record on which the field may not be changed.
    expect(await outcome(() => clerk.update(plain, { category: 'x', appId: 'shy' }))).toBe('not_found');
    expect(await clerk.update(plain, { category: 'x' })).toMatchObject({ category: 'x' });
    expect(await admin.get(shy)).toMatchObject({ category: 'health' });
  });

  test('S7: a field that may not be set on a new memory may not be named', async () => {
    const rules = '  - { id: clerk-adds, action: [create], subject: Memory, fields: [content, category], reason: r }\n';
    const { clerk, watch } = await twoMemories(`rules:\n${rules}`);
    watch.calls.length = 0;
    expect(await outcome(() => clerk.add('text', { speaker: 'Ann' }))).toBe('forbidden');
    expect(await outcome(() => clerk.add('text', { level: 'public' }))).toBe('forbidden');
    expect(watch.calls).toEqual([]);
    expect(await clerk.add('text', { category: 'x' })).toHaveProperty('id');
  });

  test.each([
    ['content', { content: GIVEN.content }, { content: 'another' }],
    ['category', { category: 'health' }, { category: 'another' }],
    ['metadata', { metadata: { room: 7 } }, { metadata: { room: 8 } }],
  ] as const)('S7: an update does not tell whether a hidden %s is what was guessed', async (field, right, wrong) => {
    const { clerk, shy } = await twoMemories(hides(field));
    const answers = [await clerk.update(shy, right), await clerk.update(shy, wrong)];
    expect(answers.map((answer) => answer.version)).toEqual([2, 3]);
    expect(answers.map((answer) => Object.keys(answer).sort())).toEqual([
      Object.keys(answers[0]!).sort(),
      Object.keys(answers[0]!).sort(),
    ]);
  });

  test.each([
    ['expires_at', [{ expiresAt: '2026-06-01' }, { expiresAt: '2028-01-01' }, { expiresAt: null }]],
    ['sensitivity', [{ level: 'public' }, { level: 'private' }, { level: 'sensitive' }]],
    [
      'version',
      [
        { content: 'x', ifVersion: 1 },
        { content: 'x', ifVersion: 2 },
      ],
    ],
  ] as const)(
    'S7: an update that would be decided by a hidden %s is refused whatever it holds',
    async (field, changes) => {
      const { clerk, admin, shy } = await twoMemories(hides(field));
      for (const change of changes) {
        expect(await outcome(() => clerk.update(shy, change))).toBe('not_found');
        expect(await outcome(() => clerk.update(shy, { ...change, ifVersion: 99 }))).toBe('not_found');
      }
      expect(await admin.get(shy)).toMatchObject({ version: 1, content: GIVEN.content });
    },
  );
});
