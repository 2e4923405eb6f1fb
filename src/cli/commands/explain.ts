import type { ConsideredRule, Explainable, Explanation, ScopedMemory } from '../../index.js';
import type { ActionOf } from '../../model/actions.js';
import { isPair } from '../../model/actions.js';
import { FILTERABLE, type FilterableName } from '../../model/fields.js';
import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { jsonOption, once, withScope, type ScopeFlags } from '../flags.js';
import { newRecord } from '../new-record.js';
import { withMemory } from '../open.js';
import type { Output } from '../output.js';
import { visible } from '../visible.js';

interface ExplainFlags extends ScopeFlags {
  readonly action?: string;
  readonly record?: unknown;
}

const HEAD = ['rule', 'outcome', 'because of', 'reason'] as const;

/** `explain`: which rule decides on a stored memory, or on a record that is handed in. */
export const explain: Register = (program) => {
  const command = withScope(program.command('explain [id]', 'say which rule allows or denies an action, and why'))
    .addOption(once('--action <action>', 'read where none is given'))
    .addOption(jsonOption('--record <json>', 'a record as policies name it, in the place of an id'));
  program.act<ExplainFlags>(command, async ({ io, output }, flags, id) => {
    const found = await withMemory(flags, io, (memory) => explainIn(memory, flags, id));
    await output.result(found, () => explanationText(found, output));
    return undefined;
  });
};

async function explainIn(
  memory: ScopedMemory,
  { action = 'read', record }: ExplainFlags,
  id: string | undefined,
): Promise<Explanation> {
  if ((id === undefined) === (record === undefined)) throw badArgument('id', 'give an id or --record, one of them');
  if (!isPair('Memory', action as ActionOf<'Memory'>)) throw badArgument('--action');
  const what: Explainable = id ?? { record: whole(record, memory.userId) };
  return memory.explain(what, action as ActionOf<'Memory'>);
}

/** A record in which what a new memory would have without being asked is put in where it is missing. */
function whole(given: unknown, userId: string): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw badArgument('--record', 'write a JSON object');
  const record = newRecord(userId);
  for (const [name, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const isDate = FILTERABLE.get(name as FilterableName) === 'date';
    const entry = {
      value: isDate && typeof value === 'string' ? new Date(value) : value,
      enumerable: true,
      writable: true,
      configurable: true,
    };
    Object.defineProperty(record, name, entry);
  }
  return record;
}

/** An explanation for people. */
export function explanationText(found: Explanation, output: Output): string {
  const { allowed, action, rule, refusedBy, considered } = found;
  const decided = rule
    ? `${rule.id}: ${rule.reason}`
    : refusedBy
      ? `refused before any rule was asked: ${refusedBy}`
      : 'no rule allows it';
  const rows = considered.map((one) => [
    one.inverted ? `${one.id} (denies)` : one.id,
    one.outcome,
    becauseText(one),
    one.reason,
  ]);
  return `${action}: ${allowed ? 'allowed' : 'denied'}\n${visible(decided)}\n${output.table(HEAD, rows)}`;
}

function becauseText({ because = [], conditions, fact }: ConsideredRule): string {
  const names = (conditions ?? because).join(', ');
  return fact === 'missing' ? `${names} is missing` : names;
}
