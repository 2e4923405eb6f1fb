import { isMemwardenError } from '../../errors/memwarden-error.js';
import type { ScopedMemory } from '../../memory/scoped-memory.js';
import type { Principal } from '../../model/principal.js';
import type { Warden } from '../../warden.js';
import type { Output } from '../output.js';

const ALICE = 'Alice is vegetarian: no meat and no fish in any meal.';
const BOB = 'Bob wants a window seat on every flight.';
const QUESTION = 'Which meal suits?';

const agentOf = (userId: string): Principal => ({ id: `agent-of-${userId}`, role: 'agent', userId });
const officer: Principal = { id: 'officer', role: 'admin' };

/** Story one: two users, first in one bucket, then each behind the policy. */
export async function tellOfUsers(warden: Warden, output: Output): Promise<void> {
  const say = (text: string): Promise<void> => output.people(text);
  const bucket = [ALICE, BOB];
  const naive = bucket.filter((text) => text.toLowerCase().includes('meal'));
  await say(
    '1. Two users, one bucket without owners (an array; only a filter that nobody may forget stands in between)',
  );
  await say(`   bob's agent asks about "${QUESTION}" and gets: ${naive.map(quoted).join(', ')}   <- that is alice's`);

  const alice = warden.scope(agentOf('alice'), 'alice');
  const bob = warden.scope(agentOf('bob'), 'bob');
  await alice.add(ALICE);
  await bob.add(BOB);
  await say('\n   The same with memwarden: each agent holds a handle that is bound to one principal and one user');
  await say(`   bob's agent asks about "${QUESTION}" in bob's memories:   ${await asked(bob)}`);
  await say(
    `   bob's agent asks about "${QUESTION}" in alice's memories: ${await asked(warden.scope(agentOf('bob'), 'alice'))}`,
  );
  await say(`   alice's agent asks the same:                       ${await asked(alice)}`);

  const deleted = await warden.scope(officer, 'alice').deleteAll();
  await say(`\n   An admin deletes all of alice's memories: ${deleted} deleted`);
  await say(
    `   alice's agent counts ${await alice.count()}, bob's agent counts ${await bob.count()}: ${await asked(bob, 'seat')}\n`,
  );
}

async function asked(memory: ScopedMemory, question = QUESTION): Promise<string> {
  try {
    const hits = await memory.search(question);
    return hits.length === 0 ? 'nothing' : hits.map(({ memory: { content } }) => quoted(content ?? '')).join(', ');
  } catch (error) {
    if (isMemwardenError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

function quoted(text: string): string {
  return `"${text}"`;
}
