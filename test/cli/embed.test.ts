import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeTinyModel } from '../support/tiny-model.js';
import { agent, cli, inFolder, json, storeIn } from './in-process.js';

// A folder with a store, a tiny local model, and the file that names it.
const withModel = (work: (at: { store: string[]; file: string; folder: string }) => Promise<void>) =>
  inFolder(async (folder) => {
    writeTinyModel(join(folder, 'models', 'tiny'), {
      dimension: 8,
      words: { tea: undefined, coffee: undefined, memory: undefined },
    });
    const file = join(folder, 'embedder.json');
    writeFileSync(file, JSON.stringify({ kind: 'transformers', model: 'tiny', path: join(folder, 'models') }));
    await work({ store: ['--data', join(folder, 'data')], file, folder });
  });

test('embed gives memories vectors of a local model, and the next run finds them there', () =>
  withModel(async ({ store, file }) => {
    expect((await cli(['add', 'tea', ...agent('alice'), ...store])).exit).toBe(0);
    const embedded = await cli(['add', 'coffee', ...agent('alice'), ...store], { env: { MEMWARDEN_EMBEDDER: file } });
    expect(embedded.exit).toBe(0);
    const first = await cli(['embed', '--embedder', file, '--json', ...store]);
    expect([first.exit, json(first.out)]).toEqual([
      0,
      { embedded: 1, current: 1, withheld: 0, refused: 0, changed: 0, locked: 0, complete: true },
    ]);
    const second = await cli(['embed', ...store], { env: { MEMWARDEN_EMBEDDER: file } });
    expect([second.exit, second.out]).toEqual([0, 'embedded 0 memories; 2 had their vector\n']);
    const shown = await cli(['list', '--json', ...agent('alice'), ...store]);
    expect(shown.out).not.toContain('vector');
  }));

test('an embedder that is not there, or is no embedder, is told, and stores stay as they are', () =>
  withModel(async ({ store, file, folder }) => {
    await storeIn(join(folder, 'data'));
    expect((await cli(['embed', ...store])).err).toContain('embedder_missing');
    expect(await cli(['embed', '--embedder', join(folder, 'none'), ...store])).toMatchObject({ exit: 2, out: '' });
    for (const text of ['{', '[]', '{"kind":"other"}', '{"kind":"http","url":"http://host.example","model":"m"}']) {
      writeFileSync(file, text);
      const ran = await cli(['embed', '--embedder', file, ...store]);
      expect([text, ran.exit, ran.out]).toEqual([text, 2, '']);
      expect(ran.err).not.toContain('host.example');
    }
    writeFileSync(file, JSON.stringify({ kind: 'transformers', model: 'gone', path: folder }));
    expect((await cli(['add', 'tea', ...agent('alice'), ...store, '--embedder', file])).exit).toBe(0);
    expect(await cli(['embed', '--embedder', file, ...store])).toMatchObject({ exit: 7, out: '' });
  }));

test('an embedder that is configured and broken is told by doctor, by a search without hits and by an add', () =>
  withModel(async ({ store, file, folder }) => {
    const doctor = async (...flags: string[]) => {
      const ran = await cli(['doctor', '--embedder', file, '--json', ...store, ...flags]);
      const findings = json(ran.out)['findings'] as { check: string; ok: boolean; message: string }[];
      return [ran.exit, findings.find(({ check }) => check === 'embedder')];
    };
    expect((await cli(['add', 'tea', ...agent('bob'), ...store, '--embedder', file])).err).toBe('');
    expect(await doctor()).toEqual([0, { check: 'embedder', ok: true, message: expect.stringContaining('8 numbers') }]);
    writeFileSync(file, JSON.stringify({ kind: 'transformers', model: 'gone', path: folder }));
    expect(await doctor()).toEqual([
      9,
      { check: 'embedder', ok: false, message: expect.stringMatching(/^embedder_unava/) },
    ]);
    const flags = [...agent('alice'), ...store, '--embedder', file];
    const found = await cli(['search', 'tea', ...flags]);
    expect(found.out).toBe('by words alone: the embedder failed (embedder_unavailable)\nno memories\n');
    expect(json((await cli(['search', 'tea', '--json', ...flags])).err)).toMatchObject({
      code: 'embedder_unavailable',
    });
    const added = await cli(['add', 'tea', ...flags]);
    expect([added.exit, added.err]).toEqual([
      0,
      expect.stringMatching(/^warning: stored without a vector: .*embedder_un/),
    ]);
    expect(json((await cli(['add', 'tea', '--json', ...flags])).err)).toMatchObject({ code: 'embedder_unavailable' });
  }));
