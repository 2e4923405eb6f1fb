import type { z } from 'zod';

/** Marks a text of ours in an issue: what the schema library writes itself could quote a value. */
export const OURS = 'allowed: ';

/** What would be taken in the place of what was refused, as far as the schema says it; nothing of the value. */
export function allowedBy(issue: z.core.$ZodIssue): string | undefined {
  if (issue.message.startsWith(OURS)) return issue.message.slice(OURS.length);
  switch (issue.code) {
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? `${issue.minimum} or more` : undefined;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int' ? `${issue.maximum} or less` : undefined;
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : undefined;
    case 'invalid_union':
      return issue.errors.flat().flatMap((one) => allowedBy(one) ?? [])[0];
    default:
      return undefined;
  }
}
