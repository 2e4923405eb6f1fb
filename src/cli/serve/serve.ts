import { dirname, join, resolve } from 'node:path';
import { toSettings } from '../../config/options.js';
import { loadServerConfig, type ServerSources } from '../../config/serve/load.js';
import type { ServerConfig } from '../../config/serve/schema.js';
import { wardenOptionsOf } from '../../config/serve/warden-options.js';
import { writeKeyFile } from '../../http/serve/first-start.js';
import { startServer, type Running } from '../../http/serve/start.js';
import { EXIT } from '../exit-codes.js';
import { write, type Io } from '../io.js';
import { assertStore } from '../store-there.js';
import { reloadOnHangup } from '../reload-on-hangup.js';
import { jsonLine } from '../visible.js';
import { doorsOf } from './doors.js';

/** Where signals come from; tests hand in their own. */
export type Signals = Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid' | 'exit'>;

const ENDING = ['SIGTERM', 'SIGINT'] as const;
// A terminal, npm or `timeout` tells a process and its group: what comes within this time was meant once.
const ONCE_MS = 500;

/**
 * Runs a server until a signal ends it.
 *
 * @returns the exit code: 0 where everything that was running ended, 1 where the time-out cut something off
 * @throws MemwardenError config_invalid, and what `createWarden` throws
 */
export async function serve(sources: ServerSources, io: Io, signals: Signals = process): Promise<number> {
  const config = loadServerConfig({ environment: io.env, ...sources });
  await assertStore(wardenOptionsOf(config), true);
  const running = await startServer({
    config,
    doors: doorsOf(config),
    log: io.stdout,
    onFirstKey: ({ key }) => tellOfKey(key, config, io),
  });
  const { url, metricsUrl, warden } = running;
  const unhook = reloadOnHangup(running, io.stderr);
  const { policyRevision } = warden;
  await write(
    io.stdout,
    `${jsonLine({ event: 'ready', url, ...(metricsUrl ? { metricsUrl } : {}), policyRevision })}\n`,
  );
  if (io.stdout.isTTY === true) await write(io.stdout, nextSteps(running));
  const ended = await untilSignal(running, signals);
  unhook();
  return ended ? EXIT.ok : EXIT.cutOff;
}

async function untilSignal(running: Running, signals: Signals): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let since: number | undefined;
    const deaf = () => ENDING.forEach((name) => signals.off(name, onSignal));
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      if (since !== undefined) {
        if (now - since < ONCE_MS) return;
        deaf();
        endNow(signals, signal);
        return;
      }
      since = now;
      running.log.info({ signal }, 'stopping');
      // It still listens when all is stopped: one more of the same would end the process by it instead of with its code.
      void running.stop().then(resolve, reject);
    };
    for (const name of ENDING) signals.on(name, onSignal);
  });
}

// By the signal itself: what runs at an exit waits for the threads of LMDB, and those may wait for this one.
function endNow(signals: Signals, signal: NodeJS.Signals): void {
  signals.kill(signals.pid, signal);
  // The first process of a container does not die of it.
  signals.exit(signal === 'SIGINT' ? 130 : 143);
}

// Printed once where somebody reads it; never into a log that is kept.
async function tellOfKey(key: string, config: ServerConfig, io: Io): Promise<void> {
  if (io.stdout.isTTY === true) {
    await write(io.stdout, `\nThe admin key, which is shown this once:\n\n    ${key}\n\n`);
    return;
  }
  const path = adminKeyFile(config);
  await writeKeyFile(path, key);
  await write(io.stdout, `${jsonLine({ event: 'admin-key', file: path })}\n`);
}

function adminKeyFile(config: ServerConfig): string {
  const { store } = toSettings(wardenOptionsOf(config));
  const beside = store.kind === 'embedded' ? join(dirname(resolve(store.path)), 'admin-key') : './.memwarden/admin-key';
  return resolve(config.adminKeyFile ?? beside);
}

function nextSteps({ url }: Running): string {
  return `
Store a memory, where KEY is the admin key:

    curl ${url}/v1/users/alice/memories -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' -d '{"content":"Alice is vegetarian."}'

`;
}
