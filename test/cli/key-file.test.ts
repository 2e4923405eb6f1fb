import { existsSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { agent, cli, inFolder, json } from './in-process.js';

const before = process.env['MEMWARDEN_KMS'];
afterEach(() => {
  if (before === undefined) delete process.env['MEMWARDEN_KMS'];
  else process.env['MEMWARDEN_KMS'] = before;
});

test('S23: a local key-encryption key is replaced by commands alone, and the memory stays readable throughout', async () => {
  await inFolder(async (folder) => {
    const [old, next] = [join(folder, 'keys', 'kek'), join(folder, 'keys', 'kek-2')];
    const under = (kms: string) => {
      process.env['MEMWARDEN_KMS'] = kms;
      return { env: { MEMWARDEN_DATA: join(folder, 'data') } };
    };
    const list = async (kms: string) => {
      const { exit, out } = await cli(['list', ...agent('alice'), '--json'], under(kms));
      return exit === 0 ? out.includes('likes tea') : exit;
    };
    const add = await cli(['add', 'likes tea', ...agent('alice')], under(`local:${old}`));
    expect(add).toMatchObject({ exit: 0 });

    const made = await cli(['keys', 'create-file', next, '--json']);
    expect(made.exit).toBe(0);
    expect(json(made.out)).toEqual({ file: next, kekId: expect.stringMatching(/^local:[0-9a-f]{32}$/) });
    expect(statSync(next).mode & 0o7777).toBe(0o600);

    // Alone it opens nothing that is stored.
    const other = await cli(['list', ...agent('alice')], under(`local:${next}`));
    expect(other).toMatchObject({ exit: 10, err: expect.stringMatching(/key_file_other: [^]*MEMWARDEN_KMS/) });
    expect(other.err).not.toMatch(/damaged|Restore/);
    // What comes first for who put data back and not the keys.
    expect(other.err).toMatch(/If the store was restored from a backup, first put the key file of that time back/);
    const both = `local:${next}?previous=${old}`;
    expect(await list(both)).toBe(true);
    const rewrapped = await cli(['keys', 'rewrap', '--as', 'admin', '--json'], under(both));
    expect([rewrapped.exit, Number(json(rewrapped.out)['users'])]).toEqual([0, 1]);
    await rm(old);
    expect(await list(`local:${next}`)).toBe(true);
    const again = await cli(['keys', 'rewrap', '--as', 'admin'], under(`local:${next}`));
    expect(again.out).toMatch(/^wrapped .*\n.*MEMWARDEN_KMS/);
    // The lost one is missed, and none is made in its place.
    expect(await list(`local:${old}`)).toBe(10);
    expect(existsSync(old)).toBe(false);
  });
}, 120_000);

test('S23: a key file that is there is not replaced, and one is made in no unsafe folder', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'keys', 'kek');
    expect((await cli(['keys', 'create-file', path])).exit).toBe(0);
    const text = readFileSync(path);
    expect((await cli(['keys', 'create-file', path])).exit).toBe(5);
    expect(readFileSync(path)).toEqual(text);
    expect((await cli(['keys', 'create-file', join(path, 'below')])).exit).toBe(10);
    expect((await cli(['keys', 'create-file'])).exit).toBe(2);
    const secret = text.toString('ascii').split(' ')[1] ?? '';
    const again = await cli(['keys', 'create-file', `${path}-2`]);
    expect(again.out + again.err).not.toContain(secret.slice(0, 8));
  });
});

test('the keys of a `.memwarden/data` lie beside it, from whatever folder it is opened', () =>
  inFolder(async (folder) => {
    const data = join(folder, '.memwarden', 'data');
    expect(await cli(['add', 'likes tea', ...agent('alice'), '--data', data])).toMatchObject({ exit: 0 });
    expect(existsSync(join(folder, '.memwarden', 'keys', 'kek'))).toBe(true);
    expect(existsSync(`${data}.keys`)).toBe(false);
    const other = join(folder, 'other', 'data');
    expect(await cli(['add', 'likes tea', ...agent('alice'), '--data', other])).toMatchObject({ exit: 0 });
    expect(existsSync(join(`${other}.keys`, 'kek'))).toBe(true);
  }));
