import type { OnErase, SpaceEntry, Warden } from '../../../index.js';
import { assertNew, writeCertificate } from '../../certificate-file.js';
import { writeReport } from '../../report-file.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { given, integer, once } from '../../flags.js';
import { principalOf, withWarden } from '../../open.js';
import { WORDINGS } from '../../countdown.js';
import { interruptible, tellInterrupted } from '../../interruptible.js';
import { counter } from '../../progress.js';
import { erasureGoesOn } from '../../resuming.js';
import {
  accessOption,
  memberOf,
  onSpaces,
  withMember,
  type MemberFlags,
  type SpaceAccess,
  type SpaceFlags,
} from './flags.js';

interface ListFlags extends SpaceFlags {
  readonly limit?: number;
  readonly cursor?: string;
}

/** `space list`: the spaces that somebody reads; all of them for who may grant. */
export const listSpaces: RegisterIn = (program, family) => {
  const command = onSpaces(family.command('list'))
    .description('the spaces that the principal reads; all of them for who may grant')
    .addOption(integer('--limit <n>', 'length of the page, 1 to 1000 (50 where none is given)'))
    .addOption(once('--cursor <cursor>', 'continue after this place'));
  program.act<ListFlags>(command, async ({ io, output }, flags) => {
    const { limit, cursor } = flags;
    const page = await withWarden(flags, io, (warden) => warden.spaces(principalOf(flags), given({ limit, cursor })));
    await output.list(page.spaces, ['space', 'access'], ({ id, access = '-' }) => [id, access]);
    if (page.spaces.length === 0) await output.people('no spaces');
    if (page.cursor === undefined) return undefined;
    if (output.json) await output.result({ cursor: page.cursor }, () => '');
    else await output.people(`more: --cursor ${page.cursor}`);
    return undefined;
  });
};

/** `space create`: makes one, nobody on its list. */
export const createSpace: RegisterIn = (program, family) => {
  const command = onSpaces(family.command('create <space>'))
    .description('make a shared space')
    .addOption(
      once('--on-erase <rule>', 'what becomes of what a member wrote when the member is erased')
        .choices(['remove', 'keep'])
        .makeOptionMandatory(),
    );
  program.act<SpaceFlags & { readonly onErase: OnErase }>(command, async ({ io, output }, flags, space = '') => {
    const { onErase } = flags;
    const act = (warden: Warden) => warden.space(principalOf(flags), space).create({ onErase });
    await withWarden(flags, io, act, { makes: true });
    await output.result({ space, onErase }, () => 'made');
    return undefined;
  });
};

/** `space members`: who is on the access list. */
export const members: RegisterIn = (program, family) => {
  const command = onSpaces(family.command('members <space>')).description('who is on the access list of a space');
  program.act<SpaceFlags>(command, async ({ io, output }, flags, space = '') => {
    const list = await withWarden(flags, io, (warden) => warden.space(principalOf(flags), space).members());
    await output.list(list.members, ['member', 'access'], (entry) => [nameOf(entry), entry.access]);
    await output.people(`when a member is erased: ${list.onErase}`);
    return undefined;
  });
};

/** `space grant`: lets a member in, or changes what it may do. */
export const grant: RegisterIn = (program, family) => {
  const command = withMember(family.command('grant <space>'))
    .description('let a member into a space, or change what it may do')
    .addOption(accessOption());
  program.act<MemberFlags & { readonly access: SpaceAccess }>(command, async ({ io, output }, flags, space = '') => {
    const member = memberOf(flags);
    await withWarden(flags, io, (warden) => warden.space(principalOf(flags), space).grant(member, flags.access));
    await output.result({ ...member, access: flags.access }, () => 'in force');
    return undefined;
  });
};

/** `space revoke`: takes a member from the list. */
export const revoke: RegisterIn = (program, family) => {
  const command = withMember(family.command('revoke <space>')).description(
    'take a member from the access list of a space; in force at the next request in every process',
  );
  program.act<MemberFlags>(command, async ({ io, output }, flags, space = '') => {
    const member = memberOf(flags);
    await withWarden(flags, io, (warden) => warden.space(principalOf(flags), space).revoke(member));
    await output.result(member, () => 'in force');
    return undefined;
  });
};

/** `space erase`: its keys, memories, history and list. */
export const eraseSpace: RegisterIn = (program, family) => {
  const command = onSpaces(family.command('erase <space>'))
    .description('erase a space for good, with what everybody wrote there; takes over a minute')
    .addOption(once('--out <file>', 'write the certificate here'))
    .addOption(once('--report <file>', 'first write the last disclosure report of the space here'));
  program.act<SpaceFlags & { readonly out?: string; readonly report?: string }>(
    command,
    async ({ io, output }, flags, space = '') => {
      await assertNew({ '--out': flags.out, '--report': flags.report });
      const count = counter(io.stderr, output.json);
      count.say('erasing');
      const ending = await interruptible(io, count, WORDINGS.erasing, ({ steps, check }) => {
        const act = (warden: Warden) => {
          check();
          return warden.keys.eraseSpace(principalOf(flags), space, writeReport(flags.report));
        };
        return withWarden(flags, io, act, { steps });
      });
      count.stop();
      if (!('value' in ending))
        return tellInterrupted(output, ending, { goesOn: erasureGoesOn(flags), nothing: 'nothing was erased' });
      const certificate = ending.value;
      await writeCertificate(io, flags.out, certificate);
      const { erasureId, deleted, keyIds, finalAt } = certificate;
      await output.result(
        certificate,
        () =>
          `${erasureId}: ${amount(deleted.memories, 'memory')}, ${amount(keyIds.length, 'key')} destroyed; final at ${finalAt}`,
      );
      return undefined;
    },
  );
};

function nameOf(entry: SpaceEntry): string {
  return 'user' in entry ? entry.user : `${entry.attribute} = ${JSON.stringify(entry.value)}`;
}
