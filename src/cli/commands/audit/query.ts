import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AuditRecord, AuditSelection, Outcome } from '../../../index.js';
import type { CommandContext, Registry } from '../../command.js';
import { badArgument } from '../../failure.js';
import { given, integer, once } from '../../flags.js';
import { momentOf, withAuditor, withTrail, type AuditFlags } from './flags.js';

interface QueryFlags extends AuditFlags {
  readonly user?: string;
  readonly principal?: string;
  readonly since?: string;
  readonly until?: string;
  readonly outcome?: string;
  readonly limit?: number;
}

interface TailFlags extends AuditFlags {
  readonly lines?: number;
  readonly follow?: boolean;
}

const OUTCOMES = ['allowed', 'denied', 'absent', 'conflict', 'failed', 'unknown'];
const HEAD = ['time', 'principal', 'role', 'action', 'subject', 'phase', 'outcome', 'count', 'rules', 'owner'] as const;
const TAIL = 20;
const FOLLOW_MS = 1_000;

/** `audit query`. */
export function query(program: Registry, audit: Command): void {
  const command = withAuditor(audit.command('query').description('find records of the log'))
    .addOption(once('--user <id>', 'about this user, as owner or as principal'))
    .addOption(once('--principal <id>', 'of this principal'))
    .addOption(once('--since <time>', 'from this moment on'))
    .addOption(once('--until <time>', 'before this moment'))
    .addOption(once('--outcome <word>', OUTCOMES.join(', ')))
    .addOption(integer('--limit <n>', 'the newest so many; 1000 where none is given'));
  program.act<QueryFlags>(command, async ({ io, output }, flags) => {
    const { user, principal, outcome, limit } = flags;
    if (outcome !== undefined && !OUTCOMES.includes(outcome)) throw badArgument('--outcome', OUTCOMES.join(', '));
    const selection: AuditSelection = given({
      user,
      principal,
      limit,
      outcome: outcome as Outcome | undefined,
      since: momentOf(flags.since, '--since'),
      until: momentOf(flags.until, '--until'),
    });
    const records = await withTrail(flags, io, (trail) => trail.query(selection));
    await output.list(records, HEAD, rowOf);
    if (records.length === 0) await output.people('no records');
    return undefined;
  });
}

/** `audit tail`. */
export function tail(program: Registry, audit: Command): void {
  const command = withAuditor(audit.command('tail').description('show the newest records of the log'))
    .addOption(integer('--lines <n>', 'how many; 20 where none is given'))
    .option('--follow', 'go on with what comes, until it is interrupted');
  program.act<TailFlags>(command, async ({ io, output }, flags) => {
    const lines = flags.lines ?? TAIL;
    await withTrail(flags, io, async (trail) => {
      const records = await trail.query({ limit: lines });
      await output.list(records, HEAD, rowOf);
      if (!flags.follow) return;
      const stop = new AbortController();
      const release = io.onInterrupt(() => stop.abort());
      let seen = new Set(records.map(({ id }) => id));
      let since = records.at(-1)?.time;
      try {
        while (!stop.signal.aborted) {
          await sleep(FOLLOW_MS, undefined, { signal: stop.signal });
          const next = await trail.query(since === undefined ? {} : { since: new Date(since) });
          const fresh = next.filter(({ id, act }) => !seen.has(id) && act !== 'query');
          await showMore(output, fresh);
          seen = new Set(next.map(({ id }) => id));
          since = next.at(-1)?.time ?? since;
        }
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      } finally {
        release();
      }
    });
    return undefined;
  });
}

async function showMore(output: CommandContext['output'], records: readonly AuditRecord[]): Promise<void> {
  if (records.length > 0) await output.list(records, HEAD, rowOf);
}

function rowOf(record: AuditRecord): string[] {
  const { time, principal, action, act, subject, phase, outcome, count, rules, owner } = record;
  const who = principal.id ?? `user ${principal.self ?? ''}`;
  const what = act === undefined || act === action ? action : `${action} (${act})`;
  return [time, who, principal.role, what, subject, phase, outcome, String(count), rules.join(', '), owner ?? '-'];
}
