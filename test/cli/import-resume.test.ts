import { rm, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { importFrom, type ImportContext } from '../../src/cli/import/import-file.js';
import { freshState, openText } from '../../src/cli/import/open-input.js';
import { LineSource } from '../../src/cli/import/lines.js';
import { Rejected } from '../../src/cli/import/rejected.js';
import { readState, statePath, type ImportState } from '../../src/cli/import/state.js';
import type { Importer } from '../../src/memory/import.js';
import { importerOf } from '../../src/internals.js';
import { createWarden, type Warden } from '../../src/warden.js';
import { build, start, type Built } from './built.js';
import { cli, inFolder, importedByNow, json, lines } from './in-process.js';

// It may create at every level and read public memories alone: most of what it stores it cannot look up.
const LOADER = `role: loader
rules:
  - { id: create, action: create, subject: Memory, reason: It loads. }
  - { id: read, action: read, subject: Memory, conditions: { sensitivity: public }, reason: It sees little. }
`;
const READER = 'role: admin\nrules:\n  - { id: admin, action: read, subject: Memory, reason: It counts. }\n';
const LEVELS = ['public', 'private', 'sensitive'];

/** Lines of several users in any interleaving; every `bad`-th is no memory. */
function lineOf(i: number, users: number, bad: number): string {
  if (i % bad === bad - 1) return `bad ${i}\n`;
  return `${JSON.stringify({ user_id: `user-${(i * 7) % users}`, content: `memory ${i}`, sensitivity: LEVELS[i % 3] })}\n`;
}

async function expectOnce(folder: string, file: string, count: number, users: number, bad: number): Promise<void> {
  const stored: string[] = [];
  for (let user = 0; user < users; user += 1) {
    const flags = [
      '--user',
      `user-${user}`,
      '--as',
      'admin',
      '--policies',
      join(folder, 'policies'),
      '--data',
      join(folder, 'd'),
    ];
    stored.push(...lines((await cli(['list', ...flags, '--all', '--json'])).out).map((one) => String(one['content'])));
  }
  const all = Array.from({ length: count }, (_, i) => i);
  const order = (a: string, b: string) => (a < b ? -1 : 1);
  expect(stored.sort(order)).toEqual(
    all
      .filter((i) => i % bad !== bad - 1)
      .map((i) => `memory ${i}`)
      .sort(order),
  );
  const aside = await readFile(`${file}.rejected.ndjson`, 'utf8');
  expect(aside).toBe(
    all
      .filter((i) => i % bad === bad - 1)
      .map((i) => `bad ${i}\n`)
      .join(''),
  );
}

async function setUp(folder: string, count: number, users: number, bad: number): Promise<string> {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies/loader.yaml'), LOADER);
  await writeFile(join(folder, 'policies/admin.yaml'), READER);
  const file = join(folder, 'in.ndjson');
  await writeFile(file, Array.from({ length: count }, (_, i) => lineOf(i, users, bad)).join(''));
  return file;
}

describe('an import that is cut off', () => {
  test('G28: failing at any step and run again, it stores each good line once and sets each bad one aside once', () =>
    inFolder(async (folder) => {
      const [count, users, bad] = [60, 4, 10];
      const file = await setUp(folder, count, users, bad);
      const warden = await createWarden({
        store: { kind: 'embedded', path: join(folder, 'd') },
        policies: join(folder, 'policies'),
      });
      let attempts = 0;
      let state: ImportState | undefined;
      try {
        // Each attempt gets one step further than the one before, and begins at one again in the next window, so that
        // the cut falls on every step of every window.
        let steps = 0;
        let reached = -1;
        while (!state?.complete && attempts < 200) {
          const { number } = (await readState(file))?.done ?? { number: 0 };
          steps = number > reached ? 1 : steps + 1;
          reached = number;
          attempts += 1;
          state = await attempt(warden, file, steps);
        }
      } finally {
        await warden.close();
      }
      expect(attempts).toBeGreaterThan(30);
      expect(state).toMatchObject({ complete: true, imported: 54, rejected: 6 });
      await expectOnce(folder, file, count, users, bad);
    }));

  test('what was changed after the cut stays changed: a memory that is there already is not stored again', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'in.ndjson');
      await writeFile(file, lineOf(0, 1, 10) + lineOf(1, 1, 10));
      const warden = await createWarden({ store: { kind: 'embedded', path: join(folder, 'd') } });
      try {
        // The second step is right after the batch was stored.
        expect(await attempt(warden, file, 2, 'admin')).toBeUndefined();
        const memory = warden.scope({ id: 'officer', role: 'admin' }, 'user-0');
        const [, first] = (await memory.list()).memories;
        await memory.update(String(first?.id), { content: 'changed since' });
        expect(await attempt(warden, file, Infinity, 'admin')).toMatchObject({ complete: true, imported: 2 });
        const { memories } = await memory.list();
        expect(memories.map(({ content }) => content).sort()).toEqual(['changed since', 'memory 1']);
        expect(await memory.history(String(first?.id))).toHaveLength(2);
      } finally {
        await warden.close();
      }
    }));

  /** An import that throws at its n-th step: before or after something is stored, or set aside. */
  async function attempt(
    warden: Warden,
    file: string,
    steps: number,
    role = 'loader',
  ): Promise<ImportState | undefined> {
    let left = steps;
    const step = () => {
      left -= 1;
      if (left <= 0) throw new Error('cut off');
    };
    const real = importerOf(warden, { id: 'cli', role });
    const importer = {
      store: async (...[into, drafts]: Parameters<Importer['store']>) => {
        step();
        const refused = await real.store(into, drafts);
        step();
        return refused;
      },
    } as Importer;
    const begun = (await readState(file)) ?? freshState('test');
    const source = new LineSource(await openText(file, 'ndjson'), 15);
    await source.skipTo(begun.done);
    const rejected = new Rejected(file, () => openText(file, 'ndjson'), begun.rejectedBytes);
    await rejected.begin();
    const onRejection = () => Promise.resolve(step());
    const context: ImportContext = {
      input: file,
      importer,
      into: undefined,
      source,
      rejected,
      isInterrupted: () => false,
      onRejection,
      onWindow: () => undefined,
    };
    try {
      return await importFrom(context, begun);
    } catch (error) {
      expect((error as Error).message).toBe('cut off');
      return undefined;
    } finally {
      await rejected.close();
      await source.close();
    }
  }
});

