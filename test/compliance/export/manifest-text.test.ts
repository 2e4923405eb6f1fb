import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyExport } from '../../../src/compliance/export/manifest.js';
import { createWarden, type Principal, type Warden } from '../../../src/index.js';
import { describeWithPython, pythonExportVerdict } from '../../audit/support/python.js';
import { exportFolder } from './support.js';

const ADMIN: Principal = { id: 'root', role: 'admin' };

/** Texts that some readers take for the manifest that was signed, and others for another one. */
const OTHER_TEXTS: Readonly<Record<string, (text: string) => string>> = {
  'a key twice, the false one first': (text) => text.replace('{', '{"counts":{"users":999,"memories":0,"levels":{}},'),
  'a key twice, the false one last': (text) => text.trimEnd().replace(/\}$/, ',"recipient":"mallory"}'),
  'a key twice, once escaped': (text) => text.replace('{', '{"f\\u006frmat":"another",'),
  'a key __proto__ at the top': (text) => text.replace('{', '{"__proto__":{"x":1},'),
  'a key __proto__ in the filter': (text) => text.replace(/"filter":\s*\{/, '"filter":{"__proto__":{"a":1}'),
  'a number with a fraction': (text) => text.replace(/"bytes":\s*(\d+)/, '"bytes":$1.0'),
  'a number with an exponent': (text) => text.replace(/"users":\s*1\b/, '"users":1e0'),
  'a byte order mark': (text) => `\ufeff${text}`,
  'a signature with padding': (text) => text.replace(/("signature":\s*"[^"]+)"/, '$1=="'),
  'a signature with a line end': (text) => text.replace(/("signature":\s*"[^"]+)"/, '$1\\n"'),
  'a signature whose last bits are others': (text) =>
    // 64 bytes leave four bits of the last letter over.
    text.replace(/("signature":\s*"[^"]+)([^"])"/, (_, before: string, last: string) => `${before}${nextOf(last)}"`),
  'a signature in the other alphabet': (text) =>
    text.replace(
      /("signature":\s*")([^"]+)/,
      (_, before: string, signature: string) =>
        // One that holds neither letter is the same in both.
        `${before}${signature.replaceAll('-', '+').replaceAll('_', '/')}${/[-_]/.test(signature) ? '' : '='}`,
    ),
};
const nextOf = (letter: string) => String.fromCharCode(letter.charCodeAt(0) + 1);

let warden: Warden;
let manifest: string;
let text: string;
let keys: string;
beforeAll(async () => {
  const folder = exportFolder();
  warden = await createWarden({
    store: { kind: 'embedded', path: join(folder, 'data') },
    audit: { checkpoints: join(folder, 'checkpoints') },
    keys: { kms: `local:${folder}/kms/kek`, ledger: join(folder, 'ledger') },
  });
  await warden.scope({ id: 'a', role: 'agent', userId: 'alice' }, 'alice').add('A memory.');
  const out = join(folder, 'out.ndjson');
  await warden.export(ADMIN, { users: 'all', out, recipient: 'Zoë "\u{1f600}"' });
  manifest = `${out}.manifest.json`;
  text = readFileSync(manifest, 'utf8');
  keys = join(folder, 'keys.json');
  writeFileSync(keys, JSON.stringify(await warden.keys.publicKeys()));
});
afterAll(() => warden.close());

const verdict = () =>
  verifyExport(manifest, readFileSync(keys, 'utf8')).then(
    () => 'verified',
    ({ code }) => code,
  );

describe('G23: what a manifest says, it says in one way', () => {
  test.each(Object.entries(OTHER_TEXTS))('a manifest with %s does not verify', async (_, changed) => {
    writeFileSync(manifest, text);
    expect(await verdict()).toBe('verified');
    expect(changed(text)).not.toBe(text);
    writeFileSync(manifest, changed(text));
    expect(await verdict()).toBe('manifest_invalid');
  });

  test('a manifest whose blanks and escapes are others verifies', async () => {
    const value: unknown = JSON.parse(text);
    const ascii = JSON.stringify(value).replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    for (const same of [JSON.stringify(value), JSON.stringify(value, null, '\t'), ascii]) {
      writeFileSync(manifest, same);
      expect(await verdict()).toBe('verified');
    }
  });

  test('bytes that are not UTF-8 are no manifest', async () => {
    writeFileSync(manifest, Buffer.concat([Buffer.from(text.trimEnd().slice(0, -1)), Buffer.from([0xff, 0x7d])]));
    expect(await verdict()).toBe('manifest_invalid');
  });
});

describeWithPython('tools/verify-export.py', () => {
  test('G23: the second verifier refuses the same texts', () => {
    for (const [name, changed] of Object.entries(OTHER_TEXTS)) {
      writeFileSync(manifest, changed(text));
      expect([name, pythonExportVerdict(manifest, keys)]).toMatchObject([name, { ok: false }]);
    }
    writeFileSync(manifest, text);
    expect(pythonExportVerdict(manifest, keys)).toMatchObject({ ok: true });
  });
});
