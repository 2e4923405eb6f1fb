// Writes what is made from tables (docs/errors.md, docs/record.md, docs/classification.md, docs/server.md, policies/schema.json) and from the policies
// (docs/policy-matrix.md). Tests keep them equal.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { documents, policyMatrix } from './documents.mjs';

const { ERRORS } = await import('../dist/errors/table.js');
const { FIELDS } = await import('../dist/model/fields.js');
const { LANGUAGES, RULES } = await import('../dist/classify/rules.js');
const { SETTINGS } = await import('../dist/config/serve/load.js');
const { policyJsonSchema } = await import('../dist/policy/schema.js');

for (const [path, text] of Object.entries(
  documents({ ERRORS, FIELDS, RULES, LANGUAGES, SETTINGS, policyJsonSchema }),
)) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
}

const { matrixOf } = await import('../dist/workbench/matrix.js');
const { writeMatrix } = await import('../dist/workbench/matrix-pages.js');
const { readPolicies } = await import('../dist/workbench/policies.js');
const policies = await readPolicies(fileURLToPath(new URL('../policies', import.meta.url)));
const matrix = writeMatrix(await matrixOf(policies, new Date(0)), 'markdown');
writeFileSync(new URL('../docs/policy-matrix.md', import.meta.url), policyMatrix(matrix));

const { openApiDocument } = await import('../dist/http/v1/openapi.js');
const openApi = `${JSON.stringify(await openApiDocument(), null, 2)}\n`;
writeFileSync(new URL('../docs/openapi.json', import.meta.url), openApi);
