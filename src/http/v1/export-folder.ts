import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportFormat } from '../../model/export.js';
import { isPlace } from '../job-row.js';
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

/** Takes away what no job that runs writes: what a process that died has left in clear. Nothing but folders of jobs. */
export async function sweepFolder(folder: string, jobs: Jobs): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries)
    if (entry.isDirectory() && isPlace(entry.name) && (await jobs.at(entry.name))?.state !== 'running')
      await clear(folder, entry.name);
}
