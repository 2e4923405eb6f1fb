import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { makeCheckpoint } from '../../src/audit/checkpoint.js';
import { FileSource } from '../../src/audit/files.js';
import { BufferedSink } from '../../src/audit/sinks/buffered.js';
import { FileDelivery } from '../../src/audit/sinks/file.js';
import { Alarms } from '../../src/metrics/alarms.js';
import { AuditMetrics } from '../../src/metrics/audit-metrics.js';
import { randomOf } from '../contract/support/workload.js';
import { flips, lineEdits, verdictOn } from './support/edits.js';
import { freshKeys, MemoryStorage, writeLog } from './support/logs.js';
import { describeWithPython, pythonVerdict } from './support/python.js';
import { rawFiles } from './support/raw-audit.js';

describeWithPython('G19: the stand-alone verifier', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-python-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('G19: it says what `audit verify` says, of a sound log and of every edit of it', async () => {
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    const log = join(folder, 'log');
    const parts = { metrics: new AuditMetrics(), alarms: new Alarms(), clock: () => new Date() };
    const delivery = new FileDelivery({ path: log, maxBytes: 4_000, synced: false });
    const sink = new BufferedSink(delivery, { required: true, maxBufferedBytes: 1 << 20 }, parts);
    await writeLog(storage, keys, [1, 3, 2], { sinks: [sink] });
    const open = await writeLog(storage, keys, [2, 1], { sinks: [sink], open: true });
    await sink.close();
    const checkpoint = await makeCheckpoint(storage, keys, new Date());
    const file = join(folder, 'checkpoint.json');
    writeFileSync(file, checkpoint);
    expect(pythonVerdict(log)).toEqual({ ok: true, streams: 2, records: 9, heads: 9 });
    expect(pythonVerdict(log, file)).toMatchObject({ ok: true });

    const raw = rawFiles(log);
    const rows = await raw.rows();
    const random = randomOf(20_268);
    const sample = [...flips(rows, 900, random), ...[...lineEdits(rows)].filter(() => random() < 0.25)];
    expect(sample.length).toBeGreaterThan(20);
    for (const edit of sample) {
      for (const { key, body } of edit.changes) await raw.put(key, body!);
      const python = pythonVerdict(log);
      for (const { key } of edit.changes) await raw.put(key, rows.find((row) => row.key === key)!.body);
      const own = await verdictOn(edit, raw, { source: new FileSource(log), keyOf, checkpoint }, rows);
      expect([edit.name, python['ok'], own.ok]).toEqual([edit.name, false, false]);
    }
    const cut = `${open}.0001.jsonl`;
    const body = rows.find(({ key }) => key === cut)!.body;
    const end = body.lastIndexOf('{"hash":');
    await raw.put(cut, body.subarray(0, end));
    expect(pythonVerdict(log)).toMatchObject({ ok: true });
    expect(pythonVerdict(log, file)).toMatchObject({ ok: false, first: { fault: 'tail_cut', stream: open, group: 2 } });
  });

  test('its Ed25519 refuses what RFC 8032 refuses: a changed message, S of the order or above, points off the curve', async () => {
    const { execFileSync } = await import('node:child_process');
    const program = [
      'import importlib.util, sys',
      'spec = importlib.util.spec_from_file_location("v", sys.argv[1]); v = importlib.util.module_from_spec(spec); spec.loader.exec_module(v)',
      // RFC 8032, 7.1, tests 1 and 3.
      'cases = [("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"), ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]',
      'for k, m, s in cases:',
      '    k, m, s = bytes.fromhex(k), bytes.fromhex(m), bytes.fromhex(s)',
      '    assert v.signature_is_valid(k, m, s)',
      '    assert not v.signature_is_valid(k, m + b"x", s)',
      '    assert not v.signature_is_valid(k, m, s[:32] + (int.from_bytes(s[32:], "little") + v.L).to_bytes(32, "little"))',
      '    assert not any(v.signature_is_valid(k, m, bytes(b ^ (1 << n % 8 if i == n else 0) for i, b in enumerate(s))) for n in range(64))',
      'assert v.decode_point((v.P + 1).to_bytes(32, "little")) is None',
      'assert not v.signature_is_valid(b"\\x02" + bytes(31), b"", bytes(64)) and not v.signature_is_valid(bytes(31), b"", bytes(64))',
      'print("held")',
    ].join('\n');
    const script = new URL('../../tools/verify-audit.py', import.meta.url).pathname;
    expect(execFileSync('python3', ['-c', program, script], { encoding: 'utf8' })).toBe('held\n');
  });
});
