import { readFileSync, rmSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, test } from '@jest/globals';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { ADMIN, describeOnEachStore } from '../../support/warden.js';
import { HOSTILE } from './hostile.js';
import { exported, outIn, rowsOf, verified } from './support.js';

const METADATA = { '=key': '=1', __html: '<b>', list: ['\u2028', null, 1.5, true], nested: { '\u0000': '\r\n' } };

function unescaped(text: string): string {
  return text.startsWith("'") ? text.slice(1) : text;
}

describeOnEachStore('G23: hostile content', (open, store) => {
  test('G23: hostile content comes back identical through NDJSON, JSON, CSV and ZIP; no cell is a formula', async () => {
    const opened = await open({ classify: false });
    const memory = opened.warden.scope(ADMIN, '=alice');
    const contents = store === 'embedded' ? HOSTILE : HOSTILE.slice(0, 24);
    for (const content of contents) await memory.add({ content, metadata: METADATA, category: '=cat', speaker: '@x' });
    const expected = [...contents].reverse();
    for (const format of ['ndjson', 'json'] as const) {
      const out = await exported(opened, ADMIN, { format });
      expect(rowsOf(out).map((row) => row['content'])).toEqual(expected);
      expect(rowsOf(out).map((row) => row['metadata'])).toEqual(expected.map(() => METADATA));
      const text = readFileSync(out, 'utf8');
      expect(text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/)).toHaveLength(
        contents.length + (format === 'json' ? 3 : 1),
      );
    }
    const csv = await exported(opened, ADMIN, { format: 'csv' });
    const rows = parse<Record<string, string>>(readFileSync(csv), { columns: true, record_delimiter: '\r\n' });
    expect(rows.map((row) => unescaped(row['content']!))).toEqual(expected);
    expect(rows.map((row) => JSON.parse(row['metadata']!) as unknown)).toEqual(expected.map(() => METADATA));
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r\n|%＝＋－＠]/);
    expect(rows[0]).toMatchObject({ user_id: "'=alice", category: "'=cat", speaker: "'@x", expires_at: '' });
  });

  test('G23: a ZIP for a person holds a page without scripts that shows every memory, and JSON that is the same', async () => {
    const opened = await open({ classify: false });
    const memory = opened.warden.scope(ADMIN, '<alice>');
    const contents = HOSTILE.slice(0, 24);
    for (const content of contents) await memory.add({ content, metadata: METADATA });
    const out = outIn(undefined, 'zip');
    await exported(opened, ADMIN, { users: ['<alice>'], format: 'zip', out });
    const files = await unzipped(readFileSync(out));
    expect([...files.keys()]).toEqual(['index.html', 'memories.json']);
    const { memories } = JSON.parse(files.get('memories.json')!) as { memories: { content: string }[] };
    expect(memories.map(({ content }) => content)).toEqual([...contents].reverse());
    const html = files.get('index.html')!;
    expect(html.match(/<article>/g)).toHaveLength(contents.length);
    expect(html).not.toMatch(/<script|<img|<b>|\0/);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
    expect(await verified(opened, out)).toMatchObject({ counts: { users: 1, memories: 24 }, query: { format: 'zip' } });
    rmSync(out);
  });
});

async function unzipped(bytes: Buffer): Promise<Map<string, string>> {
  const zip = await new Promise<ZipFile>((done, fail) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, file) => (error ? fail(error) : done(file))),
  );
  const files = new Map<string, string>();
  return new Promise((done, fail) => {
    zip.on('end', () => done(files));
    zip.on('error', fail);
    zip.on('entry', (entry: Entry) =>
      zip.openReadStream(entry, (error, stream) => {
        if (error) return fail(error);
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          files.set(entry.fileName, Buffer.concat(chunks).toString());
          zip.readEntry();
        });
      }),
    );
    zip.readEntry();
  });
}
