// Compiles src to dist, where dist is not of this src already. The compiler is called by its module, so that no shell and
// no PATH is needed; it writes beside dist, which is replaced at the end, so that no program loses its files half way.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [dist, fresh] = ['dist', '.dist-new'].map((name) => join(root, name));
const mark = join(dist, '.source');
const source = digest();

if (!existsSync(mark) || readFileSync(mark, 'utf8') !== source) {
  if (process.stderr.isTTY) process.stderr.write('compiling ...\n');
  rmSync(fresh, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json', '--outDir', fresh], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(join(fresh, '.source'), source);
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
}

// Of all that the compiler reads: the sources, its settings and what is installed.
function digest() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const settings = ['tsconfig.json', 'package-lock.json']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path));
  const all = [...sources, ...settings].sort();
  for (const path of all)
    hash
      .update(`${path.slice(root.length)}\0`)
      .update(readFileSync(path))
      .update('\0');
  return hash.digest('hex');
}
