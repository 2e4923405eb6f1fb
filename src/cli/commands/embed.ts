import type { EmbedResult } from '../../index.js';
import { amount } from '../amount.js';
import type { Register } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { withStore, type StoreFlags } from '../flags.js';
import { withWarden } from '../open.js';
import { progressBar, type Progress } from '../progress.js';

/** `embed`: gives every memory a vector of the configured model; an operator's act that shows nobody's memories. */
export const embed: Register = (program) => {
  const command = withStore(program.command('embed', 'embed what has no vector of the configured model'));
  program.act<StoreFlags>(command, async ({ io, output }, flags) => {
    const stop = new AbortController();
    const takeBack = io.onInterrupt(() => stop.abort());
    let bar: Progress | undefined;
    try {
      const result = await withWarden(flags, io, (warden) =>
        warden.embed({
          signal: stop.signal,
          onProgress({ seen, total, embedded }) {
            bar ??= progressBar(io.stderr, output.json, total);
            bar.update(Math.min(seen, total), `${embedded} embedded`);
          },
        }),
      );
      bar?.stop();
      await output.result(result, () => text(result));
      return result.complete ? EXIT.ok : EXIT.interrupted;
    } finally {
      bar?.stop();
      takeBack();
    }
  });
};

function text({ embedded, current, withheld, refused, changed, locked, complete }: EmbedResult): string {
  const parts = [
    `embedded ${amount(embedded, 'memory')}; ${current} had their vector`,
    ...(withheld > 0 ? [`${withheld} may not leave for this embedder`] : []),
    ...(refused > 0 ? [`${refused} got none from the embedder`] : []),
    ...(changed > 0 ? [`${changed} changed meanwhile`] : []),
    ...(locked > 0 ? [`${amount(locked, 'user')} whose keys their owners hold`] : []),
    ...(complete ? [] : ['interrupted; the same command goes on']),
  ];
  return parts.join('; ');
}
