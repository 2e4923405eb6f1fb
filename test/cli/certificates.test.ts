import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import '../support/fresh-lmdb.js';
import { writeCertificate } from '../../src/cli/certificate-file.js';
import type { Io } from '../../src/cli/io.js';
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

  test.each([
    ['in a folder that is not there', ['--out', 'none/c.json']],
    ['of two flags', ['--out', 'c.json', '--report', './c.json']],
    ['behind a link that leads nowhere', ['--out', 'link']],
  ])('one %s is refused before anything is destroyed', (_, flags) =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, '.memwarden', 'data')];
      symlinkSync(join(folder, 'nowhere', 'c.json'), join(folder, 'link'));
      const files = flags.map((word, i) => (i % 2 ? join(folder, word) : word));
      await cli(['add', 'tea', ...admin('bob'), ...data]);
      const told = await cli(['erasure', 'run', '--user', 'bob', ...files, '--as', 'admin', ...data, '--json']);
      expect([told.exit, json(told.err)]).toMatchObject([2, { code: 'invalid_argument' }]);
      expect((await cli(['list', ...admin('bob'), ...data])).out).toContain('tea');
    }),
  );

  test('one that came in between is not overwritten, and the certificate is told all the same', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'proof.json');
      const stdout = new PassThrough();
      const io = { stdout } as unknown as Io;
      await writeCertificate(io, file, { of: 'the first' });
      await expect(writeCertificate(io, file, { of: 'the second' })).rejects.toMatchObject({ code: 'EEXIST' });
      expect(json(readFileSync(file, 'utf8'))).toEqual({ of: 'the first' });
      expect(json(String(stdout.read()))).toEqual({ of: 'the second' });
    }));
});
