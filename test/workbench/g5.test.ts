import { describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import type { ActionOf } from '../../src/model/actions.js';
import type { Level } from '../../src/model/levels.js';
import { createWarden } from '../../src/warden.js';
import type { Cell, RoleMatrix } from '../../src/workbench/matrix.js';
import { cli, inFolder, json } from '../cli/in-process.js';
import { ADMIN, handClock, outcome } from '../support/warden.js';

type Action = ActionOf<'Memory'>;
const HOUR = 3_600_000;

/** The matrix as the command line prints it: what everything else is held against. */
async function matrix(): Promise<RoleMatrix[]> {
  return json((await cli(['policy', 'matrix', '--json'])).out)['roles'] as RoleMatrix[];
}

const memories = ({ cells }: RoleMatrix) => cells.filter(({ subject }) => subject === 'Memory');
const ownerOf = ({ place }: Cell) => (place === 'foreign' ? 'bob' : 'alice');

// The acts of the library by the action that they need; each resolves to something only if it was done.
const ACTS: Partial<Record<Action, (memory: ScopedMemory, id: string, cell: Cell, now: Date) => Promise<unknown>>> = {
  create: (memory, _, { level, place }, now) =>
    memory.add('new', { level: level as Level, ...(place === 'expired' ? { expiresAt: now } : {}) }),
  read: (memory, id) => memory.get(id),
  update: (memory, id) => memory.update(id, { content: 'changed' }),
  reclassify: (memory, id, _, now) => memory.update(id, { expiresAt: new Date(now.getTime() + 20 * HOUR) }),
  delete: async (memory, id) => (await memory.delete(id), true),
  explain: (memory, id) => memory.explain(id),
};

// test/memory/roles.test.ts asks the same on each store, of a table that is written by hand.
describe('G5: the library does what the generated matrix says', () => {
  test('G5: every cell that has an act, for every role of the package', () => inFolder(cellsOfLibrary));

  async function cellsOfLibrary(folder: string): Promise<void> {
    const clock = handClock();
    const warden = await createWarden({ clock, store: { kind: 'embedded', path: join(folder, 'd') } });
    let [cells, allowed] = [0, 0];
    for (const table of await matrix()) {
      for (const cell of memories(table)) {
        const act = ACTS[cell.action as Action];
        if (!act) continue;
        const owner = ownerOf(cell);
        const ttl = cell.place === 'expired' ? 1 : 10 * HOUR;
        const { id } = await warden.scope(ADMIN, owner).add('there', { level: cell.level as Level, ttl });
        clock.forward(1);
        const memory = warden.scope({ id: 'p', role: table.role, userId: 'alice' }, owner);
        const done = await outcome(() => act(memory, id, cell, clock()));
        const was = done !== null && typeof done !== 'string' ? 'yes' : 'no';
        expect([table.role, cell.action, cell.level, cell.place, was]).toEqual([
          table.role,
          cell.action,
          cell.level,
          cell.place,
          cell.answer,
        ]);
        cells += 1;
        allowed += Number(was === 'yes');
      }
      const listed = await outcome(() => warden.users({ id: 'p', role: table.role, userId: 'alice' }));
      const list = table.cells.find(({ subject, action }) => subject === 'User' && action === 'list');
      expect([table.role, listed === 'forbidden' ? 'no' : 'yes']).toEqual([table.role, list?.answer]);
    }
    await warden.close();
    // 3 roles, 6 actions, 3 levels, 3 places.
    expect(cells).toBe(3 * 6 * 9);
    expect(allowed).toBeGreaterThan(30);
  }
});

describe('G5: the command line does what the generated matrix says', () => {
  const who = (role: string, cell: Cell) => ['--user', ownerOf(cell), '--as', role, '--on-behalf-of', 'alice'];

  test('G5: every cell, as `policy explain` decides it', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'memory.json');
      let cells = 0;
      for (const table of await matrix()) {
        for (const cell of memories(table)) {
          const expires_at = cell.place === 'expired' ? { expires_at: '2020-01-01T00:00:00Z' } : {};
          await writeFile(file, JSON.stringify({ sensitivity: cell.level, ...expires_at }));
          const asked = [
            'policy',
            'explain',
            '--file',
            file,
            ...who(table.role, cell),
            '--action',
            cell.action,
            '--json',
          ];
          const { exit, out } = await cli(asked);
          expect([exit, json(out)['allowed']]).toEqual([0, cell.answer === 'yes']);
          cells += 1;
        }
      }
      expect(cells).toBe(3 * 8 * 9);
    }));

  test('G5: every cell that has a command', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd')];
      const now = Date.now();
      // Written a day ago, so that what expired then has expired now.
      const store = { kind: 'embedded', path: join(folder, 'd') } as const;
      const warden = await createWarden({ store, policies: PACKAGED_POLICIES, clock: () => new Date(now - 24 * HOUR) });
      const planned: { role: string; cell: Cell; id: string }[] = [];
      for (const table of await matrix()) {
        for (const cell of memories(table)) {
          const ttl = cell.place === 'expired' ? HOUR : 48 * HOUR;
          const { id } = await warden.scope(ADMIN, ownerOf(cell)).add('there', { level: cell.level as Level, ttl });
          planned.push({ role: table.role, cell, id });
        }
      }
      await warden.close();
      const later = new Date(now + 72 * HOUR).toISOString();
      const past = ['--expires-at', '2020-01-01T00:00:00Z'];
      const commands: Partial<Record<Action, (id: string, cell: Cell) => string[]>> = {
        create: (_, cell) => ['add', 'new', '--level', cell.level ?? '', ...(cell.place === 'expired' ? past : [])],
        read: (id) => ['get', id],
        update: (id) => ['update', id, '--content', 'changed'],
        reclassify: (id) => ['update', id, '--expires-at', later],
        delete: (id) => ['delete', id],
        explain: (id) => ['explain', id],
      };
      let cells = 0;
      for (const { role, cell, id } of planned) {
        const command = commands[cell.action as Action]?.(id, cell);
        if (!command) continue;
        const { exit } = await cli([...command, ...who(role, cell), ...data]);
        const refused = cell.action === 'create' && cell.place === 'expired' ? [2, 3] : [3, 4];
        expect([
          role,
          cell.action,
          cell.level,
          cell.place,
          exit === 0 ? 'yes' : refused.includes(exit) ? 'no' : exit,
        ]).toEqual([role, cell.action, cell.level, cell.place, cell.answer]);
        cells += 1;
      }
      expect(cells).toBe(3 * 6 * 9);
    }));
});
