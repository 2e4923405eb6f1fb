import { expect, test } from '@jest/globals';
import { withDeadline } from '../../../src/crypto/kms/deadline.js';
import { outcome } from '../../support/warden.js';

test('G16: an act that does not heed the end of its time ends the call all the same, and what it brings late is wiped', async () => {
  let bring: (value: Buffer) => void = () => undefined;
  let told = false;
  const call = withDeadline(
    'aws-kms',
    20,
    (signal) => {
      signal.addEventListener('abort', () => (told = true));
      return new Promise<Buffer>((done) => (bring = done));
    },
    (late) => late.fill(0),
  );
  expect(await outcome(() => call)).toBe('kms_timeout');
  expect(told).toBe(true);
  const key = Buffer.alloc(32, 7);
  bring(key);
  await new Promise((done) => setImmediate(done));
  expect(key).toEqual(Buffer.alloc(32));
});

test('G16: an act that fails late harms nobody', async () => {
  let fail: (error: Error) => void = () => undefined;
  const call = withDeadline('aws-kms', 20, () => new Promise((_, failed) => (fail = failed)));
  expect(await outcome(() => call)).toBe('kms_timeout');
  fail(new Error('late'));
  await new Promise((done) => setImmediate(done));
});

test('what comes in time is not wiped, and its failure is its own', async () => {
  const key = Buffer.alloc(32, 7);
  const discard = (late: Buffer) => late.fill(0);
  expect(await withDeadline('local', 1_000, () => Promise.resolve(key), discard)).toEqual(Buffer.alloc(32, 7));
  expect(await outcome(() => withDeadline('local', 1_000, () => Promise.reject(new Error('own'))))).toEqual(
    new Error('own'),
  );
});
