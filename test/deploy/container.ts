import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Built } from '../cli/built.js';
import { image } from './image.js';

const IMAGE = image();
const PORT = /\b8420\b/g;

/** How a command of a container ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs in a container. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/**
 * The image as a folder with what it copies and nothing else, and another one for its volume. Its commands are run as they
 * stand, with its environment alone; `node` is this one, and the port one that is free here.
 */
export interface Container {
  readonly url: string;
  /** The volume. */
  readonly volume: string;
  start(command: readonly string[]): RunningCommand;
  /** What lies in the working folder, links not followed: a container may write nothing there. */
  files(): string[];
  remove(): void;
}

/** Makes one of the compiled package. */
export async function container(built: Built, environment: Readonly<Record<string, string>> = {}): Promise<Container> {
  const port = String(await freePort());
  const root = mkdtempSync(join(tmpdir(), 'memwarden-image-'));
  const [work, volume] = [join(root, 'work'), join(root, 'volume')];
  for (const folder of [work, volume]) mkdirSync(folder, { mode: 0o700 });
  const folder = dirname(dirname(dirname(built.main)));
  for (const name of IMAGE.copied) symlinkSync(join(folder, name), join(work, name));
  const here = (text: string) => text.replaceAll(IMAGE.volume, volume).replace(PORT, port);
  const given = Object.entries({ ...IMAGE.env, ...environment }).map(([name, value]) => [name, here(value)]);
  const env = { PATH: process.env['PATH'] ?? '', ...(Object.fromEntries(given) as Record<string, string>) };
  return {
    url: `http://127.0.0.1:${port}`,
    volume,
    start([program, ...argv]) {
      if (program !== 'node') throw new Error('the image has node alone');
      const stdio = ['ignore', 'pipe', 'pipe'] as const;
      const child = spawn(process.execPath, argv.map(here), { cwd: work, env, stdio: [...stdio] });
      let [out, err] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
      const ended = new Promise<Ended>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, out, err }));
      });
      return { child, ended };
    },
    files: () => readdirSync(work).sort(),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
