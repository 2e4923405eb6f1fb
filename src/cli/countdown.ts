import { setTimeout as sleep } from 'node:timers/promises';
import type { Counter } from './progress.js';

const STEP_MS = 1_000;

/**
 * How a command waits before a certificate may be signed: it tells a person how long that still is.
 *
 * @param doing what the line begins with: `erasing`
 * @param pause waits for some milliseconds
 */
export function countdown(
  count: Counter,
  doing: string,
  pause: (ms: number) => Promise<unknown> = sleep,
): (ms: number) => Promise<void> {
  return async (ms) => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      count.say(
        `${doing}: every process lets go of the keys, and the certificate is signed in ${Math.ceil(left / 1_000)} s`,
      );
      await pause(Math.min(left, STEP_MS));
    }
    count.say(`${doing}: what came in between is deleted, then the certificate is signed`);
  };
}
