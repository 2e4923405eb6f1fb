/**
 * The documents that are made from the tables of the source, by path.
 *
 * @param {{ ERRORS: object, FIELDS: readonly object[], policyJsonSchema: () => object }} tables
 * @returns {Record<string, string>}
 */
export function documents({ ERRORS, FIELDS, policyJsonSchema }) {
  return {
    'docs/errors.md': errors(ERRORS),
    'docs/record.md': record(FIELDS),
    'policies/schema.json': `${JSON.stringify(policyJsonSchema(), null, 2)}\n`,
  };
}

/**
 * docs/policy-matrix.md.
 *
 * @param {string} matrix what `memwarden policy matrix` prints
 */
export function policyMatrix(matrix) {
  return `${matrix}\nThis page is written by \`npm run docs\` from \`policies/\`, as \`memwarden policy matrix\` prints it.\n`;
}

function errors(table) {
  const rows = Object.entries(table).map(([code, row]) => [
    `\`${code}\``,
    row.status,
    row.exit,
    row.message,
    row.remedy,
  ]);
  return `# Errors

Everything that memwarden throws is a \`MemwardenError\` with one of these codes. Codes are never renamed or reused. An
error names arguments and limits; it never holds content, secrets or queries. \`policy_invalid\` lists every fault in
\`issues\`, each with file, line, column, a code and what to write instead.

This page is written by \`npm run docs\` from \`src/errors/table.ts\`.

${grid(['code', 'HTTP status', 'exit code', 'message', 'remedy'], rows)}
`;
}

function record(fields) {
  const rows = fields.map((field) => [
    `\`${field.name}\``,
    `\`${field.property}\``,
    field.type,
    yes(field.filterable),
    yes(field.sealed),
    yes(field.writable),
    field.about,
  ]);
  return `# The record

One memory, field by field. A policy may name the filterable fields in conditions; sealed fields are encrypted at rest
and can be named in \`fields\` only; writable fields may be given by whoever creates or updates a memory.

This page is written by \`npm run docs\` from \`src/model/fields.ts\`.

${grid(['name', 'property', 'type', 'filterable', 'sealed', 'writable', 'about'], rows)}
`;
}

function yes(value) {
  return value ? 'yes' : '';
}

function grid(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
