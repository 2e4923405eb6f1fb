import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The command line compiled into a folder of its own, laid out as the package is. Needs no `npm run build`. */
export interface Built {
  readonly main: string;
  remove(): Promise<void>;
}

export async function build(): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'memwarden-built-'));
  const sources = (await readdir(join(ROOT, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  for (const name of sources) {
    const { code } = await transformFile(join(ROOT, 'src', name), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    const target = join(folder, 'dist', name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, code);
  }
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const name of ['policies', 'examples', 'node_modules']) await symlink(join(ROOT, name), join(folder, name));
  return { main: join(folder, 'dist/cli/main.js'), remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Starts the built command line in a process of its own. */
export function start(
  built: Built,
  argv: readonly string[],
  cwd: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  const passed = ['PATH', 'HOME', 'MEMWARDEN_KMS', 'MEMWARDEN_LEDGER'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passed.includes(name)));
  const child = spawn(process.execPath, [built.main, ...argv], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}
