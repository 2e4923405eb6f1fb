import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../../src/errors/table.js';
import { v1 } from '../../../src/http/v1/index.js';
import { openApiDocument } from '../../../src/http/v1/openapi.js';
import { sender } from '../../support/http.js';
import { serve, type Served } from '../../support/server.js';
import { clientTypes } from '../../../scripts/client-types.mjs';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the description of the HTTP API', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve([v1]);
  });
  afterAll(() => served.close());

  test('is valid OpenAPI 3.1, and docs/openapi.json is what the schemas make; npm run docs writes it', async () => {
    const document = await openApiDocument();
    expect(`${JSON.stringify(document, null, 2)}\n`).toBe(read('docs/openapi.json'));
    const result = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    expect([result.valid, (document as { openapi: string }).openapi]).toEqual([true, '3.1.0']);
  });

  test('the types of the client are what the generator makes of it; npm run generate writes them', async () => {
    expect(await clientTypes(JSON.parse(read('docs/openapi.json')))).toBe(read('src/client/schema.ts'));
  });

  test('is served to everybody, as JSON and as a page that may load and run nothing', async () => {
    const nobody = sender(served.url);
    const json = await nobody('GET', '/openapi.json');
    expect([json.status, json.body]).toEqual([200, JSON.parse(read('docs/openapi.json'))]);
    const page = await nobody('GET', '/docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).not.toMatch(/<script|src=|url\(|@import|https?:\/\/(?!json-schema)/);
    for (const { operationId } of operations(json.body)) expect(page.text).toContain(`id="${operationId}"`);
  });

  test('every operation has a name of its own, lists its problems by code, and can be refused for its credential', async () => {
    const document = await openApiDocument();
    const all = operations(document);
    expect(all.length).toBeGreaterThan(25);
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
    for (const { operationId, codes } of all) {
      expect([operationId, codes.filter((code) => !Object.hasOwn(ERRORS, code))]).toEqual([operationId, []]);
      expect([operationId, codes]).toEqual([
        operationId,
        expect.arrayContaining(['unauthenticated', 'forbidden', 'internal']),
      ]);
    }
  });
});

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document has every form that OpenAPI has */
function operations(document: any): { operationId: string; codes: string[] }[] {
  return Object.values<Record<string, { operationId: string; responses: Record<string, { $ref?: string }> }>>(
    document.paths,
  ).flatMap((item) =>
    Object.values(item).map(({ operationId, responses }) => ({
      operationId,
      codes: Object.values(responses).flatMap(({ $ref }) => {
        const shared = $ref && document.components.responses[$ref.split('/').at(-1) as string];
        return shared ? shared.description.split(', ') : [];
      }),
    })),
  );
}
