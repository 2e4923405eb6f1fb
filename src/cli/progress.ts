import { Presets, SingleBar } from 'cli-progress';
import type { Sink } from './io.js';

/** Tells a person how far a long act is. */
export interface Progress {
  update(done: number, counts: string): void;
  stop(): void;
}

// What is on a terminal now: a command that fails leaves none behind, for a bar holds the process open.
const shown = new Set<SingleBar>();

/** Takes away what commands still show. */
export function clearBars(): void {
  for (const bar of shown) hide(bar);
}

function hide(bar: SingleBar): void {
  bar.stop();
  shown.delete(bar);
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/** A bar on a terminal; nothing where nobody looks. */
export function progressBar(stream: Sink, json: boolean, total: number): Progress {
  if (json || stream.isTTY !== true || total === 0) return SILENT;
  const bar = new SingleBar(
    { stream, format: '{bar} {percentage}% {counts}', hideCursor: true, fps: 5 },
    Presets.shades_classic,
  );
  bar.start(total, 0, { counts: '' });
  shown.add(bar);
  return {
    update: (done, counts) => bar.update(done, { counts }),
    stop: () => hide(bar),
  };
}

/** Tells a person how much a long act of unknown length has done. */
export interface Counter {
  say(text: string): void;
  stop(): void;
}

/** A line on a terminal that is written over; nothing where nobody looks. */
export function counter(stream: Sink, json: boolean): Counter {
  if (json || stream.isTTY !== true) return { say: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ stream, format: '{text}', hideCursor: true, fps: 5 }, Presets.legacy);
  bar.start(1, 0, { text: '' });
  shown.add(bar);
  return {
    say(text) {
      // One that was cleared is not drawn again.
      if (shown.has(bar)) bar.update(0, { text });
    },
    stop: () => hide(bar),
  };
}
