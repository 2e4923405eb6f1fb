import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { deriveKeys } from '../../../src/crypto/seal/key-schedule.js';
import { openRecord, verifyRecord, verifyState } from '../../../src/crypto/seal/record-sealer.js';
import { SEALED } from '../../../src/model/fields.js';
import type { RecordKind } from '../../../src/model/sealer.js';
import { fromExtendedJson } from './extended-json.js';
import { plain } from './setting.js';

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../../docs/format.md', import.meta.url));

interface Golden {
  readonly format: number;
  readonly kind: RecordKind;
  readonly deleted_at?: { readonly $date: string };
  readonly key: string;
  readonly record: Readonly<Record<string, unknown>> & { readonly key_id: string };
  readonly open: object;
}

// Every released format and what its folder must hold: a folder that is gone would show nothing.
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  v1: ['content', 'deleted', 'emptied', 'full', 'long', 'state', 'unicode', 'vector'],
};
const read = (format: string, name: string) =>
  JSON.parse(readFileSync(`${GOLDEN}${format}/${name}.json`, 'utf8')) as Golden;

describe('G15: what every released format sealed can still be opened', () => {
  test('G15: every format has its golden files', () => {
    const found = readdirSync(GOLDEN, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(found.map(({ name }) => name).sort()).toEqual(Object.keys(FORMATS));
    for (const [format, names] of Object.entries(FORMATS))
      expect(readdirSync(`${GOLDEN}${format}`).sort()).toEqual(names.map((name) => `${name}.json`));
  });

  for (const [format, names] of Object.entries(FORMATS)) {
    test.each(names)(`G15: ${format}/%s.json is authentic and opens`, (name) => {
      const golden = read(format, name);
      const keys = deriveKeys(Buffer.from(golden.key, 'hex'), golden.record.key_id);
      const record = fromExtendedJson(golden.record);
      const deletedAt = golden.deleted_at && new Date(golden.deleted_at.$date);
      const isRight = golden.kind === 'memory' ? verifyRecord(keys, record) : verifyState(keys, record, deletedAt);
      expect(isRight).toBe(true);
      expect(plain(openRecord(keys, record, SEALED, golden.kind))).toEqual(golden.open);
    });
  }
});

describe('docs/format.md', () => {
  // `    name   hex`, and further lines of hex below it.
  const text = readFileSync(DOCUMENT, 'utf8').split('## Example')[1] ?? '';
  const found = [...text.matchAll(/^ {4}([a-z-]+) +([0-9a-f]+(?:\n {16}[0-9a-f]+)*)$/gm)];
  const example = new Map(found.map(([, name, hex]) => [name as string, (hex as string).replace(/\s/g, '')]));
  const golden = read('v1', 'content');
  const record = fromExtendedJson(golden.record);
  const keys = deriveKeys(Buffer.from(golden.key, 'hex'), golden.record.key_id);
  const sealed = record.content as Buffer;

  test('G15: the worked example is the golden file, byte for byte', () => {
    expect(Object.fromEntries(example)).toMatchObject({
      key: golden.key,
      'key-id': record.key_id,
      encryption: keys.encryption.toString('hex'),
      'mac-key': keys.mac.toString('hex'),
      commitment: sealed.toString('hex', 17, 49),
      plain: Buffer.from((golden.open as { content: string }).content).toString('hex'),
      iv: sealed.toString('hex', 49, 61),
      ciphertext: sealed.subarray(61, -16).toString('hex'),
      tag: sealed.subarray(-16).toString('hex'),
      sealed: sealed.toString('hex'),
      digest: record.seal?.toString('hex', 2, 34),
      mac: record.seal?.toString('hex', 34),
      seal: record.seal?.toString('hex'),
    });
    expect([...example.keys()]).toEqual(expect.arrayContaining(['info', 'associated', 'message']));
    expect(example.size).toBe(16);
  });

  test('G15: info, associated data and message of the example are what keys, tag and MAC are made from', async () => {
    const { createCipheriv, createHmac, hkdfSync } = await import('node:crypto');
    const bytes = (name: string) => Buffer.from(example.get(name) ?? '', 'hex');
    const material = Buffer.from(hkdfSync('sha256', bytes('key'), '', bytes('info'), 96));
    expect(material.equals(Buffer.concat(['encryption', 'mac-key', 'commitment'].map(bytes)))).toBe(true);
    const cipher = createCipheriv('aes-256-gcm', bytes('encryption'), bytes('iv'), { authTagLength: 16 });
    cipher.setAAD(bytes('associated'));
    expect(Buffer.concat([cipher.update(bytes('plain')), cipher.final()]).equals(bytes('ciphertext'))).toBe(true);
    expect(cipher.getAuthTag().equals(bytes('tag'))).toBe(true);
    expect(createHmac('sha256', bytes('mac-key')).update(bytes('message')).digest().equals(bytes('mac'))).toBe(true);
  });
});
