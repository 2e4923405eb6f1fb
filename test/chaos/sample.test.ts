import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { describeOnTypicalMongo, describeWithOwnServers, freshDatabase } from '../support/mongo/describe.js';
import { clientCrash } from './client-crash.js';
import { embeddedKill } from './embedded-kill.js';
import { embeddedOpens } from './embedded-opens.js';
import { pause } from './pause.js';
import { failover, replicaSetKill, standaloneKill } from './server-kill.js';
import type { Scenario } from './scenario.js';

// A sample of `npm run chaos`, with this seed.
const SEED = 20_263;
const setting = (rounds: number) => ({ seed: SEED, rounds, log: () => undefined });
const LONG = 180_000;

test(
  'G28: an embedded store keeps every acknowledged write of processes that are killed, whole and once',
  async () => {
    const figures = await embeddedKill(setting(20));
    expect(figures).toMatchObject({ kills: 20 });
    expect(figures['acknowledged']).toBeGreaterThan(100);
    expect(figures['deleted']).toBeGreaterThan(0);
  },
  LONG,
);

test(
  'G28: an embedded store keeps every acknowledged write while processes open and close it',
  async () => {
    const figures = await embeddedOpens(setting(1));
    expect(figures['opens']).toBeGreaterThan(100);
    expect(figures['acknowledged']).toBeGreaterThan(100);
  },
  LONG,
);

describeOnTypicalMongo('A client that is killed between two steps of an act', (deployment) => {
  test(
    'S11, S18: its act is carried through or taken back by the next repair',
    async () => {
      const database = freshDatabase(deployment.uri);
      try {
        expect(await clientCrash({ kind: 'mongodb', uri: database.uri, timeoutMs: 20_000 })).toEqual({ crashes: 19 });
      } finally {
        await database.drop();
      }
    },
    LONG,
  );
});

// These kill, stop and step down servers of their own.
describeWithOwnServers('A MongoDB server that fails during writes', () => {
  const scenarios: [string, Scenario, number][] = [
    ['G28: a standalone server that is killed loses no acknowledged write', standaloneKill, 3],
    ['G28: a replica set whose member is killed loses no acknowledged write', replicaSetKill, 1],
    ['G28: a set of three whose primary steps down and then is killed loses no acknowledged write', failover, 2],
  ];
  test.each(scenarios)(
    '%s, and has none twice',
    async (_, scenario, rounds) => {
      const figures = await scenario(setting(rounds));
      expect(figures['blows']).toBe(rounds);
      expect(figures['acknowledged']).toBeGreaterThan(50);
    },
    LONG,
  );

  test(
    'a server that stands still for 10 seconds ends calls in a typed timeout, and the client recovers by itself',
    async () => {
      const figures = await pause(setting(1));
      expect(Object.keys(figures)).toHaveLength(4);
    },
    LONG,
  );
});
