import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKeyFile, readKeyFile } from '../../../src/crypto/kms/key-file.js';
import { KEY_FILE_BYTES, readKeyFileText, writeKeyFileText } from '../../../src/crypto/kms/key-file-text.js';
import { openLocal } from '../../../src/crypto/kms/local.js';
import { isMemwardenError } from '../../../src/errors/memwarden-error.js';
import type { Kms } from '../../../src/model/kms.js';
import { describeWithStrace, trace } from '../../contract/support/trace.js';
import { outcome } from '../../support/warden.js';
import { ALICE } from './support/context.js';

const LOADER = fileURLToPath(new URL('../../contract/support/typescript-loader.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('./support/child.ts', import.meta.url));
const commandOf = (...args: string[]) => [process.execPath, '--import', `file://${LOADER}`, CHILD, ...args];

let folder: string;
let path: string;
const opened: Kms[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'memwarden-key-file-'));
  path = join(folder, 'keys', 'kek');
});
afterEach(async () => {
  for (const kms of opened.splice(0)) await kms.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (facts: Parameters<typeof openLocal>[1] = {}, previous: string[] = []) => {
  const kms = await openLocal({ kind: 'local', path, previous }, facts);
  opened.push(kms);
  return kms;
};
const made = () => open({ create: true });
const modeOf = (file: string) => statSync(file).mode & 0o7777;

async function refusal(act: () => Promise<unknown>): Promise<Readonly<Record<string, unknown>> | 'none'> {
  try {
    await act();
    return 'none';
  } catch (error) {
    if (!isMemwardenError(error)) throw error;
    return { code: error.code, ...error.detail };
  }
}

describe('S23: a key file is made only where the key store holds no wrapped key', () => {
  test('S23: it is 0600 in a folder of 0700, whatever the umask, and nothing else is left there', async () => {
    const before = process.umask(0o000);
    try {
      await made();
    } finally {
      process.umask(before);
    }
    expect([modeOf(path), modeOf(join(folder, 'keys'))]).toEqual([0o600, 0o700]);
    expect(readdirSync(join(folder, 'keys'))).toEqual(['kek']);
    expect(readFileSync(path, 'ascii')).toMatch(/^memwarden-kek-v1 [0-9a-f]{64} [0-9a-f]{32}\n$/);
  });

  test('S23: with wrapped keys in the store a missing file is a refusal, and none is made', async () => {
    for (const facts of [{}, { create: false }, { create: () => Promise.resolve(false) }])
      expect(await refusal(() => open(facts))).toEqual({ code: 'key_file_missing', file: path });
    expect(existsSync(join(folder, 'keys'))).toBe(false);
    mkdirSync(join(folder, 'keys'), { mode: 0o700 });
    expect(await outcome(() => open())).toBe('key_file_missing');
    expect(readdirSync(join(folder, 'keys'))).toEqual([]);
  });

  test('S23: the store is asked only where there is no file, and its failure makes none', async () => {
    expect(await outcome(() => open({ create: () => Promise.reject(new Error('store')) }))).toEqual(new Error('store'));
    expect(existsSync(path)).toBe(false);
    const first = await made();
    let asked = 0;
    const ask = () => Promise.resolve(((asked += 1), true));
    expect((await open({ create: ask })).kekId).toBe(first.kekId);
    expect(asked).toBe(0);
  });

  test('S23: what is there is never replaced', async () => {
    await made();
    const text = readFileSync(path);
    expect(await createKeyFile(path)).toBe(false);
    await made();
    expect(readFileSync(path)).toEqual(text);
  });

  test('S23: a previous key file is never made', async () => {
    await made();
    const old = join(folder, 'keys', 'old');
    expect(await refusal(() => open({ create: true }, [old]))).toEqual({ code: 'key_file_missing', file: old });
    expect(existsSync(old)).toBe(false);
  });

  test('S23: processes that start at once on an empty folder get one key', async () => {
    const children = Array.from({ length: 6 }, () => {
      const [program = '', ...args] = commandOf(path, 'said ');
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      let text = '';
      const ended = new Promise<string>((done) => child.once('close', () => done(text)));
      const ready = new Promise<void>((done) => {
        child.stdout.on('data', (chunk) => {
          text += String(chunk);
          done();
        });
        void ended.then(() => done());
      });
      return { child, ready, ended };
    });
    for (const { ready } of children) await ready;
    for (const { child } of children) child.stdin.end('go\n');
    const texts = await Promise.all(children.map(({ ended }) => ended));
    const lines = texts.map((text) => (text.split('said ')[1] ?? '').trim().split(' '));
    expect(new Set(lines.map(([kekId]) => kekId)).size).toBe(1);
    const kms = await open();
    for (const [, wrapped = ''] of lines)
      expect(Buffer.from(await kms.unwrap(Buffer.from(wrapped, 'hex'), ALICE))).toEqual(Buffer.alloc(32, 7));
    expect(readdirSync(join(folder, 'keys'))).toEqual(['kek']);
  });

  test('S23: calls that make it at once in one process get one key', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, made));
    expect(new Set(all.map(({ kekId }) => kekId)).size).toBe(1);
  });
});

