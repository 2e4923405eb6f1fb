import { stringify } from 'csv-stringify/sync';
import type { Disclosure, DisclosureReport, SpaceDisclosureReport } from './disclosures.js';

/** An accounting of disclosures. */
export type Report = DisclosureReport | SpaceDisclosureReport;

/** The forms that an accounting of disclosures comes in. */
export const REPORT_FORMATS = ['text', 'csv', 'json', 'html'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const HEAD = [
  'date',
  'recipient',
  'asked by',
  'role',
  'on behalf of',
  'purpose',
  'act',
  'kinds',
  'count',
  'door',
  'event',
] as const;
const NOTE =
  'Kinds are levels of sensitivity. Text that was sent to a service outside is listed with that service as the recipient. ' +
  'What was written, counted or refused is no disclosure.';

/** The form that the name of a file asks for; text where it asks for none. */
export function formatOf(file: string): ReportFormat {
  const ending = file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  return REPORT_FORMATS.find((format) => format === ending) ?? 'text';
}

/** The report as a text in one of the forms, ended by a line feed. CSV is RFC 4180 with formulas defused. */
export function formatReport(report: Report, format: ReportFormat): string {
  if (format === 'json') return `${JSON.stringify(report, undefined, 2)}\n`;
  const rows = report.disclosures.map(rowOf);
  if (format === 'csv') return stringify([[...HEAD], ...rows], { escape_formulas: true, record_delimiter: '\r\n' });
  return format === 'html' ? toHtml(report, rows) : toText(report, rows);
}

function rowOf(one: Disclosure): string[] {
  const kinds = Object.entries(one.kinds).map(([level, count]) => `${level} ${count}`);
  return [
    one.date,
    one.recipient,
    one.askedBy ?? '',
    one.role,
    one.onBehalfOf ?? '',
    one.purpose ?? '',
    one.act,
    kinds.join(', '),
    String(one.count),
    one.door,
    one.event,
  ];
}

function titleOf(report: Report): string {
  const { since, until } = report;
  const whose = 'space' in report ? `the space ${report.space}` : report.userId;
  return `Disclosures of the memories of ${whose}, ${since ?? 'from the beginning'} to ${until ?? 'now'}`;
}

function summaryOf(report: Report): string {
  const { known, disclosures } = report;
  if (!known && 'space' in report)
    return 'Nothing is on record under this space: there is none, it was erased, or you may not know of it.';
  if (!known) return 'Nothing is on record under this user: there never was a memory, or the user was erased.';
  const memories = disclosures.reduce((sum, { count }) => sum + count, 0);
  return `${disclosures.length} disclosures, ${memories} memories. ${NOTE}`;
}

function toText(report: Report, rows: readonly (readonly string[])[]): string {
  const blocks = rows.map((row) =>
    HEAD.flatMap((name, i) => (row[i] ? [`  ${name.padEnd(14)}${row[i].replace(/\p{Cc}/gu, ' ')}`] : [])).join('\n'),
  );
  return `${[titleOf(report), summaryOf(report), ...blocks].join('\n\n')}\n`;
}

function toHtml(report: Report, rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  const title = escaped(titleOf(report));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<style>body{font:15px/1.5 sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left}</style>
</head><body><h1>${title}</h1><p>${escaped(summaryOf(report))}</p>
<table><thead><tr>${cells('th', HEAD)}</tr></thead>
<tbody>
${body}
</tbody></table></body></html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
