import { isMemwardenError } from '../../errors/memwarden-error.js';
import { LEVELS, type Level } from '../../model/levels.js';
import type { Principal } from '../../model/principal.js';
import { importerOf } from '../../internals.js';
import { type Warden } from '../../warden.js';
import type { Output } from '../output.js';
import { newRecord } from '../new-record.js';
import { decidingRule } from './deciding-rule.js';
import { exampleSet } from './example-set.js';

const ROLES: readonly { readonly title: string; readonly principal: Principal }[] = [
  { title: 'agent for alice', principal: { id: 'agent-of-alice', role: 'agent', userId: 'alice' } },
  { title: 'export', principal: { id: 'nightly', role: 'export' } },
  { title: 'admin', principal: { id: 'officer', role: 'admin' } },
];
const LOADER: Principal = { id: 'loader', role: 'admin' };

/**
 * Story two: a year of three users, and what three roles may read of it.
 *
 * @param explaining a warden whose policies let every role ask why
 */
export async function tellOfRoles(warden: Warden, explaining: Warden, output: Output): Promise<void> {
  const examples = await exampleSet(new Date());
  const importer = importerOf(warden, LOADER);
  for (const [user, drafts] of examples) await importer.store({ user }, drafts);
  const users = [...examples.keys()].sort();
  const total = [...examples.values()].flat().length;
  await output.people(`2. A year of ${total} memories of ${users.join(', ')}: who may read how many`);
  const rows = await Promise.all(
    users.flatMap((user) =>
      LEVELS.map(async (level) => {
        const stored = examples.get(user)?.filter((draft) => draft.sensitivity === level).length ?? 0;
        const counts = await Promise.all(ROLES.map(({ principal }) => counted(warden, principal, user, level)));
        return [user, level, String(stored), ...counts];
      }),
    ),
  );
  await output.people(output.table(['user', 'level', 'stored', ...ROLES.map(({ title }) => title)], rows));
  await output.people(
    '\n   The rule that decided, for a memory of alice of each level and one of bob (export may not ask why; a copy of the\n   policies lets it)',
  );
  const decisions: string[][] = [];
  for (const [user, level] of [...LEVELS.map((one) => ['alice', one] as const), ['bob', 'public'] as const]) {
    for (const { title, principal } of ROLES) {
      const record = { ...newRecord(user), sensitivity: level };
      decisions.push([title, user, level, ...(await decidingRule(explaining, principal, user, record))]);
    }
  }
  await output.people(output.table(['role', 'user', 'level', 'read', 'rule', 'reason'], decisions));
}

async function counted(warden: Warden, principal: Principal, user: string, level: Level): Promise<string> {
  try {
    return String(await warden.scope(principal, user).count({ level }));
  } catch (error) {
    if (isMemwardenError(error, 'forbidden')) return 'forbidden';
    throw error;
  }
}
