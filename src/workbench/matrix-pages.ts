import { stringify } from 'csv-stringify/sync';
import type { Cell, Matrix, RoleMatrix } from './matrix.js';
import { LEGEND, memoryGrid, notesOf, otherGrid, titleOf, type Grid } from './matrix-tables.js';

/** The forms in which a matrix can be had. */
export const MATRIX_FORMATS = ['markdown', 'csv', 'html', 'json'] as const;
export type MatrixFormat = (typeof MATRIX_FORMATS)[number];

/** Writes a matrix out. The same matrix gives the same bytes. */
export function writeMatrix(matrix: Matrix, format: MatrixFormat): string {
  switch (format) {
    case 'markdown':
      return markdown(matrix);
    case 'csv':
      return csv(matrix);
    case 'html':
      return html(matrix);
    case 'json':
      return `${JSON.stringify(matrix, null, 2)}\n`;
  }
}

function markdown(matrix: Matrix): string {
  const sections = matrix.roles.map((role) => {
    const other = otherGrid(role);
    return [
      `## ${plain(titleOf(role))}`,
      ...(role.description === undefined ? [] : [plain(role.description)]),
      grid(memoryGrid(role)),
      ...list(notesOf(role)),
      other.rows.length > 0 ? grid(other) : 'Nothing beside memories.',
    ].join('\n\n');
  });
  return `# What each role may do\n\n${list([...LEGEND, ...about(matrix)]).join('\n')}\n\n${sections.join('\n\n')}\n`;
}

function list(items: readonly string[]): string[] {
  return items.length > 0 ? [items.map((item) => `- ${plain(item)}`).join('\n')] : [];
}

function grid({ head, rows }: Grid): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

// Text of a policy file is text: it opens no table, tag or link.
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[|<>[\]\\`]/g, (one) => `\\${one}`);
}

function about({ revision, at, timed, complete }: Matrix): string[] {
  return [
    `Policy revision ${revision}.`,
    ...(timed ? [`Some rules have time limits; this is what holds at ${at.toISOString()}.`] : []),
    ...(complete ? [] : ['The rules tell more apart than could be asked: "yes" and "–" hold for what was asked.']),
  ];
}

const COLUMNS = ['role', 'facts', 'subject', 'action', 'level', 'place', 'answer', 'fields', 'depends'] as const;

function csv({ roles }: Matrix): string {
  const rows = roles.flatMap((role) => role.cells.map((cell) => row(role, cell)));
  // A spreadsheet takes a cell that begins like a formula for one.
  return stringify([[...COLUMNS], ...rows], { escape_formulas: true });
}

function row({ role, facts }: RoleMatrix, { subject, action, level, place, answer, fields, depends }: Cell): string[] {
  return [
    role,
    facts,
    subject,
    action,
    level ?? '',
    place ?? '',
    answer,
    fields?.join(' ') ?? '',
    depends?.join(' ') ?? '',
  ];
}

const STYLE = `
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; }
th, td { border: 1px solid #999; padding: 0.3rem 0.5rem; text-align: center; }
th:first-child, td:first-child { text-align: left; }
td.yes { background: #d7f0d7; } td.some { background: #fff2c9; } td.no { color: #767676; }
section { break-inside: avoid; } caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
@media print { body { margin: 0; max-width: none; font-size: 10px; } td { print-color-adjust: exact; } @page { size: A4 landscape; margin: 12mm; } }
`.trim();

function html(matrix: Matrix): string {
  const sections = matrix.roles.map((role) => {
    const other = otherGrid(role);
    return [
      `<section><h2>${escaped(titleOf(role))}</h2>`,
      role.description === undefined ? '' : `<p>${escaped(role.description)}</p>`,
      table('Memories', memoryGrid(role)),
      items(notesOf(role)),
      other.rows.length > 0 ? table('Beside memories', other) : '<p>Nothing beside memories.</p>',
      '</section>',
    ].join('\n');
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What each role may do</title>
<style>
${STYLE}
</style>
</head>
<body>
<h1>What each role may do</h1>
${items([...LEGEND, ...about(matrix)])}
${sections.join('\n')}
</body>
</html>
`;
}

function items(texts: readonly string[]): string {
  return texts.length > 0 ? `<ul>${texts.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>` : '';
}

const CLASSES: Readonly<Record<string, string>> = { yes: 'yes', some: 'some', '–': 'no' };

function table(caption: string, { head, rows }: Grid): string {
  const heads = head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('');
  const lines = rows.map(([first = '', ...cells]) => {
    const rest = cells.map(
      (text) => `<td${Object.hasOwn(CLASSES, text) ? ` class="${CLASSES[text]}"` : ''}>${escaped(text)}</td>`,
    );
    return `<tr><th scope="row">${escaped(first)}</th>${rest.join('')}</tr>`;
  });
  return `<table><caption>${escaped(caption)}</caption>\n<thead><tr>${heads}</tr></thead>\n<tbody>${lines.join('\n')}</tbody></table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
}
