import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { keptNames } from '../../src/memory/kept-names.js';
import { newId } from '../../src/model/id.js';

const keysOf = () => {
  const key = { id: newId(), secret: randomBytes(32) };
  return { current: async () => key, byId: async () => key };
};

test('names differ wherever the texts do, also where those run together', async () => {
  const nameOf = keptNames(keysOf());
  const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['1:a']];
  const found = await Promise.all(lists.map((parts) => nameOf(...parts)));
  expect(new Set(found).size).toBe(lists.length);
  expect(await nameOf('ab', 'c')).toBe(found[0]);
});

test('S26: who has another key makes other names', async () => {
  expect(await keptNames(keysOf())('jwt subject', 'alice')).not.toBe(await keptNames(keysOf())('jwt subject', 'alice'));
});
