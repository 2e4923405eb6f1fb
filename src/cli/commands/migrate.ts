import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { once, withDeployment, type StoreFlags } from '../flags.js';
import { wardenOptions } from '../open.js';
import { assertStore } from '../store-there.js';
import { createWarden } from '../../warden.js';
import { setUpRoles } from '../../wiring/roles.js';
import { Passwords } from '../database-passwords.js';

interface MigrateFlags extends StoreFlags {
  readonly roles?: boolean;
  readonly passwords?: string;
  readonly passwordsOut?: string;
}

/** `migrate`: makes collections, validators and indexes, and with `--roles` the users of the database. */
export const migrate: Register = (program) => {
  const command = withDeployment(program.command('migrate', 'prepare the store; safe to run again'))
    .option('--roles', 'also make the users of a MongoDB database, each with no more rights than it needs')
    .addOption(once('--passwords <file>', 'JSON file with the passwords of the users (with --roles)'))
    .addOption(once('--passwords-out <file>', 'write the passwords that are made here (with --roles)'));
  program.act<MigrateFlags>(command, async ({ io, output }, flags) => {
    const { roles = false, passwords: from, passwordsOut: out } = flags;
    if (!roles && (from ?? out) !== undefined)
      throw badArgument(from === undefined ? '--passwords-out' : '--passwords', 'only together with --roles');
    if (from !== undefined && out !== undefined) throw badArgument('--passwords-out', 'not together with --passwords');
    const options = wardenOptions(flags, io.env);
    if (roles && options.store.kind !== 'mongodb') throw badArgument('--roles', 'the store is not on MongoDB');
    await assertStore(options, true);
    const passwords = await Passwords.open({ from, out, isTerminal: output.isTerminal });
    const warden = await createWarden({ ...options, migrate: true });
    await warden.close();
    if (!roles) {
      await output.result({ migrated: true }, () => 'the store is prepared');
      return undefined;
    }
    const users = await setUpRoles(options, (uses) => passwords.give(uses));
    const told = users.map(({ use, user, database, made }) => {
      const password = made ? passwords.told(use) : undefined;
      return { use, user, database, made, ...(password === undefined ? {} : { password }) };
    });
    const { written } = passwords;
    const value = { migrated: true, users: told, ...(written === undefined ? {} : { passwords: written }) };
    await output.result(value, () => {
      const tells = told.some((one) => 'password' in one);
      const rows = told.map(({ use, user, database, made, password = '' }) => [
        use,
        user,
        database,
        made ? 'made' : 'was there; its roles are up to date',
        ...(tells ? [password] : []),
      ]);
      const head = ['for', 'user', 'authSource', '', ...(tells ? ['password, told this once'] : [])];
      const table = output.table(head, rows);
      const where = written === undefined ? '' : `\nthe passwords are in ${written}`;
      return `the store is prepared\n${table}${where}`;
    });
    return undefined;
  });
};
