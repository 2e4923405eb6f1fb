import { expect, test } from '@jest/globals';
import { sourceFiles } from './source.js';

const LONGEST = 250;
// Written by a generator from docs/openapi.json.
const GENERATED = 'client/schema.ts';
const files = sourceFiles().filter(({ path }) => path !== GENERATED);

function findings(pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  );
}

test('S16: the sources are there to be looked at', () => {
  expect(files.length).toBeGreaterThan(60);
  expect(findings(/^export class Guard /)).toHaveLength(1);
});

test(`a file of src has at most ${LONGEST} lines, so that it holds one concept`, () => {
  const long = files
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LONGEST);
  expect(long).toEqual([]);
});

test('src leaves nothing to be done: no TODO, FIXME, XXX or HACK', () => {
  expect(findings(/\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

test('src runs no text as code and silences no type check', () => {
  expect(
    findings(/\beval\s*\(|\bnew Function\b|\bFunction\s*\(|\bas any\b|: any\b|@ts-(?:ignore|nocheck|expect-error)/),
  ).toEqual([]);
});

test('every override of a lint rule carries its reason', () => {
  expect(findings(/eslint-disable(?!-next-line\s\S+(?:, \S+)* -- \S.{9,})/)).toEqual([]);
  expect(findings(/eslint-disable-next-line/).length).toBeGreaterThan(0);
});

test('invariant 6: no aggregation, populate, $lookup or $where stands in the store', () => {
  const found = findings(/\.aggregate\(|\.populate\(|\$lookup|\$where|\$function|\$expr|mapReduce/);
  // The definition of a view for readers past memwarden, without a word of any caller; memwarden itself never reads it.
  expect(found.filter((place) => !place.startsWith('store/mongodb/public-view.ts:'))).toEqual([]);
});

test('invariant 10: src prints nothing but through the command line', () => {
  expect(
    findings(/\bconsole\.\w+\(|process\.std(?:out|err)\.write/).filter((line) => !line.startsWith('cli/')),
  ).toEqual([]);
});
