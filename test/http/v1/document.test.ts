import { describe, expect, test } from '@jest/globals';
import { openApiDocument } from '../../../src/http/v1/openapi.js';
describe('x', () => {
  test('y', async () => {
    const d = await openApiDocument();
    console.log(JSON.stringify((d as any).paths['/v1/users/{user}/memories'].get, null, 1), JSON.stringify(d).length);
    expect(1).toBe(1);
  });
});
