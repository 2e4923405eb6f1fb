import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { UNSUPPORTED } from '../../src/mem0/unsupported.js';
import { serveMem0 } from './support.js';

const ROOT = resolve(import.meta.dirname, '../..');

test("the readme's snippet for mem0ai runs against a server and prints what it says", async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, snippet = ''] = /^```mjs\n([^]*?'mem0ai'[^]*?)^```$/m.exec(readme) ?? [];
  const [, promised] = /console\.log\(.*\/\/ (.+)$/m.exec(snippet) ?? [];
  const served = await serveMem0();
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-reader-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'try.mjs'), snippet);
    const MEM0_KEY = await served.key({ role: 'agent', users: ['alice'] });
    const env = { ...process.env, MEM0_TELEMETRY: 'false', MEM0_HOST: served.url, MEM0_KEY };
    const { stdout } = await promisify(execFile)(process.execPath, ['try.mjs'], { cwd: folder, env });
    expect(stdout.trim()).toBe(promised);
    expect(promised).toEqual(expect.any(String));
  } finally {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('every route that is not supported stands in the table of docs/mem0.md, and says so', async () => {
  const table = readFileSync(join(ROOT, 'docs/mem0.md'), 'utf8').split('## What is not supported')[1] ?? '';
  const served = await serveMem0();
  const key = await served.key({ role: 'admin', users: 'any' });
  for (const [method, url] of UNSUPPORTED) {
    const { status, body } = await served.send(
      key,
      method,
      url.replaceAll(/:\w+/g, 'x'),
      method === 'POST' ? {} : undefined,
    );
    expect([method, url, status, body['code']]).toEqual([method, url, 400, 'not_supported']);
    const [, version, name] = url.split('/') as [string, string, string];
    const words = version === 'api' ? 'organisations' : url.includes('profile') ? 'profiles' : `/${version}/${name}/`;
    expect(table).toContain(words);
  }
  await served.close();
});
