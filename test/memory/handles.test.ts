import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Handles } from '../../src/memory/handles.js';
import { newId } from '../../src/model/id.js';

const SEED = 20_268;
const keysOf = () => {
  const key = { id: newId(), secret: randomBytes(32) };
  return { current: async () => key, byId: async (id: string) => (id === key.id ? key : undefined) };
};
const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter((text) => text.isWellFormed());

describe('A handle', () => {
  const handles = new Handles(keysOf(), 'default');

  test('S14: opens to what was sealed, is always the same, and fits into an address as it is', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, async (owner, id) => {
        const handle = await handles.seal('memory', { owner, id });
        expect(await handles.open('memory', handle)).toEqual({ owner, id });
        expect(await handles.seal('memory', { owner, id })).toBe(handle);
        expect(encodeURIComponent(handle)).toBe(handle);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test('S14: opens to nothing with any bit of it changed, cut off, longer, of another kind or of another store', async () => {
    const handle = await handles.seal('memory', { owner: 'alice', id: newId() });
    const bytes = Buffer.from(handle, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await handles.open('memory', changed.toString('base64url'))).toBeUndefined();
    }
    for (let end = 0; end < handle.length; end += 1)
      expect(await handles.open('memory', handle.slice(0, end))).toBeUndefined();
    for (const other of [
      `${handle}A`,
      `${handle}=`,
      ` ${handle}`,
      `${handle}\n`,
      handle.toLowerCase(),
      '',
      '*',
      newId(),
    ])
      expect(await handles.open('memory', other)).toBeUndefined();
    expect(await handles.open('event', handle)).toBeUndefined();
    expect(await new Handles(keysOf(), 'default').open('memory', handle)).toBeUndefined();
    expect(await handles.open('memory', handle)).toBeDefined();
  });

  test('S14: shows neither the owner nor the id', async () => {
    const handle = Buffer.from(await handles.seal('memory', { owner: 'canary-owner', id: 'canary-id' }), 'base64url');
    expect(handle.includes('canary')).toBe(false);
  });
});
