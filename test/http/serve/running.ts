import '../../support/fresh-lmdb.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadServerConfig } from '../../../src/config/serve/load.js';
import type { DoorPlugin } from '../../../src/http/door.js';
import { startServer, type Running, type StartOptions } from '../../../src/http/serve/start.js';

/** A whole server in this process, on a store of its own. */
export interface Started extends Running {
  /** The first admin key. */
  readonly key: string;
  readonly folder: string;
  /** What it has logged until now, a value a line. */
  lines(): Record<string, unknown>[];
  /** Ends it and takes its folder away. */
  end(): Promise<void>;
}

/** Starts one. @param set settings by their paths */
export async function startedServer(
  doors: readonly DoorPlugin[],
  set: Readonly<Record<string, unknown>> = {},
  more: Partial<StartOptions> = {},
): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-running-'));
  let key = '';
  let text = '';
  const log = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const flags = {
    port: 0,
    store: { kind: 'embedded', path: join(folder, 'data') },
    'keys.kms': `local:${join(folder, 'keys', 'kek')}`,
    'shutdown.drainMs': 50,
    ...set,
  };
  const config = loadServerConfig({ flags });
  const running = await startServer({
    config,
    doors,
    log,
    onFirstKey: async (made) => void (key = made.key),
    ...more,
  }).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  let ended: Promise<unknown> | undefined;
  return {
    ...running,
    key,
    folder,
    lines: () => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>])),
    stop: () => (ended ??= running.stop()) as Promise<boolean>,
    async end() {
      await (ended ??= running.stop());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
