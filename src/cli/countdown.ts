import { setTimeout as sleep } from 'node:timers/promises';
import type { Counter } from './progress.js';

const STEP_MS = 1_000;

/** What a command that waits until nobody holds a key any more says meanwhile; each line fits a terminal of 80 columns. */
export interface Wording {
  /** What the line begins with: `erasing`. */
  readonly doing: string;
  /** What happens once the time is over. */
  readonly next: string;
  /** What is done then. */
  readonly last: string;
}

const signed = (doing: string): Wording => ({
  doing,
  next: 'the certificate is signed',
  last: 'what came in between is deleted, then the certificate is signed',
});

/** The acts that wait. */
export const WORDINGS = {
  erasing: signed('erasing'),
  dropping: signed('dropping'),
  rotating: {
    doing: 'rotating',
    next: 'the old ones go',
    last: 'what came in between is sealed anew, then the old keys go',
  },
} as const satisfies Readonly<Record<string, Wording>>;

/**
 * How a command waits before a certificate may be signed: it tells a person how long that still is.
 *
 * @param pause waits for some milliseconds
 */
export function countdown(
  count: Counter,
  { doing, next, last }: Wording,
  pause: (ms: number) => Promise<unknown> = sleep,
): (ms: number) => Promise<void> {
  return async (ms) => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      count.say(`${doing}: every process lets go of the keys; ${next} in ${Math.ceil(left / 1_000)} s`);
      await pause(Math.min(left, STEP_MS));
    }
    count.say(`${doing}: ${last}`);
  };
}
