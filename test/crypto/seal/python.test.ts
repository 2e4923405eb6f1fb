import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buryRecord, keepState, sealRecord } from '../../../src/crypto/seal/record-sealer.js';
import type { MemoryRecord } from '../../../src/model/fields.js';
import { toHistoryRow, toMemoryRow } from '../../../src/store/mongodb/rows.js';
import { Random } from '../../parity/random.js';
import { toExtendedJson } from './extended-json.js';
import { clearRecord, keyOf, keysOf, OPEN, without } from './setting.js';

const path = (from: string) => fileURLToPath(new URL(`../../../${from}`, import.meta.url));
const TOOL = path('tools/open_sealed.py');
const GOLDEN = path('test/crypto/golden/');
const WYCHEPROOF = path('../shared/data/wycheproof/aes_gcm_test.json');
const AT = new Date('2026-02-01T12:00:00.000Z');

const isHere = spawnSync('python3', ['--version']).status === 0;

// No bytecode beside the tool.
function run(args: readonly string[], input = '') {
  const options = { encoding: 'utf8', input, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } } as const;
  return spawnSync('python3', [TOOL, ...args], options);
}

if (!isHere) {
  const required = process.env['MEMWARDEN_REQUIRE_PYTHON'] === '1';
  if (!required)
    process.stderr.write('\n!! SKIPPED: the decryptor in Python was not tried: no python3 on the PATH.\n\n');
  (required ? describe : describe.skip)('G15: the decryptor in Python', () => {
    test('SKIPPED: put python3 on the PATH', () => {
      throw new Error('MEMWARDEN_REQUIRE_PYTHON=1, but there is no python3');
    });
  });
} else {
  describe('G15: the decryptor in Python', () => {
    let folder: string;
    let keyFile: string;
    const keys = keysOf('alice');
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'memwarden-python-'));
      keyFile = join(folder, 'key');
      writeFileSync(keyFile, `${keyOf('alice').toString('hex')}\n`);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const opened = (rows: readonly object[], name = 'rows.json') => {
      const file = join(folder, name);
      writeFileSync(file, rows.map((row) => `${JSON.stringify(toExtendedJson(row))}\n`).join(''));
      const { stdout, stderr, status } = run(['--key-file', keyFile, file]);
      const lines = stdout.split('\n').filter(Boolean);
      return { lines: lines.map((line) => JSON.parse(line) as { kind: string; open: object }), stderr, status };
    };

    test('G15: opens every golden file of every format, and reads what memwarden reads', () => {
      for (const format of readdirSync(GOLDEN, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
        const files = readdirSync(join(GOLDEN, format.name)).map((name) => join(GOLDEN, format.name, name));
        const { stdout, status, stderr } = run(files);
        expect([status, stderr]).toEqual([0, '']);
        const goldens = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
        const lines = stdout.split('\n').filter(Boolean);
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
          goldens.map(({ kind, open, record }) => ({ id: (record as { id: string }).id, kind, open })),
        );
        expect(lines.length).toBeGreaterThan(5);
      }
    });

    test('G15: opens rows as they are exported from MongoDB: memories, past, emptied and last states', () => {
      const memory = sealRecord(keys, clearRecord({ occurred_at: new Date(-1) }), OPEN);
      const state = keepState(keys, memory);
      const emptied = without(state, 'content', 'metadata', 'speaker', 'seal');
      const rows = [
        toMemoryRow(memory),
        toHistoryRow(state),
        toHistoryRow(emptied),
        toHistoryRow(buryRecord(keys, memory, AT), AT),
      ];
      const { lines, status, stderr } = opened(rows);
      expect([status, stderr]).toEqual([0, '']);
      expect(lines.map(({ kind, open }) => [kind, open])).toEqual([
        ['memory', OPEN],
        ['history', OPEN],
        ['history', {}],
        ['deleted', {}],
      ]);
    });

    test('G15: opens texts of every length around the block, and any characters', () => {
      const random = new Random(7);
      const texts = Array.from({ length: 70 }, (_, n) =>
        Array.from({ length: n }, () => random.pick(['a', 'é', '東', '🚆', '\u0000', '"'])).join(''),
      );
      const { lines, status } = opened(texts.map((content) => sealRecord(keys, clearRecord(), { content })));
      expect(status).toBe(0);
      expect(lines.map(({ open }) => open)).toEqual(texts.map((content) => ({ content })));
    });

    test('S19: refuses every change of a record, says nothing of it, and ends with 1', () => {
      const memory = sealRecord(keys, clearRecord(), OPEN);
      const flip = (bytes: unknown, at: number) => {
        const copy = Buffer.from(bytes as Buffer);
        copy[at] = (copy[at] as number) ^ 1;
        return copy;
      };
      const changes: Partial<Record<keyof MemoryRecord, unknown>>[] = [
        ...Object.keys(memory).map((name) => ({ [name]: undefined })),
        { sensitivity: 'public' },
        { version: 2 },
        { tenant: 'other' },
        { key_id: 'x' },
        { expires_at: new Date('2099-01-01') },
        { content: flip(memory.content, 0) },
        { content: flip(memory.content, 20) },
        { content: flip(memory.content, 70) },
        { content: OPEN.content },
        { speaker: memory.content },
        { seal: flip(memory.seal, 1) },
        { seal: flip(memory.seal, 129) },
        { bare: memory.seal },
        { extra: 'x' } as never,
      ];
      const rows = changes.map(
        (change) => JSON.parse(JSON.stringify(toExtendedJson({ ...memory, ...change }))) as object,
      );
      const { lines, status, stderr } = opened(rows);
      expect([lines, status]).toEqual([[], 1]);
      expect(stderr.split('\n').filter(Boolean)).toHaveLength(changes.length);
      expect(stderr).not.toContain('alice');
      expect(opened([memory]).lines).toHaveLength(1);
    });

    test('S23: refuses another key', () => {
      const { lines, status } = opened([sealRecord(keysOf('bob', keys.keyId), clearRecord(), OPEN)]);
      expect([lines, status]).toEqual([[], 1]);
    });

    (existsSync(WYCHEPROOF) ? test : test.skip)(
      'G10: its AES-GCM agrees with Wycheproof (SKIPPED where the vectors are not in ../shared/data)',
      () => {
        const { testGroups } = JSON.parse(readFileSync(WYCHEPROOF, 'utf8')) as {
          testGroups: { keySize: number; ivSize: number; tests: { msg: string; result: string }[] }[];
        };
        const tests = testGroups
          .filter(({ keySize, ivSize }) => keySize === 256 && ivSize === 96)
          .flatMap((group) => group.tests);
        const { stdout, status } = run(['--check-gcm'], JSON.stringify(tests));
        expect(status).toBe(0);
        expect(JSON.parse(stdout)).toEqual(tests.map(({ msg, result }) => (result === 'valid' ? msg : null)));
        expect(tests.length).toBeGreaterThanOrEqual(60);
      },
    );
  });
}
