import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT } from '../bench/project.js';

/** A server of the built package, in a process of its own. */
export interface LoadedServer {
  readonly child: ChildProcess;
  readonly url: string;
  /** From the start of the process to its first answer, in milliseconds. */
  readonly startMs: number;
}

/** Starts `memwarden serve` on a folder. */
export async function startServer(folder: string, environment: NodeJS.ProcessEnv = {}): Promise<LoadedServer> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [join(PROJECT, 'dist', 'cli', 'main.js'), 'serve', '--port', '0', '--log-level', 'error'],
    { cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface(child.stdout);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  const ready = (async () => {
    for await (const line of lines) {
      const told = JSON.parse(line) as { event?: string; url?: string };
      if (told.event === 'ready' && told.url !== undefined) return told.url;
    }
    throw new Error('the server said nothing');
  })();
  const url = await Promise.race([ready, ended]);
  child.stdout.resume();
  return { child, url, startMs: performance.now() - began };
}

/** Anonymous memory of a process, in bytes: what it holds itself, without files that it has mapped. */
export async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1_024;
}
