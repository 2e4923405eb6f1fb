import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// What the package is made of. A copy is packed, so that no other suite finds `dist` half built.
const PARTS = ['src', 'scripts', 'policies', 'examples', 'docs', 'tools', 'tsconfig.json', 'package.json'];
const PAGES = ['README.md', 'LICENSE', 'CHANGELOG.md'];

/** The package as npm would publish it. */
export interface Packed {
  /** The tarball. */
  readonly tarball: string;
  /** The paths in it. */
  readonly files: readonly string[];
  /** A folder to work in, beside the tarball. */
  readonly folder: string;
  remove(): void;
}

/** Builds and packs a copy of the project. */
export function pack(): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-package-'));
  const copy = join(folder, 'project');
  mkdirSync(copy);
  for (const part of [...PARTS, ...PAGES]) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const [made] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], copy)) as [
    { filename: string; files: { path: string }[] },
  ];
  return {
    tarball: join(folder, made.filename),
    files: made.files.map(({ path }) => path).sort(),
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs npm and returns what it printed; throws with what it complained of. */
export function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
}

/** Runs a program of Node and returns what it printed. */
export function node(args: readonly string[], cwd: string): string {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  return execFileSync(process.execPath, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
}
