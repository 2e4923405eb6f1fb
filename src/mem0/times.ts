import { toMoment } from '../model/moment.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const BELOW_MILLISECONDS = /(\.\d{3})\d{1,6}(?=Z$|[+-]\d{2}:\d{2}$)/;
const LAST_SECOND = 253_402_300_799;

/** The midnight, UTC, with which a day `YYYY-MM-DD` begins. */
export function startOf(day: unknown): Date | undefined {
  return typeof day === 'string' && DAY.test(day) ? toMoment(`${day}T00:00:00Z`) : undefined;
}

/** The midnight, UTC, with which a day ends: a memory is there to the end of the day on which it expires. */
export function endOf(day: unknown): Date | undefined {
  const start = startOf(day);
  if (!start) return undefined;
  // Of the calendar, and not of 24 hours, though in UTC the two are one.
  start.setUTCDate(start.getUTCDate() + 1);
  return start;
}

/** The last day on which something is there that is gone from a moment on. */
export function lastDayBefore(moment: Date): string {
  return new Date(moment.getTime() - 1).toISOString().slice(0, 10);
}

/** A time as mem0's clients write it: seconds since 1970, a day, or ISO 8601 with an offset. */
export function timeOf(value: unknown): Date | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && value >= 0 && value <= LAST_SECOND
      ? new Date(Math.round(value * 1000))
      : undefined;
  if (typeof value !== 'string') return undefined;
  return startOf(value) ?? toMoment(value.replace(BELOW_MILLISECONDS, '$1'));
}
