import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { importsOf, target } from './source.js';

const ROOT = join(import.meta.dirname, '../..');
const SCRIPTS = ['bench', 'chaos', 'fuzz', 'load', 'parity'].map((name) => `test/${name}/main`);

test.each(SCRIPTS)('%s runs by itself: nothing that it reads needs the test runner', (script) => {
  const way = new Map<string, string>([[script, '']]);
  for (const path of way.keys()) {
    const text = readFileSync(join(ROOT, `${path}.ts`), 'utf8');
    for (const one of importsOf({ path, text })) {
      expect([one.specifier, path, way.get(path)]).not.toEqual(['@jest/globals', path, way.get(path)]);
      const found = target(one);
      if (found !== undefined && found.startsWith('test/') && !way.has(found)) way.set(found, path);
    }
  }
  expect(way.size).toBeGreaterThan(3);
});
