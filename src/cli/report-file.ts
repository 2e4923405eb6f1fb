import { writeFile } from 'node:fs/promises';
import { formatOf, formatReport, type Report } from '../compliance/report-formats.js';

/**
 * What writes a last disclosure report into a file that is not there yet, in the form of its name; undefined where none is
 * asked for.
 */
export function writeReport(file: string | undefined): ((report: Report) => Promise<void>) | undefined {
  if (file === undefined) return undefined;
  return (report) => writeFile(file, formatReport(report, formatOf(file)), { mode: 0o600, flag: 'wx', flush: true });
}
