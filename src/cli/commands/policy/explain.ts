import { open } from 'node:fs/promises';
import { isPair, type ActionOf } from '../../../model/actions.js';
import type { Explanation } from '../../../model/explanation.js';
import { FIELDS, FILTERABLE, fieldNamed, type FilterableName } from '../../../model/fields.js';
import { toOwner } from '../../../model/owner.js';
import { toPrincipal } from '../../../model/principal.js';
import { toMoment } from '../../../model/moment.js';
import { PACKAGED_POLICIES } from '../../../config/options.js';
import { Desk } from '../../../workbench/desk.js';
import { explainRecord, listQuery, type ListQuery } from '../../../workbench/explain.js';
import { readPolicies } from '../../../workbench/policies.js';
import { badArgument } from '../../failure.js';
import { once, parseJson, withScope, type ScopeFlags } from '../../flags.js';
import { newRecord } from '../../new-record.js';
import { principalOf, withMemory } from '../../open.js';
import { momentOption, type RegisterPolicy } from '../../policy-flags.js';
import { visible } from '../../visible.js';
import { explanationText } from '../explain.js';

interface ExplainFlags extends ScopeFlags {
  readonly action?: string;
  readonly file?: string;
  readonly at?: Date;
}

const LARGEST = 1024 * 1024;
const PROPERTIES: ReadonlyMap<string, string> = new Map(FIELDS.map(({ property, name }) => [property, name]));

/** `policy explain`: why each rule does or does not apply, and what a list would ask. */
export const explain: RegisterPolicy = (program, family) => {
  const about = 'say why each rule does or does not apply to a memory, and what query a list would send';
  const command = withScope(family.command('explain [id]').description(about).allowExcessArguments(false))
    .addOption(once('--file <path>', 'a memory in a JSON file, in the place of an id; no store is opened'))
    .addOption(once('--action <action>', 'read where none is given'))
    .addOption(momentOption('--at <time>', 'with --file: what holds at this moment (now where none is given)'));
  program.act<ExplainFlags>(command, async ({ io, output }, flags, id: string | undefined) => {
    const { action = 'read', file } = flags;
    if ((id === undefined) === (file === undefined)) throw badArgument('id', 'give an id or --file, one of them');
    if (id !== undefined && flags.at !== undefined) throw badArgument('--at', 'with --file only');
    if (!isPair('Memory', action as ActionOf<'Memory'>)) throw badArgument('--action');
    const at = flags.at ?? new Date();
    const owner = toOwner(flags.user);
    const desk = await Desk.open((await readPolicies(flags.policies ?? PACKAGED_POLICIES)).set);
    const binding = desk.bind(toPrincipal(principalOf(flags)), at);
    const found =
      file === undefined
        ? await withMemory(flags, io, (memory) => memory.explain(id ?? '', action as ActionOf<'Memory'>))
        : explainRecord(binding, owner, await recordIn(file, owner), action as ActionOf<'Memory'>, at);
    const query = listQuery(binding, owner, at);
    await output.result({ ...found, query }, () => `${explanationText(found, output)}\n${queryText(query, found)}`);
    return undefined;
  });
};

function queryText(query: ListQuery, { action }: Explanation): string {
  if (query === 'none') return 'a list would send no query: nothing is allowed whatever is stored';
  const more = action === 'read' ? '' : ' (of reading)';
  return `a list${more} would ask for ${visible(JSON.stringify(query))}`;
}

/** A memory as policies name its fields, or as `get --json` prints it; what it does not say is as in a new memory. */
async function recordIn(path: string, owner: string): Promise<Readonly<Record<string, unknown>>> {
  const given = parseJson(await textOf(path), '--file');
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw badArgument('--file', 'write a JSON object');
  const record = newRecord(owner);
  for (const [key, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const name = PROPERTIES.get(key) ?? key;
    if (name !== 'tenant' && !fieldNamed(name)) throw badArgument('--file', 'a field that no memory has');
    const isDate = FILTERABLE.get(name as FilterableName) === 'date';
    record[name] = isDate && typeof value === 'string' ? (toMoment(value) ?? value) : value;
  }
  return record;
}

async function textOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > LARGEST) throw badArgument('--file', 'larger than 1 MiB');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
