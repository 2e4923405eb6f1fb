import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { describe, expect, test } from '@jest/globals';
import { encodingOf } from '../../src/compliance/export/formats.js';
import { inSetting, line } from './import-setting.js';
import { admin, json, lines } from './in-process.js';

const many = (n: number) => Array.from({ length: n }, (_, i) => line({ content: `${i}` })).join('');

describe('import of what is packed', () => {
  test('lines in gzip of several members are imported, and again only those that were appended', () =>
    inSetting(async ({ write, import: run, contents }) => {
      const first = Buffer.concat([gzipSync(many(2)), gzipSync(line({ content: '2' }))]);
      await write(first);
      expect((await run(...admin('alice'))).exit).toBe(0);
      await write(Buffer.concat([first, gzipSync(line({ content: 'new' }))]));
      expect(json((await run(...admin('alice'))).out)).toMatchObject({ imported: 1, importedBefore: 3 });
      expect(await contents('alice')).toEqual(['new', '2', '1', '0']);
    }, 'in.ndjson.gz'));

  test('a transcript in gzip is imported', () =>
    inSetting(async ({ write, import: run, contents }) => {
      await write(gzipSync(JSON.stringify([{ role: 'user', content: 'hello' }])));
      expect((await run(...admin('alice'))).exit).toBe(0);
      expect(await contents('alice')).toEqual(['hello']);
    }, 'in.json.gz'));

  test('gzip that is cut off is refused, and the whole file is imported once', () =>
    inSetting(async ({ write, import: run, contents }) => {
      const packed = gzipSync(many(20_500), { level: 0 });
      await write(packed.subarray(0, packed.length - 100));
      const cut = await run(...admin('alice'));
      expect([cut.exit, cut.err]).toEqual([2, expect.stringContaining('cut off or damaged')]);
      await write(packed);
      expect((await run(...admin('alice'))).exit).toBe(0);
      expect(new Set(await contents('alice')).size).toBe(20_500);
      expect(await contents('alice')).toHaveLength(20_500);
    }, 'in.ndjson.gz'));

  test('of lines that are too long to hold nothing is set aside: unpacked they may be of any size', () =>
    inSetting(async ({ file, write, import: run }) => {
      const long = [3, 2].map((mib) => line({ content: 'x'.repeat(mib << 20) }));
      await write(gzipSync(`${many(1)}${long[0]}bad\n${long[1]}`));
      const { exit, out, err } = await run(...admin('alice'));
      expect([exit, lines(err)]).toEqual([
        8,
        [2, 3, 4].map((number) => ({
          line: number,
          code: 'invalid_argument',
          argument: number === 3 ? 'not JSON' : 'too long',
        })),
      ]);
      expect(json(out)).toMatchObject({ imported: 1, rejected: 3, rejectedFile: `${file}.rejected.ndjson` });
      expect(await readFile(`${file}.rejected.ndjson`, 'utf8')).toBe('bad\n');
      await write(gzipSync(long.join('')));
      const again = await run(...admin('alice'), '--fresh');
      expect([again.exit, Object.keys(json(again.out))]).toEqual([
        8,
        ['imported', 'importedBefore', 'rejected', 'complete'],
      ]);
    }, 'in.ndjson.gz'));

  test.each([
    ['without what it holds for programs', 'other.json', '[]', 'a ZIP without memories.json'],
    ['that is cut off', undefined, '', 'packed, and cut off or damaged'],
  ])('a ZIP %s is refused', (_name, member, text, reason) =>
    inSetting(async ({ file, write, import: run }) => {
      await write('PK\x03\x04');
      if (member !== undefined) {
        const zip = new ZipFile();
        zip.addBuffer(Buffer.from(text), member);
        zip.end();
        await pipeline(zip.outputStream, createWriteStream(file));
      }
      const { exit, err } = await run(...admin('alice'));
      expect([exit, err]).toEqual([2, expect.stringContaining(reason)]);
    }, 'in.zip'),
  );
});

test.each(['fifo.ndjson', 'fifo'])('a pipe that nobody writes to (%s) is refused, and not waited for', (name) =>
  inSetting(async ({ file, import: run }) => {
    execFileSync('mkfifo', [file]);
    const { exit, err } = await run(...admin('alice'));
    expect([exit, err]).toEqual([2, expect.stringContaining('not a regular file')]);
  }, name),
);

describe('import of an export in CSV', () => {
  const { header } = encodingOf('csv');
  const columns = header.trim().replaceAll('"', '').split(',');
  const row = (cells: Record<string, string>) =>
    `${columns.map((name) => (cells[name] === undefined ? '' : `"${cells[name].replaceAll('"', '""')}"`)).join(',')}\r\n`;
  const alice = { id: 'x', user_id: 'alice', version: '1', sensitivity: 'public', category: 'general' };

  test('rows that a spreadsheet changed are told by their number and set aside as lines', () =>
    inSetting(async ({ file, write, import: run, contents }) => {
      await write(
        `\ufeff${header}${row({ ...alice, content: "'=1" })}"one cell"\r\n${row({ ...alice, content: 'b', metadata: 'no JSON' })}`,
      );
      const { exit, err } = await run('--users-from-file', '--as', 'admin');
      expect([exit, lines(err)]).toEqual([
        8,
        [
          { line: 3, code: 'invalid_argument', argument: 'not an object' },
          { line: 4, code: 'invalid_argument', argument: 'metadata' },
        ],
      ]);
      expect(await contents('alice')).toEqual(['=1']);
      expect(await readFile(`${file}.rejected.ndjson`, 'utf8')).toContain('"content":"b"');
    }, 'in.csv'));

  test.each([
    ['a second column of a name', `${columns.join('","')}","user_id`, ',"bob"'],
    ['a column more', `${columns.join('","')}","other`, ',"x"'],
  ])('CSV with %s is refused, and nothing of it is imported', (_name, names, more) =>
    inSetting(async ({ write, import: run, contents }) => {
      await write(`"${names}"\r\n${row({ ...alice, content: 'a' }).trimEnd()}${more}\r\n`);
      const { exit, err } = await run('--users-from-file', '--as', 'admin');
      expect([exit, err]).toEqual([2, expect.stringContaining('not the columns of an export')]);
      for (const user of ['alice', 'bob']) expect(await contents(user)).toEqual([]);
    }, 'in.csv'),
  );

  test('blank rows are passed over, however many, and count', () =>
    inSetting(async ({ write, import: run, contents }) => {
      const blank = `${'\r\n\n'.repeat(100)}${row({})}`.repeat(1_000);
      await write(`${header}${blank}${row({ ...alice, content: 'a' })}${blank}"bad"\r\n`);
      const { exit, out, err } = await run('--users-from-file', '--as', 'admin');
      expect([exit, lines(err)]).toEqual([8, [{ line: 402_003, code: 'invalid_argument', argument: 'not an object' }]]);
      expect(json(out)).toMatchObject({ imported: 1, rejected: 1 });
      expect(await contents('alice')).toEqual(['a']);
    }, 'in.csv'));

  test('what is no CSV any more is refused, without a word of it', () =>
    inSetting(async ({ write, import: run }) => {
      await write(`${header}"canary\r\n`);
      const { exit, err } = await run('--users-from-file', '--as', 'admin');
      expect([exit, err]).toEqual([2, expect.stringContaining('not CSV')]);
      expect(err).not.toContain('canary');
    }, 'in.csv'));
});
