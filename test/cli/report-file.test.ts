import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeReport } from '../../src/cli/report-file.js';
import { inFolder } from './in-process.js';

test('S26: a last report is written in the form of its name, for its owner alone, and none where none is asked for', () =>
  inFolder(async (folder) => {
    expect(writeReport(undefined)).toBeUndefined();
    const report = { space: 'team', known: true, disclosures: [] };
    const file = join(folder, 'last.json');
    await writeReport(file)?.(report);
    expect([JSON.parse(readFileSync(file, 'utf8')), statSync(file).mode & 0o777]).toEqual([report, 0o600]);
    const text = join(folder, 'last');
    await writeReport(text)?.(report);
    expect(readFileSync(text, 'utf8')).toMatch(/^Disclosures of the memories of the space team/);
    await expect(writeReport(text)?.(report)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(writeReport(join(folder, 'none', 'last'))?.(report)).rejects.toMatchObject({ code: 'ENOENT' });
  }));
