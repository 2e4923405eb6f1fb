import { open, readFile, rm } from 'node:fs/promises';
import { MemwardenError } from '../../errors/memwarden-error.js';

/**
 * Keeps a second process from importing the same file at the same time, which would store every line twice. A lock
 * whose process is gone is taken over.
 *
 * @returns gives it back
 * @throws MemwardenError conflict
 */
export async function lock(input: string): Promise<() => Promise<void>> {
  const path = `${input}.import-state.lock`;
  for (;;) {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isAlive(holder))
      throw new MemwardenError('conflict', { argument: 'file', reason: 'another process is importing it' });
    await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
