import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StorePlace } from './composition.js';

/** What to walk through, page by page. */
export interface Walk {
  readonly place: StorePlace;
  /** Whose memories; all users where none is given. */
  readonly userId?: string;
}

/** What a walk took. */
export interface Walked {
  readonly count: number;
  readonly seconds: number;
  readonly idleMiB: number;
  readonly peakMiB: number;
  readonly note: string;
}

/** Walks in a process of its own, so that what the suite holds does not hide what the walk takes. */
export async function walkApart(walk: Walk): Promise<Walked> {
  const script = fileURLToPath(new URL('./walk-process.js', import.meta.url));
  const child = fork(script, [JSON.stringify(walk)], { execArgv: ['--expose-gc'] });
  return new Promise((done, failed) => {
    child.once('message', (message) => done(message as Walked));
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`the walk ended with code ${code}`)));
  });
}
