import type { Effect } from '../../../memory/policy-effect.js';
import type { Principal } from '../../../model/principal.js';
import { effectsOf } from '../../../internals.js';
import {
  diffOf,
  type ApprovalChange,
  type CellChange,
  type PolicyDiff,
  type ReadChange,
} from '../../../workbench/diff.js';
import { readPolicies } from '../../../workbench/policies.js';
import { EXIT } from '../../exit-codes.js';
import { badArgument } from '../../failure.js';
import { given, once, type StoreFlags } from '../../flags.js';
import { withWarden } from '../../open.js';
import type { Io } from '../../io.js';
import type { Output } from '../../output.js';
import {
  momentOption,
  policyCommand,
  policyFolderOf,
  wordOption,
  type PolicyFlags,
  type RegisterPolicy,
} from '../../policy-flags.js';
import { withPolicyFolder } from '../../policy-revision.js';
import { progressBar } from '../../progress.js';

const FAIL_ON = ['gain', 'loss', 'change'] as const;
const CELL_HEAD = ['role', 'subject', 'action', 'level', 'whose', 'from', 'to', 'change'] as const;
const EFFECT_HEAD = ['role', 'whose', 'memories gained', 'of users', 'memories lost', 'of users'] as const;
const ANOTHER = 'somebody-else';

interface DiffFlags extends PolicyFlags, Pick<StoreFlags, 'data' | 'mongodbUri'> {
  readonly failOn?: (typeof FAIL_ON)[number];
  readonly store?: boolean;
  readonly as?: string;
}

/** What a change of reading comes to in a store. */
interface RoleEffect extends Effect {
  readonly role: string;
  readonly facts: string;
  readonly place: 'own' | 'foreign';
}

/** `policy diff`: what a change of the policies changes. */
export const diff: RegisterPolicy = (program, family) => {
  const command = policyCommand(
    family,
    'diff <a> <b>',
    'say what a change of policies changes; folders or git revisions',
  )
    .addOption(wordOption('--fail-on <what>', 'gain, loss or change', FAIL_ON))
    .addOption(momentOption('--at <time>', 'what holds at this moment (now where none is given)'))
    .option('--store', 'count in a store what each role would gain and lose')
    .addOption(once('--as <role>', 'with --store: the role that lists the users, under the policies of <a>'))
    .addOption(once('--data <path>', 'embedded store in this folder'))
    .addOption(once('--mongodb-uri <uri>', 'MongoDB at this address'));
  program.act<DiffFlags>(command, async ({ io, output }, flags, a = '', b = '') => {
    if (flags.store && flags.as === undefined) throw badArgument('--as', 'missing option');
    const otherwise = policyFolderOf(flags);
    return withPolicyFolder(a, 'a', otherwise, (before) =>
      withPolicyFolder(b, 'b', otherwise, async (after) => {
        const at = flags.at ?? new Date();
        const found = await diffOf(await readPolicies(before), await readPolicies(after), at);
        const effects = flags.store ? await effectsIn(flags, io, before, after, found.reads, output.json) : undefined;
        await tell(output, found, effects);
        return failsOn(flags.failOn, found) ? EXIT.found : EXIT.ok;
      }),
    );
  });
};

function failsOn(what: DiffFlags['failOn'], { cells, levels, approvals }: PolicyDiff): boolean {
  if (what === 'gain') return [...cells, ...approvals].some(({ gains }) => gains);
  if (what === 'loss') return cells.some(({ loses }) => loses) || approvals.some(({ gains }) => !gains);
  return what === 'change' && cells.length + levels.length + approvals.length > 0;
}

async function effectsIn(
  flags: DiffFlags,
  io: Io,
  before: string,
  after: string,
  reads: readonly ReadChange[],
  json: boolean,
): Promise<RoleEffect[]> {
  const store = { ...given({ data: flags.data, mongodbUri: flags.mongodbUri }), policies: before };
  const lister: Principal = { id: 'policy-diff', role: flags.as ?? '' };
  const counted = await withWarden(store, io, async (warden) => {
    const effects = await effectsOf(warden, after);
    const all = await effects.partitions(lister);
    const bar = progressBar(io.stderr, json, all);
    try {
      const asked = reads.map((read) => (userId: string) => readerOf(read, userId));
      return await effects.count(lister, asked, (done) => bar.update(done, `${done} of ${all} users`));
    } finally {
      bar.stop();
    }
  });
  return reads.flatMap(({ profile, place }, i) => {
    const effect = counted[i];
    return effect ? [{ role: profile.principal.role, facts: profile.facts, place, ...effect }] : [];
  });
}

// In the partition of a user: one who acts for that user, or one who acts for somebody else.
function readerOf({ profile, place }: ReadChange, userId: string): Principal {
  const another = userId === ANOTHER ? `${ANOTHER}-yet` : ANOTHER;
  return { ...profile.principal, id: 'policy-diff', userId: place === 'own' ? userId : another };
}

async function tell(output: Output, found: PolicyDiff, effects: readonly RoleEffect[] | undefined): Promise<void> {
  const { reads: _, ...shown } = found;
  await output.result({ ...shown, ...(effects ? { effects } : {}) }, () => textOf(output, found, effects));
}

function textOf(output: Output, found: PolicyDiff, effects: readonly RoleEffect[] | undefined): string {
  const { cells, levels, approvals, complete } = found;
  const rows = cells.map((cell) => [
    titleOf(cell),
    cell.subject,
    cell.action,
    cell.level ?? '',
    cell.place ?? '',
    cell.from,
    cell.to,
    changeOf(cell),
  ]);
  const counted = (effects ?? []).map((one) => [
    titleOf(one),
    one.place,
    ...[one.memoriesGained, one.usersGained, one.memoriesLost, one.usersLost].map(String),
  ]);
  return [
    cells.length > 0 ? output.table(CELL_HEAD, rows) : 'no cell of the matrix changes',
    ...levels.map(({ role, level, from, to }) => `${role}: ${level} ${from} becomes ${to}`),
    ...approvals.map((one) => `${titleOf(one)}: ${approvalText(one)}`),
    ...(complete ? [] : ['the rules tell more apart than could be asked: there may be other changes']),
    ...(effects
      ? [counted.length > 0 ? output.table(EFFECT_HEAD, counted) : 'nobody reads more or less than before']
      : []),
  ].join('\n');
}

function titleOf({ role, facts }: { readonly role: string; readonly facts: string }): string {
  return facts === '' ? role : `${role} with ${facts}`;
}

function changeOf({ gains, loses, fieldsGained, fieldsLost }: CellChange): string {
  const words = [...(gains ? ['gain'] : []), ...(loses ? ['loss'] : [])].join(' and ');
  const fields = [
    ...(fieldsGained ?? []).map((field) => `+${field}`),
    ...(fieldsLost ?? []).map((field) => `-${field}`),
  ];
  return fields.length > 0 ? `${words} (${fields.join(' ')})` : words;
}

function approvalText({ from, to }: ApprovalChange): string {
  const [before, after] = [from, to].map((users) => (users === null ? 'none needed' : `over ${users} users`));
  return `approval of exports ${before} becomes ${after}`;
}
