import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ExportedUser } from '../index.js';
import { amount } from './amount.js';
import { visible } from './visible.js';

/** What is named one by one; of the rest how many there are. */
const NAMED = 20;
/** Of how many users at most it is asked whether they are on record. */
const MOST = 1_000;

/** The users of an export of whom it has nothing, and who have written in no space that it knows of. */
export async function ofWhomNothing(users: string): Promise<string[]> {
  const empty: string[] = [];
  for await (const { user_id: user, space, count } of linesOf(users)) {
    if (user === undefined) continue;
    // What a user wrote in spaces comes behind the user's own.
    if (space !== undefined && empty.at(-1) === user) empty.pop();
    if (space === undefined && count === 0 && empty.push(user) > MOST) break;
  }
  return empty.slice(0, MOST);
}

/**
 * What an export leaves out of what users wrote in spaces, a line each: who answers a request for access hands out less
 * than there is, and has to know it.
 *
 * @param users the file of users of an export
 */
export async function withheldIn(users: string): Promise<string[]> {
  const told: string[] = [];
  let more = 0;
  for await (const { user_id: user = '', space = '', withheld } of linesOf(users)) {
    if (!withheld) continue;
    if (told.length === NAMED) more += 1;
    else
      told.push(
        `what ${visible(user)} wrote in the space ${visible(space)} is withheld: the exporter is not on its list, or may ` +
          `not export from spaces; put the exporter on it, or export as ${visible(user)}`,
      );
  }
  return more === 0 ? told : [...told, `and ${amount(more, 'more part of a space', 'more parts of spaces')}; ${users}`];
}

async function* linesOf(users: string): AsyncGenerator<ExportedUser> {
  for await (const line of createInterface({ input: createReadStream(users, 'utf8'), crlfDelay: Infinity }))
    yield JSON.parse(line) as ExportedUser;
}
