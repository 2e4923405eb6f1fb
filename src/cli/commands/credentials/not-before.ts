import type { RegisterIn } from '../../command.js';
import { withWarden } from '../../open.js';
import { managerOf, withManager, type CredentialFlags } from './flags.js';

/** `credentials not-before`: voids the tokens of a subject. */
export const notBefore: RegisterIn = (program, family) => {
  const command = withManager(family.command('not-before <subject>')).description(
    'void every JSON Web Token of a subject (`sub`) that was issued before now, in every process',
  );
  program.act<CredentialFlags>(command, async ({ io, output }, flags, subject = '') => {
    const voided = await withWarden(flags, io, (warden) => warden.credentials.voidTokens(managerOf(flags), subject));
    await output.result(voided, () => `void: every token of the subject that was issued before ${voided.notBefore}`);
    return undefined;
  });
};
