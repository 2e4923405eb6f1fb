import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isMemwardenError } from '../../../src/errors/memwarden-error.js';
import type { Kms } from '../../../src/model/kms.js';
import { CREDENTIALS, type AwsMood } from './support/aws-server.js';
import { ALICE } from './support/context.js';
import { awsSetting, TOKEN, vaultSetting, type Setting } from './support/drivers.js';
import { CANARY, type Fault, type HttpService } from './support/http-service.js';
import type { VaultMood } from './support/vault-server.js';

// Long enough for an answer that comes, and for the SDK's own waits before it tries again.
const PATIENT_MS = 20_000;
const HASTY_MS = 700;

type Ends = readonly (string | undefined)[];
const DOWN: Ends = ['kms_unavailable'];
const LATE: Ends = ['kms_timeout'];

const faultsOf = (driver: string): readonly (readonly [fault: Fault, ends: Ends])[] => [
  ['stall', LATE],
  ['drip', LATE],
  // The SDK reads on until the time is over; the other driver stops at a length.
  ['endless', driver === 'aws-kms' ? LATE : DOWN],
  ['reset', DOWN],
  ['garbage', DOWN],
  ['null', DOWN],
  ['empty', DOWN],
  ['status 500', DOWN],
  ['status 503', DOWN],
  ['status 400', DOWN],
  ['redirect', DOWN],
];

type Moody = Setting & { readonly service: HttpService & { mood: string | undefined } };

const DRIVERS: Readonly<Record<string, () => Promise<Moody>>> = {
  'aws-kms': awsSetting,
  'vault-transit': vaultSetting as () => Promise<Moody>,
};

type Row<M> = readonly [mood: M, wrap: string, unwrap: string];

const AWS: readonly Row<AwsMood>[] = [
  ['throttled', 'kms_unavailable', 'kms_unavailable'],
  ['expired token', 'kms_unavailable', 'kms_unavailable'],
  ['access denied', 'kms_unavailable', 'kms_unavailable'],
  ['disabled key', 'kms_unavailable', 'kms_unavailable'],
  ['short plaintext', 'wrapped', 'key_refused'],
  ['other plaintext', 'wrapped', 'key_refused'],
  ['no plaintext', 'wrapped', 'kms_unavailable'],
  ['answers for another key', 'kms_unavailable', 'key_refused'],
];
const VAULT: readonly Row<VaultMood>[] = [
  ['throttled', 'kms_unavailable', 'kms_unavailable'],
  ['sealed', 'kms_unavailable', 'kms_unavailable'],
  ['short plaintext', 'wrapped', 'key_refused'],
  ['other plaintext', 'wrapped', 'key_refused'],
  ['no plaintext', 'wrapped', 'kms_unavailable'],
];

describe.each(Object.keys(DRIVERS))('G16: an outage of %s', (name) => {
  let setting: Moody;
  const opened: Kms[] = [];
  const key = randomBytes(32);

  beforeEach(async () => {
    setting = await (DRIVERS[name] as () => Promise<Moody>)();
  });
  afterEach(async () => {
    for (const kms of opened.splice(0)) await kms.close();
    await setting.stop();
  });
  const open = async (timeoutMs: number) => {
    const kms = await setting.open(timeoutMs);
    opened.push(kms);
    return kms;
  };

  test.each(faultsOf(name))('G16: %s gives a typed error, no key, no wrap and no secret', async (fault, ends) => {
    const patient = await open(PATIENT_MS);
    const kms = ends === LATE ? await open(HASTY_MS) : patient;
    const wrapped = await patient.wrap(key, ALICE);
    setting.service.faults = [fault];
    for (const act of [() => kms.wrap(key, ALICE), () => kms.unwrap(wrapped, ALICE)])
      expect(ends).toContain(await safeCode(act, key));
    setting.service.faults = [];
    expect(Buffer.from(await patient.unwrap(wrapped, ALICE))).toEqual(key);
  });

  const moods: readonly Row<string>[] = name === 'aws-kms' ? AWS : VAULT;
  test.each(moods)('G16: a service that is %s ends in %s and %s', async (mood, ...ends) => {
    const kms = await open(PATIENT_MS);
    const wrapped = await kms.wrap(key, ALICE);
    setting.service.mood = mood;
    const codes = [
      await safeCode(() => kms.wrap(key, ALICE), key),
      await safeCode(() => kms.unwrap(wrapped, ALICE), key),
    ];
    expect(codes.map((code) => code ?? 'wrapped')).toEqual(ends);
    setting.service.mood = undefined;
    expect(Buffer.from(await kms.unwrap(wrapped, ALICE))).toEqual(key);
  });

  test.each(['reset', 'status 500', 'status 503'] as const)('G16: %s once is tried again', async (fault) => {
    const kms = await open(PATIENT_MS);
    const wrapped = await kms.wrap(key, ALICE);
    setting.service.faults = [fault, 'none'];
    expect(Buffer.from(await kms.unwrap(wrapped, ALICE))).toEqual(key);
    setting.service.faults = [fault, 'none'];
    expect(Buffer.from(await kms.unwrap(await kms.wrap(key, ALICE), ALICE))).toEqual(key);
  });

  test('G16: attempts are bounded: three, and then an error', async () => {
    const kms = await open(PATIENT_MS);
    setting.service.faults = ['status 503'];
    const before = setting.service.requests.length;
    expect(await safeCode(() => kms.wrap(key, ALICE), key)).toBe('kms_unavailable');
    expect(setting.service.requests.length - before).toBe(3);
  });

  test('G16: a service that is gone gives a typed error', async () => {
    const kms = await open(PATIENT_MS);
    const wrapped = await kms.wrap(key, ALICE);
    await setting.service.stop();
    expect(await safeCode(() => kms.unwrap(wrapped, ALICE), key)).toBe('kms_unavailable');
    expect(await safeCode(() => kms.wrap(key, ALICE), key)).toBe('kms_unavailable');
  });

  test('G16: a redirect is not followed, so that neither key nor credentials go elsewhere', async () => {
    const elsewhere = await (DRIVERS[name] as () => Promise<Moody>)();
    const kms = await open(PATIENT_MS);
    setting.service.faults = ['redirect'];
    setting.service.elsewhere = elsewhere.service.address;
    expect(await safeCode(() => kms.wrap(key, ALICE), key)).toBe('kms_unavailable');
    expect(elsewhere.service.requests).toEqual([]);
    await elsewhere.stop();
  });
});

/** The code of the error that an act ends in, after a look at what the error says; undefined where it ends well. */
async function safeCode(act: () => Promise<unknown>, key: Buffer): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!isMemwardenError(error)) throw error;
    const said = `${String(error)} ${JSON.stringify(error)} ${error.stack} ${JSON.stringify(Object.getOwnPropertyDescriptors(error))}`;
    const secrets = [
      CANARY,
      TOKEN,
      CREDENTIALS.secretAccessKey,
      CREDENTIALS.accessKeyId,
      ALICE.userId,
      ALICE.keyId,
      key.toString('hex'),
      key.toString('base64'),
      key.toString('latin1'),
    ];
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
    return error.code;
  }
}
