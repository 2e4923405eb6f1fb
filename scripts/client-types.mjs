import openapiTS, { astToString } from 'openapi-typescript';

const HEAD = '// Written by `npm run generate` from docs/openapi.json.\n\n';

/**
 * The types of the HTTP API, as openapi-typescript makes them.
 *
 * @param {object} document OpenAPI 3.1
 * @returns {Promise<string>} the text of src/client/schema.ts
 */
export async function clientTypes(document) {
  // A copy: the generator changes what it is given.
  const nodes = await openapiTS(structuredClone(document), { alphabetize: false });
  return HEAD + astToString(nodes);
}
