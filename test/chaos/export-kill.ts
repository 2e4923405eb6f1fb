import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { pathsOf } from '../../src/compliance/export/files.js';
import { verifyExport } from '../../src/compliance/export/manifest.js';
import type { Warden } from '../../src/warden.js';
import type { Place } from '../contract/support/place.js';
import { start } from '../contract/support/spawn.js';
import { onWarden, type Places } from './key-acts.js';
import { chance, type Scenario } from './scenario.js';

const ADMIN = { id: 'officer', role: 'admin' } as const;
/** More than are put on disk at once, so that a kill leaves some on disk, some in the file and some nowhere. */
const USERS = 300;
const EACH = 2;
const WRITERS = 50;
const FORMS = [{}, { format: 'json' }, { gzip: true }] as const;

/**
 * G23: a process that exports is killed at random moments, and the same export goes on in another, over and over. What
 * comes out has every memory once, as it is when the export ends; and manifest and files verify.
 */
export const exportKill =
  (places: Places): Scenario =>
  async (setting) => {
    const random = chance(setting, 23);
    return onWarden(places, async (place, folder, open) => {
      const warden = await open();
      const expected = await fill(warden);
      const tally = { kills: 0, kept: 0, exports: 0, duplicates: 0, gaps: 0 };
      for (let round = 0; round < setting.rounds; round += 1) {
        const out = join(folder, `export-${round}`);
        const form = FORMS[round % FORMS.length] ?? {};
        const options = { users: 'all', out, ...form };
        const least = tally.kills + 1;
        // Often late: before the first parts are on disk a kill leaves nothing to go on with.
        for (const share of [random(), 0.9 + random() / 10]) {
          if (!(await isKilled(place, folder, options, Math.ceil(share * USERS), random() * 4))) break;
          tally.kills += 1;
          tally.kept += partsIn(pathsOf(out).state);
          const user = `user-${Math.floor(random() * USERS)}`;
          expected.add((await warden.scope(ADMIN, user).add(`while it was cut off ${round}`)).id);
        }
        assert.ok(tally.kills >= least, 'no child was killed before it had ended');
        assert.equal(existsSync(out), false, 'a file that is not whole has its name');
        const result = await warden.export(ADMIN, { users: 'all', out, ...form });
        const ids = idsIn(readFileSync(out));
        assert.equal(new Set(ids).size, ids.length, `round ${round}: something is in it twice`);
        assert.deepEqual(ids.sort(), [...expected].sort(), `round ${round}`);
        const jwks = JSON.stringify(await warden.keys.publicKeys());
        const manifest = await verifyExport(`${out}.manifest.json`, jwks);
        assert.equal(manifest.counts.memories, expected.size);
        assert.equal(result.manifest?.signature, manifest.signature);
        const users = (await readFile(`${out}.users.ndjson`, 'utf8')).trimEnd().split('\n');
        assert.equal(users.length, USERS);
        tally.exports += 1;
        setting.log(`${tally.exports} exports after ${tally.kills} kills, which left ${tally.kept} parts`);
      }
      return tally;
    });
  };

async function fill(warden: Warden): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let first = 0; first < USERS; first += WRITERS) {
    const users = Array.from({ length: WRITERS }, (_, n) => `user-${first + n}`);
    const added = users.map((user) =>
      warden.scope(ADMIN, user).addMany(Array.from({ length: EACH }, (_, n) => ({ content: `${n} of ${user}` }))),
    );
    for (const one of await Promise.all(added)) for (const { id } of one) ids.add(id);
  }
  return ids;
}

/** Starts the export in a process and kills that once so many users are done. @returns false where it was faster */
async function isKilled(place: Place, folder: string, options: object, users: number, laterMs: number) {
  const child = start({ place, task: 'export', args: { place, folder, options } });
  await child.line((line) => line === 'ends' || Number(/^at (\d+)$/.exec(line)?.[1] ?? -1) >= users);
  await sleep(laterMs);
  child.process.kill('SIGKILL');
  const { signal } = await child.ended;
  return signal === 'SIGKILL' && !child.lines.includes('ends');
}

function partsIn(state: string): number {
  return existsSync(state) ? readFileSync(state, 'utf8').split('"mark"').length - 1 : 0;
}

function idsIn(bytes: Buffer): string[] {
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  const rows: unknown[] = text.startsWith('{"format"')
    ? (JSON.parse(text) as { memories: unknown[] }).memories
    : text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
  return rows.map((row) => (row as { id: string }).id);
}
