import '../../support/fresh-lmdb.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openEmbedded } from '../../../src/store/embedded/driver.js';
import { commandOf } from '../support/spawn.js';
import { freshPartition } from '../support/stores.js';
import { describeWithStrace, trace, type SystemCall } from '../support/trace.js';

const TIMES = 12;
const WRITERS = ['a', 'b'];
const markers = WRITERS.flatMap((name) => Array.from({ length: TIMES }, (_, n) => `MARK${name}${n}.`));
/** The first two pages of the file name the commit that readers see. */
const ROOTS = 8_192;
const SYNCS = ['fdatasync', 'fsync', 'msync'];
const WRITES = ['pwrite64', 'pwritev', 'pwritev2', 'write', 'writev'];

describeWithStrace('S17: what the system calls of the embedded store show', () => {
  let folder: string;
  let calls: readonly SystemCall[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'memwarden-trace-'));
    const place = { kind: 'embedded', path: join(folder, 'data') } as const;
    const driver = await openEmbedded(place);
    await driver.migrate();
    await driver.close();
    const { tenant } = freshPartition();
    const order = (task: string, name: string, userId: string) =>
      commandOf({ place, task, args: { partition: { tenant, userId }, times: TIMES, name } });
    const users = WRITERS.map((name) => [name, `user-${name}`] as const);
    const commands = users.flatMap(([name, user]) => [order('acknowledge', name, user), order('watch', name, user)]);
    calls = await trace(commands, join(folder, 'trace'));
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const toData = (call: SystemCall) => call.args.includes('/data.mdb>') && !call.failed;
  const printed = (text: string) => calls.find((call) => call.name === 'write' && call.args.includes(`"${text}`));

  const offsetOf = ({ args }: SystemCall) => Number(/, (\d+)(?: <unfinished \.\.\.>)?\)\s+= \d+$/.exec(args)?.[1] ?? 0);

  /** When what a marker stands in was synced, and then the page of the file that makes it valid. */
  const durable = (marker: string): { data: number; root: number; early: number } => {
    const written = calls.find((call) => WRITES.includes(call.name) && toData(call) && call.args.includes(marker));
    if (!written) throw new Error(`${marker} was not written`);
    const synced = calls.find((call) => SYNCS.includes(call.name) && toData(call) && call.begun > written.ended);
    const opened = calls.filter((call) => call.name === 'openat' && /data\.mdb", [^)]*O_D?SYNC/.test(call.args));
    const synchronous = new Set(opened.map(({ pid, args }) => `${pid} ${/= (\d+)</.exec(args)?.[1] ?? ''}`));
    expect(synchronous.size).toBeGreaterThan(0);
    const descriptors = new Set([...synchronous].map((one) => one.split(' ')[1]));
    const root = calls.find(
      (call) =>
        WRITES.includes(call.name) &&
        toData(call) &&
        call.begun > (synced?.ended ?? Infinity) &&
        descriptors.has(/^(\d+)</.exec(call.args)?.[1]),
    );
    const early = calls.filter(
      (call) =>
        ['pwrite64', 'pwritev'].includes(call.name) &&
        toData(call) &&
        offsetOf(call) < ROOTS &&
        call.begun > written.begun &&
        call.begun < (synced?.ended ?? Infinity),
    );
    return { data: synced?.ended ?? Infinity, root: root?.ended ?? Infinity, early: early.length };
  };

  test('the trace holds every write, every acknowledgement and every read', () => {
    for (const marker of markers) {
      expect([marker, printed(`ACK ${marker}`) !== undefined]).toEqual([marker, true]);
      expect([marker, printed(`SAW ${marker}`) !== undefined]).toEqual([marker, true]);
    }
  });

  test('nothing makes a commit visible to others before it is on disk', () => {
    for (const marker of markers) expect([marker, durable(marker).early]).toEqual([marker, 0]);
  });

  test('no acknowledgement comes before what it acknowledges is on disk', () => {
    for (const marker of markers) {
      const { data, root } = durable(marker);
      const said = printed(`ACK ${marker}`)?.begun ?? -1;
      expect([marker, said > data, said > root]).toEqual([marker, true, true]);
    }
  });

  test('no read that another process releases comes before what it releases is on disk', () => {
    for (const marker of markers) {
      const { data, root } = durable(marker);
      const said = printed(`SAW ${marker}`)?.begun ?? -1;
      expect([marker, said > data, said > root]).toEqual([marker, true, true]);
    }
  });
});