describe('S23: a wrong key file is a refusal', () => {
  test('S23: another key is told by its check value, at the start and for each key', async () => {
    const right = await made();
    const wrapped = await right.wrap(randomBytes(32), ALICE);
    renameSync(path, `${path}-kept`);
    const wrong = await made();
    expect(await refusal(() => wrong.unwrap(wrapped, ALICE))).toMatchObject({ code: 'key_refused' });
    const expected = [right.kekId, 'aws-kms:4f0c1ba2'];
    for (const names of [expected, () => Promise.resolve(expected)])
      expect(await refusal(() => open({ expected: names }))).toEqual({
        code: 'key_file_other',
        file: path,
        reason: `stored keys are wrapped under ${right.kekId}`,
      });
    const both = await open({ expected: [right.kekId, wrong.kekId] }, [`${path}-kept`]);
    expect(await outcome(() => both.unwrap(wrapped, ALICE))).toBeInstanceOf(Uint8Array);
    expect(both.kekId).toBe(wrong.kekId);
  });

  test('S23: a file that is truncated, longer, empty or of which one byte is another is refused', async () => {
    await made();
    const text = readFileSync(path);
    expect(text).toHaveLength(KEY_FILE_BYTES);
    const damaged = [
      ...Array.from(text.keys(), (end) => text.subarray(0, end)),
      Buffer.concat([text, Buffer.from('\n')]),
      Buffer.from(text.toString('ascii').toUpperCase()),
      Buffer.from(text.toString('ascii').replace('\n', '\r\n')),
      ...Array.from(text.keys(), (at) => {
        const copy = Buffer.from(text);
        copy[at] = (copy[at] as number) ^ 1;
        return copy;
      }),
    ];
    for (const bytes of damaged) {
      writeFileSync(path, bytes);
      expect(await refusal(() => open({ create: true }))).toEqual({ code: 'key_file_invalid', file: path });
    }
    truncateSync(path, 0);
    expect(await outcome(() => open({ create: true }))).toBe('key_file_invalid');
  });

  test('S23: the text says the key back, and nothing of it when it is refused', () => {
    const secret = randomBytes(32);
    const text = writeKeyFileText(secret);
    expect(readKeyFileText(text, path)).toEqual(secret);
    text[60] = (text[60] as number) ^ 3;
    try {
      readKeyFileText(text, path);
      throw new Error('accepted');
    } catch (error) {
      const said = `${String(error)} ${JSON.stringify(error)}`;
      expect(said).not.toContain(secret.toString('hex').slice(0, 8));
      expect(isMemwardenError(error, 'key_file_invalid')).toBe(true);
    }
  });
});

