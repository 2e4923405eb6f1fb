import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { HeldRing } from '../../src/crypto/keys/held-ring.js';
import { KeySession } from '../../src/crypto/keys/key-session.js';
import { deriveKeys, newKeyId } from '../../src/crypto/seal/key-schedule.js';
import type { KeyRing } from '../../src/model/key-store.js';

const partition = { tenant: 'default', userId: 'team' };
const [ONE, TWO] = [newKeyId(), newKeyId()];
const SECRETS = { [ONE]: randomBytes(32).toString('hex'), [TWO]: randomBytes(32).toString('hex') };

/** A session on a partition whose key is at hand. */
async function sessionOf(authors: KeyRing['authors']) {
  const keyId = newKeyId();
  const version = {
    keyId,
    wrapped: Buffer.alloc(1),
    kekId: 'kek',
    state: 'active',
    createdAt: new Date(),
    reserved: 0,
  };
  const ring = {
    ...partition,
    epoch: 1,
    state: 'active',
    ownerHeld: false,
    versions: [version],
    ...(authors ? { authors } : {}),
  } as unknown as KeyRing;
  const held = new HeldRing(ring);
  const key = randomBytes(32);
  const plain = await held.unwrapped(keyId, () => Promise.resolve(deriveKeys(key, keyId)));
  const session = new KeySession(
    held,
    { partition } as never,
    () => Promise.resolve(undefined),
    () => Promise.reject(new Error('no key is unwrapped here')),
  );
  return { session, plain, keyId };
}

describe('The keys that a miss is checked with', () => {
  test('S10: are those of the partition, where all of it is sealed with them', async () => {
    const { session, plain } = await sessionOf(undefined);
    expect(session.any()).toBe(plain);
  });

  test('S10: are those of an author in a space where each author has a secret, so that nothing there takes the steps of a memory there', async () => {
    const { session, plain, keyId } = await sessionOf(SECRETS);
    const keys = session.any();
    expect(keys).toBeDefined();
    expect(keys).not.toBe(plain);
    expect(keys).toBe(session.atHand(keyId, `own:${ONE}`));
    expect(keys).not.toBe(session.atHand(keyId, `own:${TWO}`));
  });

  test('S10: are none where there is no key at all, and then nothing is there either', () => {
    const session = new KeySession(
      new HeldRing(undefined),
      { partition } as never,
      () => Promise.resolve(undefined),
      () => Promise.reject(new Error('no key is unwrapped here')),
    );
    expect(session.any()).toBeUndefined();
  });
});
