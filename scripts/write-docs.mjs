// Writes what is made from tables: docs/errors.md, docs/record.md and policies/schema.json. A test keeps them equal.
import { writeFileSync } from 'node:fs';
import { documents } from './documents.mjs';

const { ERRORS } = await import('../dist/errors/table.js');
const { FIELDS } = await import('../dist/model/fields.js');
const { policyJsonSchema } = await import('../dist/policy/schema.js');

for (const [path, text] of Object.entries(documents({ ERRORS, FIELDS, policyJsonSchema }))) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
}
