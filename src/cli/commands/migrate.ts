import type { Register } from '../command.js';
import { withStore, type StoreFlags } from '../flags.js';
import { wardenOptions } from '../open.js';
import { createWarden } from '../../warden.js';

/** `migrate`: makes collections, validators and indexes. */
export const migrate: Register = (program) => {
  const command = withStore(program.command('migrate', 'prepare the store; safe to run again'));
  program.act<StoreFlags>(command, async ({ io, output }, flags) => {
    const warden = await createWarden({ ...wardenOptions(flags, io.env), migrate: true });
    await warden.close();
    await output.result({ migrated: true }, () => 'the store is prepared');
    return undefined;
  });
};
