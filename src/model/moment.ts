const ISO = /^(\d{4}-\d{2}-\d{2})T(\d{2}):\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What to write where a time is wanted. */
export const MOMENT_HINT = 'write a time such as 2026-01-31T00:00:00Z';

/** An ISO 8601 time with an offset, to the millisecond, that the calendar has; or undefined. */
export function toMoment(value: string): Date | undefined {
  const [, day, hour] = ISO.exec(value) ?? [];
  if (day === undefined || hour === '24') return undefined;
  const date = new Date(value);
  // The engine takes February 30 for March 2.
  const real = !Number.isNaN(date.getTime()) && (Number(day.slice(8)) <= 28 || isInCalendar(day));
  return real ? date : undefined;
}

function isInCalendar(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
