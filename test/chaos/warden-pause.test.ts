import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { describeWithOwnServers } from '../support/mongo/describe.js';
import { startReplicaSet, startStandalone } from '../support/mongo/deployment.js';
import { wardenPause } from './warden-pause.js';

// A server of a URI that was given cannot be stopped from here.
describeWithOwnServers('A warden whose server stands still for 10 seconds', () => {
  test.each([
    ['standalone', startStandalone],
    ['replica set of one', () => startReplicaSet({ members: 1 })],
  ])(
    'each call ends in a typed error within its time and a second, and the same warden goes on after (%s)',
    async (_, start) => {
      expect(await wardenPause(await start())).toMatchObject({ calls: 20 });
    },
    60_000,
  );
});
