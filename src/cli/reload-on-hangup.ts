import type { Warden } from '../warden.js';
import type { Sink } from './io.js';
import { toError } from './failure.js';
import { write } from './io.js';
import { visibleLines } from './visible.js';

/**
 * Puts the policies in force anew at each SIGHUP, as servers do. Only for a process that is ours: a library leaves the
 * signals of its host alone, which may call `reloadPolicies` or `watchPolicies`.
 *
 * @param log is told what became of it; a set that does not load leaves the last good one in force (S5)
 * @param source what the signal comes from
 * @returns takes it back
 */
export function reloadOnHangup(
  warden: Pick<Warden, 'reloadPolicies'>,
  log: Sink,
  source: Pick<NodeJS.Process, 'on' | 'off'> = process,
): () => void {
  const onHangup = (): void => {
    void warden.reloadPolicies().then(
      (revision) => write(log, `policies reloaded, revision ${revision}\n`),
      (error: unknown) => {
        const { code, message } = toError(error);
        return write(log, `${visibleLines(`policies not reloaded, the last good set serves: ${code}: ${message}`)}\n`);
      },
    );
  };
  source.on('SIGHUP', onHangup);
  return () => void source.off('SIGHUP', onHangup);
}
