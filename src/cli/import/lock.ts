import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { MemwardenError } from '../../errors/memwarden-error.js';

/**
 * Keeps a second process from importing the same file at the same time, which would store every line twice, or from
 * writing the same export. A lock whose process is gone is taken over.
 *
 * @returns gives it back
 * @throws MemwardenError conflict
 */
export async function lock(file: string, act: 'import' | 'export' = 'import'): Promise<() => Promise<void>> {
  const path = `${file}.${act}-state.lock`;
  for (;;) {
    if (await take(path)) return () => rm(path, { force: true });
    const holder = await readFile(path, 'utf8').catch(() => undefined);
    if (holder === undefined) continue;
    if (isAlive(holder)) throw held(act);
    await clear(path, holder, act);
  }
}

// Linked into place with its text in it, so that nobody reads a lock that does not say yet whose it is.
async function take(path: string): Promise<boolean> {
  const mine = `${path}.${randomUUID()}`;
  try {
    await writeFile(mine, `${process.pid} ${THIS_PROCESS}`, { flag: 'wx', mode: 0o600 });
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(mine, { force: true });
  }
}

// Moved aside and looked at again: between the look and the move another process may have taken it over.
async function clear(path: string, stale: string, act: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if ((await readFile(aside, 'utf8')) === stale) return;
    await link(aside, path).catch(() => undefined);
    throw held(act);
  } finally {
    await rm(aside, { force: true });
  }
}

// A number may come again for another process, in a container that is always 1.
const THIS_PROCESS = randomUUID();

function isAlive(holder: string): boolean {
  const [number = '', name] = holder.split(' ');
  const pid = Number(number);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return name === THIS_PROCESS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function held(act: string): MemwardenError {
  return new MemwardenError('conflict', { argument: 'file', reason: `another process is at this ${act}` });
}
