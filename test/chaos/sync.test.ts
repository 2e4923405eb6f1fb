import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commandOf } from '../contract/support/spawn.js';
import { describeWithStrace, trace, type SystemCall } from '../contract/support/trace.js';

const ADDS = 20;
const markers = Array.from({ length: ADDS }, (_, n) => `MARKa${n}.`);
const SYNCS = ['fdatasync', 'fsync', 'msync'];
const WRITES = ['pwrite64', 'pwritev', 'pwritev2', 'write', 'writev'];

describeWithStrace('S17: one writer of an embedded store with a reader of its own beside it', () => {
  let folder: string;
  let calls: readonly SystemCall[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'memwarden-sync-'));
    const place = { kind: 'embedded', path: join(folder, 'data') } as const;
    const partition = { tenant: 'default', userId: 'alice' };
    const tasks = ['acknowledge', 'watch'];
    const commands = tasks.map((task) => commandOf({ place, task, args: { partition, times: ADDS, name: 'a' } }));
    calls = await trace(commands, join(folder, 'trace'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const toData = ({ args, failed }: SystemCall) => args.includes('/data.mdb>') && !failed;
  const writeOf = (marker: string) =>
    calls.find((call) => WRITES.includes(call.name) && toData(call) && call.args.includes(marker));
  const lineOf = (text: string) => calls.find(({ name, args }) => name === 'write' && args.includes(`"${text}`));

  test.each(markers)(
    'between the write of %s and the line that acknowledges it, a sync of the data has ended',
    (marker) => {
      const written = writeOf(marker);
      const acknowledged = lineOf(`ACK ${marker}`);
      expect([written, acknowledged]).not.toContain(undefined);
      const synced = calls.filter(
        (call) =>
          SYNCS.includes(call.name) && toData(call) && call.begun > written!.ended && call.ended < acknowledged!.begun,
      );
      expect(synced.length).toBeGreaterThan(0);
    },
  );

  test('the reader released each of them too, so that the trace is of a store that is read', () => {
    expect(markers.filter((marker) => lineOf(`SAW ${marker}`) === undefined)).toEqual([]);
  });
});
