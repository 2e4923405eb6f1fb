import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import '../support/fresh-lmdb.js';
import { writeCertificate } from '../../src/cli/certificate-file.js';
import { admin, cli, inFolder, json } from './in-process.js';

describe('The file of a certificate', () => {
  test.each([
    ['--out', ['erasure', 'run', '--user', 'bob']],
    ['--report', ['erasure', 'run', '--user', 'bob']],
    ['--out', ['space', 'erase', 'team']],
    ['--out', ['tenants', 'drop', 'acme', '--confirm', 'acme']],
  ])('one that is there is refused before anything is destroyed: %s of %j', (flag, command) =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, '.memwarden', 'data')];
      const file = join(folder, 'proof.json');
      writeFileSync(file, 'the proof of another');
      await cli(['add', 'tea', ...admin('bob'), ...data]);
      const told = await cli([...command, flag, file, '--as', 'admin', ...data, '--json']);
      expect([told.exit, json(told.err)]).toMatchObject([2, { code: 'invalid_argument' }]);
      expect(readFileSync(file, 'utf8')).toBe('the proof of another');
      expect((await cli(['list', ...admin('bob'), ...data])).out).toContain('tea');
    }),
  );

  test('one that came in between is not overwritten', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'proof.json');
      await writeCertificate(file, { of: 'the first' });
      await expect(writeCertificate(file, { of: 'the second' })).rejects.toMatchObject({ code: 'EEXIST' });
      expect(json(readFileSync(file, 'utf8'))).toEqual({ of: 'the first' });
    }));
});
