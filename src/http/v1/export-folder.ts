import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportFormat } from '../../model/export.js';
import type { Jobs } from '../jobs.js';

/** What is asked for of an export that decides the name of its file. */
export interface Form {
  readonly format?: ExportFormat | undefined;
  readonly gzip?: boolean | undefined;
}

/** The name of the file of an export. */
export function fileNameOf({ format = 'ndjson', gzip = false }: Form): string {
  return `memories.${format}${gzip ? '.gz' : ''}`;
}

/** The folder that an export is written in before it is kept: its owner's alone. */
export async function folderOf(folder: string, job: string): Promise<string> {
  const path = join(folder, job);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Takes away what a job has left in the folder. */
export async function clear(folder: string, job: string): Promise<void> {
  await rm(join(folder, job), { recursive: true, force: true });
}

/** Takes away what no job that runs writes: what a process that died has left in clear. */
export async function sweepFolder(folder: string, jobs: Jobs): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if ((await jobs.at(name))?.state !== 'running') await clear(folder, name);
}
