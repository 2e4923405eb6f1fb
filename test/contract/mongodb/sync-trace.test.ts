import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeWithOwnServers, freshDatabase } from '../../support/mongo/describe.js';
import { startReplicaSet, startStandalone, type Deployment } from '../../support/mongo/deployment.js';
import { openPlace } from '../support/place.js';
import { commandOf } from '../support/spawn.js';
import { freshPartition } from '../support/stores.js';
import { describeWithStrace, trace, type SystemCall } from '../support/trace.js';

const TIMES = 8;
const markers = Array.from({ length: TIMES }, (_, n) => `MARKa${n}.`);
const kinds: [string, () => Promise<Deployment>][] = [
  ['standalone', startStandalone],
  ['replica set', () => startReplicaSet({ members: 1 })],
];

// Servers of this test's own, for strace needs their process ids.
describeWithOwnServers('A mongod of its own', () =>
  describe.each(kinds)('as a %s', (kind, begin) => {
    describeWithStrace('S17: what its system calls show', () => {
      let folder: string;
      let deployment: Deployment | undefined;
      let calls: readonly SystemCall[] = [];

      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'memwarden-trace-'));
        deployment = await begin();
        const place = { kind: 'mongodb', uri: freshDatabase(deployment.uri).uri } as const;
        const driver = await openPlace(place);
        await driver.migrate();
        await driver.close();
        const partition = freshPartition();
        const tasks = ['acknowledge', ...(kind === 'standalone' ? [] : ['watch'])];
        const commands = tasks.map((task) => commandOf({ place, task, args: { partition, times: TIMES, name: 'a' } }));
        calls = await trace(commands, join(folder, 'trace'), deployment.processes[0]?.pid);
      }, 180_000);
      afterAll(async () => {
        await deployment?.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      const server = () => String(deployment?.processes[0]?.pid);
      const printed = (text: string) => calls.find(({ name, args }) => name === 'write' && args.includes(`"${text}`));
      /** When the server had the marker, and when a sync of its journal that began after that had ended. */
      const durable = (marker: string): number => {
        const received = calls.find(
          ({ name, args }) => /^(recvmsg|recvfrom|read)$/.test(name) && args.includes(marker),
        );
        if (!received) throw new Error(`no server received ${marker}`);
        const synced = calls.find(
          ({ name, args, begun, failed }) =>
            /^f(data)?sync$/.test(name) && args.includes('WiredTigerLog') && !failed && begun > received.begun,
        );
        return synced?.ended ?? Infinity;
      };

      test('no acknowledgement comes before the journal that holds the write was synced', () => {
        expect(Number(server())).toBeGreaterThan(0);
        for (const marker of markers) {
          const said = printed(`ACK ${marker}`)?.begun ?? -1;
          expect([marker, said > durable(marker)]).toEqual([marker, true]);
        }
      });

      // A standalone server has no majority commit point: it answers reads with what its journal does not hold yet.
      if (kind !== 'standalone')
        test('no read is released before the journal was synced', () => {
          for (const marker of markers) {
            const said = printed(`SAW ${marker}`)?.begun ?? -1;
            expect([marker, said > durable(marker)]).toEqual([marker, true]);
          }
        });
    });
  }),
);
