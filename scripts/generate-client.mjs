// Writes the types of the client (src/client/schema.ts) from docs/openapi.json. A test keeps the two equal.
import { readFileSync, writeFileSync } from 'node:fs';
import { clientTypes } from './client-types.mjs';

const document = JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8'));
writeFileSync(new URL('../src/client/schema.ts', import.meta.url), await clientTypes(document));
