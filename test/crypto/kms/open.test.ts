import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openClientHeld } from '../../../src/crypto/kms/client-held.js';
import { createKeyFile } from '../../../src/crypto/kms/key-file.js';
import { openKms } from '../../../src/crypto/kms/open.js';
import { parseKmsUri } from '../../../src/crypto/kms/uri.js';
import { outcome } from '../../support/warden.js';
import { CREDENTIALS } from './support/aws-server.js';
import { ALICE } from './support/context.js';
import { awsSetting, TOKEN, vaultSetting } from './support/drivers.js';

const key = randomBytes(32);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const KEY_ID = '4f0c1ba2-7d5e-4b8e-9a51-3c7c0f5a2d11';
const ARN = `arn:aws:kms:eu-west-1:111122223333:key/${KEY_ID}`;

describe('the URI of a key service', () => {
  test.each([
    ['local:./.memwarden/keys/kek', { kind: 'local', path: './.memwarden/keys/kek' }],
    [
      'local:/a b/kek?previous=/a%20b/old&previous=/older',
      { kind: 'local', path: '/a b/kek', previous: ['/a b/old', '/older'] },
    ],
    [`aws-kms:${ARN}`, { kind: 'aws-kms', keyId: ARN }],
    [
      `aws-kms:${KEY_ID}?region=eu-west-1&endpoint=https%3A%2F%2Fkms.example.com&previous=${ARN}`,
      { kind: 'aws-kms', keyId: KEY_ID, region: 'eu-west-1', endpoint: 'https://kms.example.com', previous: [ARN] },
    ],
    [
      'vault:https://vault.example.com:8200/team/transit/memwarden?namespace=a%2Fb&token_file=/run/token',
      {
        kind: 'vault-transit',
        address: 'https://vault.example.com:8200',
        mount: 'team/transit',
        key: 'memwarden',
        namespace: 'a/b',
        tokenFile: '/run/token',
      },
    ],
    ['vault:transit/memwarden', { kind: 'vault-transit', address: 'https://v', mount: 'transit', key: 'memwarden' }],
  ])('%s', (uri, settings) => {
    expect(parseKmsUri(uri, { VAULT_ADDR: 'https://v' })).toEqual(settings);
  });

  test.each([
    '',
    'local',
    'local:',
    'LOCAL:kek',
    'file:kek',
    'local:kek?create=true',
    'local:kek?previous=',
    'aws-kms:?region=a',
    `aws-kms:${KEY_ID}?region=a&region=b`,
    `aws-kms:${KEY_ID}?secret=x`,
    'vault:memwarden',
    'vault:transit/memwarden',
    'vault:https://vault.example.com/memwarden',
    'vault:https://vault.example.com/transit/memwarden?token=hvs.secret',
  ])('%s is refused', async (uri) => {
    expect(await outcome(() => openKms(uri, { environment: {} }))).toBe('config_invalid');
  });
});

describe('the key service of a choice', () => {
  test('S23: a local one, made only where the key store says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-open-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const uri = `local:${join(folder, 'keys', 'kek')}`;
    expect(await outcome(() => openKms(uri))).toBe('key_file_missing');
    const kms = await openKms(uri, { create: true });
    const wrapped = await kms.wrap(key, ALICE);
    const again = await openKms({ kind: 'local', path: join(folder, 'keys', 'kek') }, { expected: [kms.kekId] });
    expect(Buffer.from(await again.unwrap(wrapped, ALICE))).toEqual(key);
    await createKeyFile(join(folder, 'keys', 'next'));
    const next = await openKms(`local:${join(folder, 'keys', 'next')}?previous=${join(folder, 'keys', 'kek')}`);
    expect(Buffer.from(await next.unwrap(wrapped, ALICE))).toEqual(key);
    expect(await outcome(() => openKms(`local:${join(folder, 'keys', 'next')}`, { expected: [kms.kekId] }))).toBe(
      'key_file_other',
    );
  });

  test('one of AWS, with the credentials of the environment', async () => {
    const { service, stop } = await awsSetting();
    ends.push(stop);
    const before = { ...process.env };
    ends.push(() => {
      process.env = before;
    });
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    });
    const kms = await openKms(`aws-kms:${service.createKey()}?endpoint=${encodeURIComponent(service.address)}`);
    expect(Buffer.from(await kms.unwrap(await kms.wrap(key, ALICE), ALICE))).toEqual(key);
    await kms.close();
  });

  test('one of Vault, with the address and the token of the environment', async () => {
    const { service, stop } = await vaultSetting();
    ends.push(stop);
    const environment = { VAULT_ADDR: service.address, VAULT_TOKEN: TOKEN };
    const kms = await openKms('vault:transit/memwarden', { environment });
    expect(Buffer.from(await kms.unwrap(await kms.wrap(key, ALICE), ALICE))).toEqual(key);
  });

  test('G16: one that cannot be reached is an error at the start, within its time', async () => {
    const { service, stop } = await vaultSetting();
    ends.push(stop);
    const environment = { VAULT_ADDR: service.address, VAULT_TOKEN: TOKEN };
    service.faults = ['stall'];
    expect(await outcome(() => openKms('vault:transit/memwarden', { environment, timeoutMs: 200 }))).toBe(
      'kms_timeout',
    );
    service.faults = ['reset'];
    expect(await outcome(() => openKms('vault:transit/memwarden', { environment }))).toBe('kms_unavailable');
  });
});

describe('a key that the client holds', () => {
  test('without it nothing is wrapped or opened, and the error says so', async () => {
    const without = openClientHeld(undefined);
    const wrapped = await openClientHeld(key).wrap(key, ALICE);
    expect(await outcome(() => without.unwrap(wrapped, ALICE))).toBe('owner_key_required');
    expect(await outcome(() => without.wrap(key, ALICE))).toBe('owner_key_required');
    await without.close();
  });

  test('it is 32 bytes, and not text', async () => {
    const wrong = [
      randomBytes(31),
      randomBytes(33),
      Buffer.alloc(32),
      Buffer.alloc(32, 7),
      'k'.repeat(32),
      '',
      {},
      null,
      0,
    ];
    for (const one of wrong as never[])
      expect([one, await outcome(async () => openClientHeld(one))]).toEqual([one, 'invalid_argument']);
  });

  test('another one is told by its check value', async () => {
    const wrapped = await openClientHeld(key).wrap(key, ALICE);
    const other = openClientHeld(randomBytes(32));
    await expect(other.unwrap(wrapped, ALICE)).rejects.toMatchObject({
      code: 'key_refused',
      detail: { reason: 'wrapped under another key-encryption key' },
    });
  });

  test('it stays the caller’s: who wipes it after the request takes nothing from the request', async () => {
    const owner = Buffer.from(key);
    const kms = openClientHeld(owner);
    owner.fill(0);
    const wrapped = await kms.wrap(key, ALICE);
    const again = openClientHeld(key);
    expect(Buffer.from(await again.unwrap(wrapped, ALICE))).toEqual(key);
    await kms.close();
    expect(await outcome(() => kms.wrap(key, ALICE))).toBe('closed');
    expect(await outcome(() => again.unwrap(wrapped, ALICE))).toBeInstanceOf(Uint8Array);
  });
});
