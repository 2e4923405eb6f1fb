import { replayErasures } from '../../../wiring/replay.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { withPrincipal, withDeployment, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { principalOf, wardenOptions } from '../../open.js';
import { assertStore } from '../../store-there.js';
import { progressBar, type Progress } from '../../progress.js';

/** `erasure replay`: does the erasures of the ledger again after a restore. */
export const replay: RegisterIn = (program, family) => {
  const command = withDeployment(withPrincipal(family.command('replay'))).description(
    'after a restore from a backup: do the erasures of the ledger again',
  );
  program.act<StoreFlags & PrincipalFlags>(command, async ({ io, output }, flags) => {
    let bar: Progress | undefined;
    const options = wardenOptions(flags, io.env);
    await assertStore(options);
    const result = await replayErasures(principalOf(flags), options, (done, all) => {
      bar ??= progressBar(io.stderr, output.json, all);
      bar.update(done, `${done} of ${amount(all, 'erasure')}`);
    });
    bar?.stop();
    await output.result(
      result,
      () =>
        `${amount(result.replayed, 'erasure')} done again: ${amount(result.keys, 'key')}, ${amount(result.memories, 'memory')} and ${amount(result.states, 'past state')} had come back`,
    );
    return undefined;
  });
};
