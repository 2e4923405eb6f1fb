import '../support/fresh-lmdb.js';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ADMIN, describeOnEachStore } from '../support/warden.js';

// The same through the door: a dump of a real log, of which who read what is edited away.
describeOnEachStore('A dump whose last record of a group was replaced', (open) => {
  test('G19: `verify` with `since` finds it, as without', async () => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('x');
    await memory.list();
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-eyes-'));
    await warden.audit(ADMIN).dump(folder);
    let edited = 0;
    for (const name of readdirSync(folder, { recursive: true }) as string[]) {
      const file = join(folder, name);
      if (!/\.jsonl$/.test(name)) continue;
      const lines = readFileSync(file, 'utf8').split('\n');
      lines.forEach((line, i) => {
        if (!line.includes('"act":"list"')) return;
        const decoy = '"record":{"head":{"at":"1960-01-01T00:00:00.000Z"}},"seq":';
        lines[i] = line.replace(/"record":.*,"seq":/, decoy);
        edited += 1;
      });
      writeFileSync(file, lines.join('\n'));
    }
    expect(edited).toBe(1);
    const since = new Date(Date.now() - 3_600_000);
    expect(await warden.audit(ADMIN).verify({ files: folder })).toMatchObject({ ok: false });
    expect(await warden.audit(ADMIN).verify({ files: folder, since })).toMatchObject({ ok: false });
    rmSync(folder, { recursive: true });
  });
});
