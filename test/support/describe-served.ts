import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import type { WardenOptions } from '../../src/config/options.js';
import { describeOnTypicalMongo, freshDatabase } from './mongo/describe.js';
import { serve } from './server.js';

/** Starts a server, on whatever store. */
export type Serve = typeof serve;

/** Runs a suite with servers on the embedded store, and with servers on a MongoDB deployment, where there is one. */
export function describeServed(name: string, suite: (serve: Serve) => void): void {
  describe(`${name} [embedded]`, () => suite(serve));
  describeOnTypicalMongo(name, ({ uri }) => suite(serving(uri)));
}

/** The same for what is about the doors rather than the store: on MongoDB with MEMWARDEN_TEST_EVERY=1 alone. */
export function describeServedMostly(name: string, suite: (serve: Serve) => void): void {
  if (process.env['MEMWARDEN_TEST_EVERY'] === '1') describeServed(name, suite);
  else describe(`${name} [embedded]`, () => suite(serve));
}

/** Starts servers each of which has databases of its own on a deployment. */
function serving(uri: string): Serve {
  return async (doors, options, acts) => {
    const [database, keyDatabase] = [freshDatabase(uri), freshDatabase(uri)];
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-server-'));
    const drop = async () => {
      await Promise.all([database.drop(), keyDatabase.drop()]);
      rmSync(folder, { recursive: true, force: true });
    };
    const given: WardenOptions = {
      migrate: true,
      store: { kind: 'mongodb', uri: database.uri },
      keys: {
        kms: `local:${join(folder, 'keys', 'kek')}`,
        ledger: join(folder, 'ledger', 'erasures.ndjson'),
        store: { kind: 'mongodb', uri: keyDatabase.uri },
      },
      ...options,
    };
    try {
      const served = await serve(doors, given, acts);
      return { ...served, folder, close: () => served.close().finally(drop) };
    } catch (error) {
      await drop();
      throw error;
    }
  };
}
