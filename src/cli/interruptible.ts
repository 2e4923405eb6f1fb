import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import { countdown, type Wording } from './countdown.js';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';
import type { ActSteps } from './open.js';
import type { Output } from './output.js';
import { clearBars, type Counter } from './progress.js';

/** What a long act works with, so that an interrupt ends it where it can be gone on with. */
export interface Interruptible {
  /** How it waits, and what is called between its steps. */
  readonly steps: Required<ActSteps>;
  /** Ends the act here where it was interrupted. */
  readonly check: () => void;
}

/** How a long act ended; `begun` says whether an interrupt came after its first step. */
export type Ending<T> = { readonly value: T } | { readonly begun: boolean };

/** What a person is told of an act that was interrupted. */
export interface Interruption {
  /** Where it is begun: what goes on with it. */
  readonly goesOn: string;
  /** Where it is not. */
  readonly nothing: string;
}

class Interrupted extends Error {}

/**
 * Runs an act of many steps that a crash between any two leaves to be gone on with, and ends it between two of them, or
 * while it waits, where it is interrupted. The terminal is given back at once; a second interrupt ends the process.
 *
 * @param wording what it says while it waits
 */
export async function interruptible<T>(
  io: Io,
  count: Counter,
  wording: Wording,
  act: (parts: Interruptible) => Promise<T>,
): Promise<Ending<T>> {
  const { signal, takeBack } = listen(io);
  let begun = false;
  const check = (): void => {
    if (signal.aborted) throw new Interrupted();
  };
  const begin = (): void => {
    begun = true;
    check();
  };
  const wait = countdown(count, wording, (ms) => sleep(ms, undefined, { signal }));
  const steps = {
    step: begin,
    wait: (ms: number) => {
      begin();
      return wait(ms);
    },
  };
  try {
    check();
    return { value: await act({ steps, check }) };
  } catch (error) {
    if (!signal.aborted || !(error instanceof Interrupted || isAbort(error))) throw error;
    return { begun };
  } finally {
    takeBack();
  }
}

/** Tells of an act that was interrupted. @returns the exit code */
export async function tellInterrupted(
  output: Output,
  { begun }: { readonly begun: boolean },
  { goesOn, nothing }: Interruption,
): Promise<number> {
  await output.result({ complete: false, begun }, () => `interrupted: ${begun ? goesOn : nothing}`);
  return EXIT.interrupted;
}

function listen(io: Io): { readonly signal: AbortSignal; readonly takeBack: () => void } {
  const stop = new AbortController();
  const takeBack = io.onInterrupt(() => {
    stop.abort();
    clearBars();
  });
  return { signal: stop.signal, takeBack };
}

function isAbort(error: unknown): boolean {
  return types.isNativeError(error) && error.name === 'AbortError';
}
