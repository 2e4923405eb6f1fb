import { describe, expect, test } from '@jest/globals';
import { mayLeave, queryMayLeave } from '../../src/model/disclosure.js';
import { LEVELS, type Level } from '../../src/model/levels.js';

const OUT = { remote: true };
const HERE = { remote: false };

describe('S27: what may be handed to an embedder', () => {
  test('S27: nothing leaves where the operator names no level', () => {
    expect(LEVELS.filter((level) => mayLeave(level, OUT, {}))).toEqual([]);
    expect(queryMayLeave(OUT, {})).toBe(false);
  });

  test.each<[Level, readonly Level[], boolean]>([
    ['public', ['public'], false],
    ['private', ['public', 'private'], true],
    ['sensitive', ['public', 'private', 'sensitive'], true],
  ])('S27: up to %s leave %j and no others; sensitive only where it is named', (maxLevel, levels, query) => {
    expect(LEVELS.filter((level) => mayLeave(level, OUT, { maxLevel }))).toEqual(levels);
    expect(queryMayLeave(OUT, { maxLevel })).toBe(query);
  });

  test('what stays in memwarden needs no leave', () => {
    expect(LEVELS.filter((level) => mayLeave(level, HERE, {}))).toEqual(LEVELS);
    expect(queryMayLeave(HERE, {})).toBe(true);
  });

  test('S27: a level that is none of the declared ones never leaves', () => {
    expect(mayLeave('SENSITIVE' as Level, OUT, { maxLevel: 'public' })).toBe(false);
  });
});
