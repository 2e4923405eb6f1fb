import { SUBJECTS, ACTIONS_OF, type SubjectName } from '../model/actions.js';
import { LEVELS } from '../model/levels.js';
import { PLACES, type Place } from './cells.js';
import { hasLevels } from './effective.js';
import type { Cell, RoleMatrix } from './matrix.js';

/** How an answer is written in a table. */
export const MARKS = { yes: 'yes', some: 'some', no: '–' } as const;

/** A table of cells, as text. */
export interface Grid {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const PLACE_HEADS: Readonly<Record<Place, string>> = { own: 'own', foreign: "another's", expired: 'expired' };

/** The heading of a role's tables. */
export function titleOf({ role, facts }: RoleMatrix): string {
  return facts === '' ? role : `${role} with ${facts}`;
}

/** Actions by level and place, for memories. */
export function memoryGrid({ cells }: RoleMatrix): Grid {
  const memories = cells.filter((cell) => cell.subject === 'Memory');
  const head = LEVELS.flatMap((level) => PLACES.map((place) => `${level}, ${PLACE_HEADS[place]}`));
  const rows = ACTIONS_OF.Memory.map((action) => [
    action,
    ...LEVELS.flatMap((level) =>
      PLACES.map((place) => {
        const cell = memories.find((one) => one.action === action && one.level === level && one.place === place);
        return MARKS[cell?.answer ?? 'no'];
      }),
    ),
  ]);
  return { head: ['action', ...head], rows };
}

/** What a role may do beside memories: a row a subject, `subject: action, action (some)`. */
export function otherGrid({ cells }: RoleMatrix): Grid {
  const rows = SUBJECTS.filter((subject) => subject !== 'Memory').flatMap((subject) => {
    const actions = ACTIONS_OF[subject].flatMap((action) => {
      const asked = cells.filter(
        (cell) => cell.subject === subject && cell.action === action && cell.place !== 'expired',
      );
      if (asked.every((cell) => cell.answer === 'no')) return [];
      return [asked.every((cell) => cell.answer === 'yes') ? action : `${action} (${partOf(subject, asked)})`];
    });
    return actions.length > 0 ? [[subject, actions.join(', ')]] : [];
  });
  return { head: ['subject', 'actions'], rows };
}

function partOf(subject: SubjectName, cells: readonly Cell[]): string {
  const yes = cells.filter((cell) => cell.answer === 'yes');
  if (cells.some((cell) => cell.answer === 'some') || yes.length === 0) return 'some';
  const places = [...new Set(yes.map((cell) => cell.place))];
  const isWhole = cells.filter((cell) => places.includes(cell.place)).every((cell) => cell.answer === 'yes');
  if (!hasLevels(subject) || (isWhole && subject === 'Memory'))
    return places.map((place) => PLACE_HEADS[place ?? 'own']).join(' and ');
  // A memory of a space is nobody's own: what tells them apart is the level.
  const levels = LEVELS.filter((level) => yes.some((cell) => cell.level === level));
  const areWhole = cells.every((cell) => cell.answer === (levels.some((level) => level === cell.level) ? 'yes' : 'no'));
  return areWhole ? levels.join(', ') : 'some';
}

/** What the tables have no room for: limited fields, and what decides between yes and no. */
export function notesOf({ cells, maximumLevel }: RoleMatrix): string[] {
  const notes = new Set<string>();
  for (const { subject, action, fields, depends } of cells) {
    if (!hasLevels(subject)) continue;
    const what = subject === 'Memory' ? action : `${action} of ${subject}`;
    if (fields) notes.add(`${what} may use these fields only, besides id and user_id: ${fields.join(', ') || 'none'}.`);
    if (depends) notes.add(`"some" of ${what} is decided by ${depends.join(', ') || 'owner or level'}.`);
  }
  if (maximumLevel !== 'sensitive') notes.add(`It writes nothing above ${maximumLevel}.`);
  return [...notes];
}

/** What a reader must know of the whole matrix. */
export const LEGEND = [
  'yes: allowed; –: denied; some: allowed on some records of the kind, see the notes below the table.',
  "own: a memory of the user on whose behalf the role acts; another's: of anybody else; expired: whoever's.",
  'SharedMemory: what the policies allow there, as far as the access list of a space lets the user in; the levels are named where it is not all of them.',
  'Every answer was asked of the policy engine, decision and query both, and not read from the rules.',
] as const;