describe("S23: a key file that is not its owner's alone is refused", () => {
  test.each([0o640, 0o604, 0o660, 0o666, 0o644, 0o700, 0o4600, 0o610, 0o601])(
    'S23: of mode %o, with the line that narrows it',
    async (mode) => {
      await made();
      chmodSync(path, mode);
      const found = await refusal(() => open());
      expect(found).toMatchObject({ code: 'key_file_unsafe', file: path, run: `chmod 600 '${path}'` });
      execFileSync('sh', ['-c', (found as Record<string, string>).run ?? 'false']);
      expect(await refusal(() => open())).toBe('none');
    },
  );

  test.each([0o600, 0o400])('S23: of mode %o it is taken', async (mode) => {
    await made();
    chmodSync(path, mode);
    expect(await refusal(() => open())).toBe('none');
  });

  test.each([0o750, 0o705, 0o755, 0o777, 0o1777, 0o711])(
    'S23: a folder of mode %o is refused, with a file in it or not',
    async (mode) => {
      mkdirSync(join(folder, 'keys'));
      chmodSync(join(folder, 'keys'), mode);
      const unsafe = {
        code: 'key_file_unsafe',
        file: join(folder, 'keys'),
        run: `chmod 700 '${join(folder, 'keys')}'`,
      };
      expect(await refusal(made)).toMatchObject(unsafe);
      expect(readdirSync(join(folder, 'keys'))).toEqual([]);
      chmodSync(join(folder, 'keys'), 0o700);
      await made();
      chmodSync(join(folder, 'keys'), mode);
      expect(await refusal(() => open())).toMatchObject(unsafe);
    },
  );

  test('S23: the line that narrows a mode survives a quote in the name', async () => {
    path = join(folder, "keys of o'hara", 'kek');
    await made();
    chmodSync(path, 0o644);
    const found = await refusal(() => open());
    execFileSync('sh', ['-c', (found as Record<string, string>).run ?? 'false']);
    expect(modeOf(path)).toBe(0o600);
  });

  test('S23: a symbolic link is refused, in the place of the file and of the folder', async () => {
    await made();
    const kept = join(folder, 'elsewhere');
    renameSync(join(folder, 'keys'), kept);
    symlinkSync(kept, join(folder, 'keys'));
    expect(await refusal(() => open())).toMatchObject({ code: 'key_file_unsafe', file: join(folder, 'keys') });
    expect(await refusal(made)).toMatchObject({ code: 'key_file_unsafe' });
    rmSync(join(folder, 'keys'));
    mkdirSync(join(folder, 'keys'), { mode: 0o700 });
    symlinkSync(join(kept, 'kek'), path);
    expect(await refusal(() => open())).toMatchObject({ code: 'key_file_unsafe', reason: 'a symbolic link' });
  });

  test('S23: a link that leads nowhere is not filled', async () => {
    mkdirSync(join(folder, 'keys'), { mode: 0o700 });
    symlinkSync(join(folder, 'target'), path);
    expect(await outcome(made)).toBe('key_file_unsafe');
    expect(existsSync(join(folder, 'target'))).toBe(false);
  });

  test('S23: what is no regular file is refused, and none is waited for', async () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    expect(await refusal(() => open())).toMatchObject({ code: 'key_file_unsafe' });
    rmSync(path, { recursive: true });
    execFileSync('mkfifo', ['-m', '600', path]);
    expect(await refusal(() => open())).toMatchObject({ code: 'key_file_unsafe', reason: 'no regular file' });
    rmSync(join(folder, 'keys'), { recursive: true });
    writeFileSync(join(folder, 'keys'), '', { mode: 0o600 });
    expect(await refusal(made)).toMatchObject({ code: 'key_file_unsafe' });
  });

  test('S23: a file or a folder of another user is refused', async () => {
    await made();
    const me = process.geteuid?.() ?? 0;
    const foreign = { code: 'key_file_unsafe', reason: 'belongs to another user' };
    expect(await refusal(() => readKeyFile(path, me + 1))).toMatchObject({ ...foreign, file: join(folder, 'keys') });
    expect(await refusal(() => createKeyFile(join(folder, 'keys', 'b'), me + 1))).toMatchObject(foreign);
    if (me !== 0) return;
    chownSync(path, 12_345, 0);
    expect(await refusal(() => open())).toMatchObject({ ...foreign, file: path });
    chownSync(join(folder, 'keys'), 12_345, 0);
    expect(await refusal(() => open())).toMatchObject({ ...foreign, file: join(folder, 'keys') });
  });
});

describeWithStrace('S23: what the system calls of a new key file show', () => {
  test('S23: the key is on disk before it has its name, and its name and folders before anything is wrapped', async () => {
    const nested = join(folder, 'state', 'keys', 'kek');
    const calls = await trace([commandOf(nested, 'SAID ')], join(folder, 'trace'));
    const said = calls.find(({ name, args }) => name === 'write' && args.includes('"SAID '));
    const written = calls.find(({ name, args }) => /^p?write/.test(name) && /\.new>/.test(args));
    const synced = (place: string) =>
      calls.find(({ name, args, failed }) => name === 'fsync' && args.includes(`${place}>`) && !failed);
    const file = calls.find(
      ({ name, args, failed }) => name === 'fsync' && /kek\.[0-9a-f-]+\.new>/.test(args) && !failed,
    );
    const named = calls.find(({ name, args, failed }) => name === 'openat' && args.includes(`${nested}"`) && !failed);
    const order = [written, file, synced(join(folder, 'state', 'keys')), named, said].map((call) => call?.begun ?? -1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order.every((at) => at >= 0)).toBe(true);
    for (const place of [join(folder, 'state', 'keys'), join(folder, 'state'), folder])
      expect([place, (synced(place)?.ended ?? Infinity) < (said?.begun ?? -1)]).toEqual([place, true]);
  }, 60_000);
});
