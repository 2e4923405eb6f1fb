import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';
const NAME = 'memwarden-run-';
const ROOM = 8 * 1024 ** 3;

/**
 * Makes the folder that everything of a run of tests lies in, and names it in TMPDIR: in memory where there is room, for
 * the tests make hundreds of databases, and most of that is waiting for a disk.
 */
export function makeScratch(): string {
  const above = isRoomy() ? IN_MEMORY : tmpdir();
  sweep(above);
  const folder = mkdtempSync(join(above, `${NAME}${process.pid}-`));
  process.env['TMPDIR'] = folder;
  return folder;
}

export function removeScratch(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

// What runs left that were killed; memory is not to be lost.
function sweep(above: string): void {
  for (const name of readdirSync(above)) {
    const pid = name.startsWith(NAME) ? Number(name.slice(NAME.length).split('-')[0]) : NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) removeScratch(join(above, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// Where TMPDIR says another place, that is meant.
function isRoomy(): boolean {
  if (process.env['TMPDIR'] !== undefined) return false;
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize > ROOM && freemem() > ROOM;
  } catch {
    return false;
  }
}