describe('a process that imports', () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 120_000);
  afterAll(() => built.remove());

  const command = (folder: string, file: string) => [
    'import',
    file,
    '--users-from-file',
    '--as',
    'loader',
    '--policies',
    join(folder, 'policies'),
    '--data',
    join(folder, 'd'),
    '--json',
  ];

  test('G28: killed with SIGKILL at random points and started again, it stores each good line once', async () => {
    const seed = Number(process.env['MEMWARDEN_TEST_SEED'] ?? Date.now() % 100_000);
    console.info(`import kill test: seed ${seed}`);
    let random = seed;
    const next = () => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
    await inFolder(async (folder) => {
      const [count, users, bad] = [20_000, 30, 1_000];
      const file = await setUp(folder, count, users, bad);
      const begin = Date.now();
      const clean = await start(built, [...command(folder, file)], folder).ended;
      const whole = Date.now() - begin;
      expect([clean.code, json(clean.out)]).toMatchObject([8, { imported: 19_980, rejected: 20, complete: true }]);
      for (const gone of [
        'd',
        'd.keystore',
        'd.keys',
        'd.ledger',
        'in.ndjson.import-state.json',
        'in.ndjson.rejected.ndjson',
      ])
        await rm(join(folder, gone), { recursive: true, force: true });

      // On a machine that is quicker now than it was a moment ago no attempt may be done before it is killed.
      let killed = 0;
      let ran = clean;
      for (let attempt = 0; attempt < 40; attempt += 1) {
        const { child, ended } = start(built, command(folder, file), folder);
        const timer = attempt < 8 ? setTimeout(() => child.kill('SIGKILL'), next() * whole * 0.7) : undefined;
        ran = await ended;
        clearTimeout(timer);
        if (ran.signal !== 'SIGKILL') break;
        killed += 1;
      }
      expect(killed).toBeGreaterThan(0);
      expect([ran.code, json(ran.out)]).toMatchObject([8, { rejected: 20, complete: true }]);
      expect(importedByNow(ran.out)).toBe(19_980);
      await expectOnce(folder, file, count, users, bad);
    });
  }, 600_000);

  test(
    'at SIGINT it ends the batch, keeps the state and ends with 130; the same command goes on',
    () =>
      inFolder(async (folder) => {
        const [count, users, bad] = [70_000, 10, 1_000];
        const file = await setUp(folder, count, users, bad);
        const { child, ended } = start(built, command(folder, file), folder);
        while (
          !(await readFile(statePath(file)).then(
            () => true,
            () => false,
          ))
        )
          await new Promise((resolve) => setTimeout(resolve, 5));
        child.kill('SIGINT');
        const interrupted = await ended;
        expect([interrupted.code, json(interrupted.out)['complete']]).toEqual([130, false]);
        const state = await readState(file);
        expect(state).toMatchObject({ complete: false, imported: Number(json(interrupted.out)['imported']) });
        expect(state?.pending).toBeUndefined();
        const ran = await start(built, command(folder, file), folder).ended;
        expect([ran.code, importedByNow(ran.out)]).toEqual([8, 69_930]);
        await expectOnce(folder, file, count, users, bad);
      }),
    600_000,
  );
});
