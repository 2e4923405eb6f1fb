import { createHash } from 'node:crypto';
import type { Namespace } from '../../model/namespace.js';

/** Under which name an export is kept: of the job's id a digest alone. */
export function nameOf(job: string): string {
  return createHash('sha256').update(`memwarden kept export name 1 ${job}`).digest('hex');
}

/** Takes away everything that is kept under the name of an export. */
export async function dropped<T>(namespace: Namespace<T>, job: string): Promise<void> {
  const start = `${nameOf(job)}/`;
  for (;;) {
    const page = (await namespace.list(20, start)).filter(({ key }) => key.startsWith(start));
    if (page.length === 0) return;
    for (const { key } of page) await namespace.remove(key);
  }
}
