import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KmsDriver } from './wrapped.js';

/**
 * Gives an act a time to end in; what it still does then is told by a signal, and what it still brings is thrown away.
 *
 * @param milliseconds for the whole act, its retries and waits included
 * @param discard wipes what came too late
 * @throws MemwardenError kms_timeout
 */
export async function withDeadline<T>(
  driver: KmsDriver,
  milliseconds: number,
  act: (signal: AbortSignal) => Promise<T>,
  discard: (late: T) => void = () => undefined,
): Promise<T> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      over.abort();
      fail(new MemwardenError('kms_timeout', { driver, milliseconds }));
    }, milliseconds);
  });
  const outcome = act(over.signal);
  try {
    return await Promise.race([outcome, deadline]);
  } catch (error) {
    outcome.then(discard, () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
