import type { z } from 'zod';
import { allowedBy, OURS } from '../model/allowed.js';

/** What is told of a setting that is refused: what would be taken, or why it is not. Nothing of what was given. */
export interface Refusal {
  readonly allowed?: string;
  readonly reason?: string;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** Why a setting is refused, as far as its schema says it. */
export function refusalOf(issue: z.core.$ZodIssue): Refusal {
  if (isMissing(issue)) return { reason: 'it is missing' };
  // A text of ours, but for the one that the schema library has where we gave none.
  const isOurs = issue.code === 'custom' && !issue.message.startsWith(OURS) && issue.message !== 'Invalid input';
  if (isOurs) return { reason: issue.message };
  const allowed = allowedBy(issue) ?? wordsFor(issue);
  return allowed === undefined ? {} : { allowed };
}

// The schema library tells what came by its kind alone here.
function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.errors.some(([one]) => one?.path.length === 0 && isMissing(one));
  return issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
}

function wordsFor(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected];
    case 'too_small':
      return issue.origin === 'string' ? 'a text that is not empty' : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? `at most ${issue.maximum} characters` : `at most ${issue.maximum}`;
    case 'invalid_union': {
      const options = (issue as { options?: readonly unknown[] }).options;
      if (options) return `one of ${options.map(String).join(', ')}`;
      const [first] = issue.errors.flatMap((one) => one.flatMap((part) => wordsFor(part) ?? []));
      return first;
    }
    default:
      return undefined;
  }
}
