import { amount } from '../amount.js';
import type { Register } from '../command.js';
import { withStore, type StoreFlags } from '../flags.js';
import { withWarden } from '../open.js';

/** `purge`: deletes what has expired; an operator's act on rows that nobody can read. */
export const purge: Register = (program) => {
  const command = withStore(program.command('purge', 'delete what has expired, with its history'));
  program.act<StoreFlags>(command, async ({ io, output }, flags) => {
    const counter = output.json || io.stderr.isTTY !== true ? undefined : io.stderr;
    const result = await withWarden(flags, io, (warden) =>
      warden.purge((deleted) => counter?.write(`\rdeleted ${deleted}`)),
    );
    counter?.write('\r\n');
    await output.result(result, () => {
      const { deleted, partitions, repaired } = result;
      return `deleted ${amount(deleted, 'expired memory', 'expired memories')} of ${amount(partitions, 'user')}; ended ${amount(repaired, 'unfinished write')}`;
    });
    return undefined;
  });
};
