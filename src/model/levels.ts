/** The sensitivity levels. The order serves `maximum_level` and reclassification only, never a comparison of strings. */
export const LEVELS = ['public', 'private', 'sensitive'] as const;

/** How far a memory may travel. */
export type Level = (typeof LEVELS)[number];

/** The level of a memory that names none, unless its role's policy names another. */
export const DEFAULT_LEVEL: Level = 'private';

/** Whether a value is one of the declared levels, letter by letter. */
export function isLevel(value: unknown): value is Level {
  return typeof value === 'string' && (LEVELS as readonly string[]).includes(value);
}

/** The place of a level in the declared order, 0 for the least sensitive. */
export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}
