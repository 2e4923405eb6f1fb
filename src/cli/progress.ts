import { Presets, SingleBar } from 'cli-progress';
import type { Sink } from './io.js';

/** Tells a person how far a long act is. */
export interface Progress {
  update(done: number, counts: string): void;
  stop(): void;
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
  return {
    update: (done, counts) => bar.update(done, { counts }),
    stop: () => bar.stop(),
  };
}
