import { chmodSync, linkSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ExportOptions } from '../../../src/index.js';
import { ADMIN, describeOnEachStore, outcome, type Opened } from '../../support/warden.js';
import { exportFolder, idsOf, outIn, readable, verified } from './support.js';

const USERS = ['alice', 'bob', 'carol'];

async function filled({ warden }: Opened): Promise<void> {
  for (const user of USERS) await warden.scope(ADMIN, user).addMany([{ content: `${user} has 100 EUR` }]);
}

/** An export that was cut off after two users, at the soonest. */
async function cutOff({ warden }: Opened, options: Partial<ExportOptions> = {}): Promise<string> {
  const out = outIn();
  const stop = new AbortController();
  const onProgress = ({ users }: { users: number }) => users === 2 && stop.abort();
  const { complete } = await warden.export(ADMIN, { users: USERS, out, ...options, signal: stop.signal, onProgress });
  expect(complete).toBe(false);
  return out;
}

describeOnEachStore('G23: exports in folders of others', (open) => {
  test.each(['ndjson', 'zip'] as const)(
    'S22: nothing of an export (%s) is written through what lies there',
    async (format) => {
      const opened = await open({ classify: false });
      await filled(opened);
      const endings = ['.partial', '.export-state.ndjson.tmp', '.users.ndjson.tmp', '.manifest.json.tmp', '.packed'];
      for (const planted of ['link', 'file'] as const) {
        const folder = exportFolder();
        const out = outIn(folder, format);
        const victim = join(folder, 'victim');
        writeFileSync(victim, 'theirs');
        for (const ending of endings) {
          if (planted === 'link') symlinkSync(victim, `${out}${ending}`);
          else writeFileSync(`${out}${ending}`, '', { mode: 0o666 });
          if (planted === 'file') chmodSync(`${out}${ending}`, 0o666);
        }
        await opened.warden.export(ADMIN, { users: ['alice'], out, format });
        expect(readFileSync(victim, 'utf8')).toBe('theirs');
        for (const ending of ['', '.users.ndjson', '.manifest.json']) {
          const stats = lstatSync(`${out}${ending}`);
          expect([ending, stats.isFile(), stats.mode & 0o777]).toEqual([ending, true, 0o600]);
        }
        await verified(opened, out);
      }
    },
  );

  test('S22: an export does not go on with a link, nor with what others may write or also hold', async () => {
    const opened = await open({ classify: false });
    await filled(opened);
    for (const ending of ['.partial', '.export-state.ndjson']) {
      const out = await cutOff(opened);
      const path = `${out}${ending}`;
      const again = () => outcome(() => opened.warden.export(ADMIN, { users: USERS, out }));
      const bytes = readFileSync(path);
      chmodSync(path, 0o666);
      expect([ending, 'open', await again()]).toEqual([ending, 'open', 'invalid_argument']);
      chmodSync(path, 0o600);
      linkSync(path, `${path}.other`);
      expect([ending, 'two names', await again()]).toEqual([ending, 'two names', 'invalid_argument']);
      rmSync(path);
      symlinkSync(`${path}.other`, path);
      expect([ending, 'link', await again()]).toEqual([ending, 'link', 'invalid_argument']);
      rmSync(path);
      rmSync(`${path}.other`);
      writeFileSync(path, bytes, { mode: 0o600 });
      expect(await again()).not.toBe('invalid_argument');
      expect(idsOf(out)).toEqual(await readable(opened, ADMIN, USERS));
    }
  });

  test.each([{}, { format: 'csv' }, { gzip: true }] as const)(
    'G23: an export (%j) that was changed while it was cut off is not gone on with, nor signed',
    async (form) => {
      const opened = await open({ classify: false });
      await filled(opened);
      const out = await cutOff(opened, form);
      const again = (more: object = {}) =>
        outcome(() => opened.warden.export(ADMIN, { users: USERS, out, ...form, ...more }));
      const file = readFileSync(`${out}.partial`);
      for (const at of [0, file.length >> 1, file.length - 1]) {
        const changed = Buffer.from(file);
        changed[at]! ^= 1;
        writeFileSync(`${out}.partial`, changed);
        expect([at, await again()]).toEqual([at, 'invalid_argument']);
      }
      writeFileSync(`${out}.partial`, file);
      // Also where a part has to be dropped, and the others are copied.
      await opened.warden.scope(ADMIN, 'alice').add('alice has more');
      const changed = Buffer.from(file);
      changed[file.length - 3]! ^= 1;
      writeFileSync(`${out}.partial`, changed);
      expect(await again()).toBe('invalid_argument');
      writeFileSync(`${out}.partial`, file);
      expect(await again()).not.toBe('invalid_argument');
      await verified(opened, out);
    },
  );

  test('G23: a state that was changed is not gone on with; fresh forgets it, whatever it says', async () => {
    const opened = await open({ classify: false });
    await filled(opened);
    const out = await cutOff(opened);
    const path = `${out}.export-state.ndjson`;
    const state = readFileSync(path, 'utf8');
    const again = (more: object = {}) => outcome(() => opened.warden.export(ADMIN, { users: USERS, out, ...more }));
    const lines = state.trimEnd().split('\n');
    const parts = lines.filter((one) => one.includes('"user_id"'));
    expect(parts.length).toBeGreaterThan(1);
    const changes = {
      count: state.replace('"count":1', '"count":2'),
      digest: state.replace(/"digest":"./, '"digest":"x'),
      run: state.replace(/"run":"2/, '"run":"1'),
      generation: state.replace('"generation":1', '"generation":9007199254740991'),
      'no part': state.replace(`${parts[0]}\n`, ''),
      'twice the same': `${state}${parts.at(-1)}\n`,
      'other order': state.replace(parts.join('\n'), [...parts].reverse().join('\n')),
      'no code': state.replace(/,"mac":"[^"]*"/, ''),
      'no such key': state.replace(/"key":"./, '"key":"-'),
      'no object': 'null\n',
    };
    for (const [name, text] of Object.entries(changes)) {
      expect([name, text === state]).toEqual([name, false]);
      writeFileSync(path, text);
      expect([name, await again()]).toEqual([name, 'invalid_argument']);
    }
    writeFileSync(path, changes.generation);
    expect(await again({ fresh: true })).not.toBe('invalid_argument');
    expect(idsOf(out)).toEqual(await readable(opened, ADMIN, USERS));
    await verified(opened, out);
  });
});
