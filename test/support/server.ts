import './fresh-lmdb.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { WardenOptions } from '../../src/config/options.js';
import type { NewCredential } from '../../src/compliance/credential-admin.js';
import type { DoorPlugin } from '../../src/http/door.js';
import { buildServer } from '../../src/http/server.js';
import { authenticating } from '../../src/identity/authenticate.js';
import { servicesOf } from '../../src/internals.js';
import { openWarden, type Warden } from '../../src/warden.js';
import type { WardenParts } from '../../src/wiring/parts.js';

const ADMIN = { id: 'test-admin', role: 'admin' } as const;

/** A server on a socket of loopback, with a warden on a store of its own. */
export interface Served {
  readonly app: FastifyInstance;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly warden: Warden;
  /** The folder that everything lies in. */
  readonly folder: string;
  /** Makes an API key. */
  key(credential: NewCredential): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts a server with some doors. The embedded store in a folder of its own is the default.
 *
 * @param acts how erasures wait, and what is called between the steps of long acts
 */
export async function serve(
  doors: readonly DoorPlugin[],
  options: WardenOptions = {},
  acts: WardenParts['acts'] = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-server-'));
  const given: WardenOptions = {
    store: { kind: 'embedded', path: join(folder, 'data') },
    keys: {
      kms: `local:${join(folder, 'keys', 'kek')}`,
      ledger: join(folder, 'ledger', 'erasures.ndjson'),
      store: { kind: 'embedded', path: join(folder, 'keys', 'store') },
    },
    ...options,
  };
  const warden = await openWarden(given, acts);
  const services = servicesOf(warden);
  const app = await buildServer({ warden, services, authenticate: authenticating(services.apiKeys) }, doors);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    url,
    warden,
    folder,
    key: async (credential) => (await warden.credentials.create(ADMIN, credential)).key,
    async close() {
      await app.close();
      await warden.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
