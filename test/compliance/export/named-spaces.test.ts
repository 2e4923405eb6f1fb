import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Totals } from '../../../src/compliance/export/totals.js';

const VERIFIER = new URL('../../../tools/verify-export.py', import.meta.url).pathname;
const SCRIPT = `
import importlib.util, json, pathlib, sys
spec = importlib.util.spec_from_file_location("verifier", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
try:
    verifier.check_counts(pathlib.Path(sys.argv[2]), json.loads(pathlib.Path(sys.argv[3]).read_text()))
    print("right")
except verifier.Fault as fault:
    print("wrong")
`;

test('G23: a manifest names up to 1,000 spaces one by one, no more, and both verifiers say so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-test-'));
  try {
    for (const [spaces, named] of [
      [1_000, 1_000],
      [1_001, undefined],
    ] as const) {
      const totals = new Totals();
      const lines = Array.from({ length: spaces }, (_, n) => ({ space: `s${n}`, count: 2, levels: { public: 2 } }));
      for (const line of lines) totals.add(line);
      const { counts } = totals;
      expect([counts.memories, counts.spaces?.length]).toEqual([2 * spaces, named]);
      expect(totals.are(counts)).toBe(true);
      const other = { ...counts, spaces: [{ space: 's0', memories: 2, levels: { public: 2 } }] };
      expect(totals.are(other)).toBe(false);
      const [file, told] = [join(folder, 'users.ndjson'), join(folder, 'counts.json')];
      writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const said = [counts, other].map((each) => {
        writeFileSync(told, JSON.stringify(each));
        return execFileSync('python3', ['-c', SCRIPT, VERIFIER, file, told], { encoding: 'utf8' }).trim();
      });
      expect(said).toEqual(['right', 'wrong']);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
