import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWarden, type Warden, type WardenOptions } from '../../src/index.js';
import {
  importConversations,
  levelOf,
  locomoFolder,
  momentOf,
  readCells,
  readConversations,
  type Cell,
} from '../bench/locomo.js';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';

const folder = locomoFolder();
const name = 'the five LoCoMo conversations';

if (folder === undefined) {
  process.stderr.write(`\n!! SKIPPED: ${name} are not here. Name their folder in MEMWARDEN_LOCOMO.\n\n`);
  describe.skip(name, () => {
    test('SKIPPED: name the folder of the conversations in MEMWARDEN_LOCOMO', () => undefined);
  });
} else {
  describe(`${name} [embedded]`, () => {
    const path = mkdtempSync(join(tmpdir(), 'memwarden-locomo-'));
    afterAll(() => rmSync(path, { recursive: true, force: true }));
    everyRoleSeesItsCells(folder, () => ({ kind: 'embedded', path }));
  });
  describeOnTypicalMongo(name, ({ uri }) => {
    const database = freshDatabase(uri);
    afterAll(() => database.drop());
    everyRoleSeesItsCells(folder, () => ({ kind: 'mongodb', uri: database.uri }));
  });
}

function everyRoleSeesItsCells(from: string, store: () => NonNullable<WardenOptions['store']>): void {
  const conversations = readConversations(from);
  let warden: Warden;
  let cells: Cell[];

  beforeAll(async () => {
    // Levels are assigned here by turn, whatever is said in it.
    warden = await createWarden({ store: store(), migrate: true, classify: false });
    await importConversations(warden, conversations);
    cells = await readCells(warden, conversations);
  }, 300_000);
  afterAll(() => warden.close());

  test('there are five users, and turns of every level', () => {
    expect(conversations).toHaveLength(5);
    for (const { turns } of conversations) {
      expect(turns.length).toBeGreaterThan(300);
      expect(new Set(turns.map((_, i) => levelOf(i))).size).toBe(3);
      expect(new Set(turns.map((turn) => turn.dia_id)).size).toBe(turns.length);
    }
  });

  test.each(['agent', 'agent_of_another', 'admin', 'export'])(
    'G1: the role "%s" lists exactly its cells of every user',
    (role) => {
      const own = cells.filter((cell) => cell.role === role);
      expect(own).toHaveLength(5);
      for (const { listed, expected } of own) expect(listed).toEqual(expected);
    },
  );

  test('G1: what get returns, id by id, and what count says are what list returns', () => {
    for (const { got, counted, expected } of cells) {
      expect(got).toEqual(expected);
      expect(counted).toBe(expected.length);
    }
  });

  test('an agent acting for another user is refused, and nobody else is', () => {
    for (const { role, forbidden } of cells) expect(forbidden).toBe(role === 'agent_of_another');
  });

  test('agent, export and admin see 80, 40 and 100 of a hundred turns', () => {
    const total = (role: string) =>
      cells.filter((cell) => cell.role === role).reduce((sum, { listed }) => sum + listed.length, 0);
    const all = conversations.reduce((sum, { turns }) => sum + turns.length, 0);
    expect(total('admin')).toBe(all);
    expect(total('agent') / all).toBeCloseTo(0.8, 1);
    expect(total('export') / all).toBeCloseTo(0.4, 1);
  });

  test('no query disagreed with a decision', () => {
    expect(warden.alarmCount('decision_disagrees')).toBe(0);
    expect(warden.alarmCount('malformed_record')).toBe(0);
  });

  test('a list is in the order of the conversation, newest first', async () => {
    const [first] = conversations;
    const scope = warden.scope({ id: 'officer', role: 'admin' }, first?.conversation ?? '');
    const ids: string[] = [];
    for await (const memory of scope.getAll()) ids.push(String(memory.metadata?.['dia_id']));
    const inOrder =
      first?.turns.map((turn, i) => ({ id: turn.dia_id, at: momentOf(turn.date_time).getTime() + i * 1_000 })) ?? [];
    expect(ids).toEqual(inOrder.sort((a, b) => b.at - a.at).map(({ id }) => id));
  });
}
