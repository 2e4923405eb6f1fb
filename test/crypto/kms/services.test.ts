import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openAwsKms } from '../../../src/crypto/kms/aws.js';
import { openVaultTransit } from '../../../src/crypto/kms/vault.js';
import { isMemwardenError } from '../../../src/errors/memwarden-error.js';
import { outcome } from '../../support/warden.js';
import { CREDENTIALS, startAws } from './support/aws-server.js';
import { ALICE } from './support/context.js';
import { awsSetting, TOKEN, vaultSetting } from './support/drivers.js';
import { startVault } from './support/vault-server.js';

const key = randomBytes(32);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function detailOf(act: () => Promise<unknown>) {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!isMemwardenError(error)) throw error;
    return { code: error.code, ...error.detail };
  }
}

describe('AWS KMS', () => {
  const started = async () => {
    const setting = await awsSetting();
    ends.push(() => setting.stop());
    return setting;
  };

  test('the requests are signed: another secret is refused', async () => {
    const aws = await startAws();
    ends.push(() => aws.stop());
    const keyId = aws.createKey();
    const credentials = { ...CREDENTIALS, secretAccessKey: `${CREDENTIALS.secretAccessKey}x` };
    const kms = await openAwsKms({ kind: 'aws-kms', keyId, endpoint: aws.address }, { credentials });
    expect(await detailOf(() => kms.wrap(key, ALICE))).toEqual({
      code: 'kms_unavailable',
      driver: 'aws-kms',
      reason: 'the credentials are refused or missing',
    });
  });

  test('S23: what the service logs holds neither user nor key id, and ties no two wraps together', async () => {
    const { open, service } = await started();
    const kms = await open();
    const wrapped = await Promise.all([1, 2].map(() => kms.wrap(key, ALICE)));
    await kms.unwrap(wrapped[0] as Uint8Array, ALICE);
    expect(service.log.map(({ context }) => Object.keys(context).sort())).toEqual(
      Array(3).fill(['memwarden:binding', 'memwarden:purpose']),
    );
    expect(service.log.every(({ context }) => context['memwarden:purpose'] === 'data')).toBe(true);
    const bindings = service.log.map(({ context }) => context['memwarden:binding']);
    expect(bindings.every((one) => /^[0-9a-f]{64}$/.test(one ?? ''))).toBe(true);
    expect(new Set(bindings).size).toBe(2);
    const sent = JSON.stringify(service.requests.map(({ body, headers }) => [body, headers]));
    for (const secret of [ALICE.userId, ALICE.keyId, key.toString('base64')]) expect(sent).not.toContain(secret);
  });

  test('S23: a key of somebody else, who wrapped what they know, opens nothing', async () => {
    const { open, openOther } = await started();
    const [kms, theirs] = [await open(), await openOther()];
    const wrapped = Buffer.from(await theirs.wrap(key, ALICE));
    expect(await outcome(() => kms.unwrap(wrapped, ALICE))).toBe('key_refused');
    // Named as ours.
    Buffer.from(kms.kekId.slice('aws-kms:'.length)).copy(wrapped, 3);
    expect(await outcome(() => kms.unwrap(wrapped, ALICE))).toBe('key_refused');
  });

  test('a key id and the ARN of it name the same key', async () => {
    const aws = await startAws();
    ends.push(() => aws.stop());
    const arn = aws.createKey();
    const id = arn.slice(-36);
    const [byArn, byId] = await Promise.all(
      [{ keyId: arn }, { keyId: id, region: 'eu-west-1' }].map((one) =>
        openAwsKms({ kind: 'aws-kms', endpoint: aws.address, ...one }, { credentials: CREDENTIALS }),
      ),
    );
    expect(byArn?.kekId).toBe(`aws-kms:${id}`);
    expect(byId?.kekId).toBe(byArn?.kekId);
    const wrapped = (await byArn?.wrap(key, ALICE)) as Uint8Array;
    expect(Buffer.from((await byId?.unwrap(wrapped, ALICE)) as Uint8Array)).toEqual(key);
  });

  test.each([
    ['alias/memwarden', undefined],
    ['arn:aws:kms:eu-west-1:111122223333:alias/memwarden', undefined],
    ['arn:aws:s3:eu-west-1:111122223333:key/4f0c1ba2-7d5e-4b8e-9a51-3c7c0f5a2d11', undefined],
    ['', undefined],
    ['4f0c1ba2-7d5e-4b8e-9a51-3c7c0f5a2d11', 'http://kms.example.com'],
    ['4f0c1ba2-7d5e-4b8e-9a51-3c7c0f5a2d11', 'https://user:secret@kms.example.com'],
    ['4f0c1ba2-7d5e-4b8e-9a51-3c7c0f5a2d11', 'nonsense'],
  ])('an alias, another ARN or an endpoint in the clear is refused: %s %s', async (keyId, endpoint) => {
    const settings = { kind: 'aws-kms', keyId, region: 'eu-west-1', ...(endpoint === undefined ? {} : { endpoint }) };
    expect(await outcome(() => openAwsKms(settings as never))).toBe('config_invalid');
  });

  test('without the SDK the error names the line that installs it', async () => {
    const missing = () => Promise.reject(Object.assign(new Error('no package'), { code: 'ERR_MODULE_NOT_FOUND' }));
    const keyId = '4f0c1ba2-7d5e-4b8e-9a51-3c7c0f5a2d11';
    expect(await detailOf(() => openAwsKms({ kind: 'aws-kms', keyId }, { load: missing }))).toEqual({
      code: 'missing_package',
      package: '@aws-sdk/client-kms',
      install: 'npm install @aws-sdk/client-kms',
    });
  });
});

describe('Vault Transit', () => {
  const started = async () => {
    const setting = await vaultSetting();
    ends.push(() => setting.stop());
    return setting;
  };
  const settingsOf = (address: string) =>
    ({ kind: 'vault-transit', address, mount: 'transit', key: 'memwarden' }) as const;
  const tokenFile = (token: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-token-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'token');
    writeFileSync(path, token);
    return path;
  };

  test('S23: a service that passes over associated data still opens no key for another user', async () => {
    const { open, service } = await started();
    service.mood = 'deaf';
    const kms = await open();
    const wrapped = await kms.wrap(key, ALICE);
    expect(Buffer.from(await kms.unwrap(wrapped, ALICE))).toEqual(key);
    expect(await outcome(() => kms.unwrap(wrapped, { ...ALICE, userId: 'bob@example.com' }))).toBe('key_refused');
    expect(await outcome(() => kms.unwrap(wrapped, { ...ALICE, purpose: 'pseudonym' }))).toBe('key_refused');
  });

  test('S23: what is sent beside the key holds neither user nor key id', async () => {
    const { open, service } = await started();
    const kms = await open();
    await kms.unwrap(await kms.wrap(key, ALICE), ALICE);
    const sent = service.requests.filter(({ body }) => body !== '').map(({ body }) => JSON.parse(body) as object);
    expect(sent.map((body) => Object.keys(body).sort())).toEqual([
      ['associated_data', 'plaintext'],
      ['associated_data', 'ciphertext'],
    ]);
    for (const secret of [ALICE.userId, ALICE.keyId]) {
      expect(JSON.stringify(service.requests)).not.toContain(secret);
      expect(JSON.stringify(service.requests)).not.toContain(Buffer.from(secret).toString('base64').slice(0, -4));
    }
  });

  test('after a rotation in Vault the name of the key says so with the first wrap, and the old version still opens', async () => {
    const { open, service } = await started();
    const kms = await open();
    expect(kms.kekId).toBe('vault-transit:transit/memwarden:v1');
    const old = await kms.wrap(key, ALICE);
    service.rotate('memwarden');
    expect(Buffer.from(await kms.unwrap(old, ALICE))).toEqual(key);
    const wrapped = await kms.wrap(key, ALICE);
    expect(kms.kekId).toBe('vault-transit:transit/memwarden:v2');
    service.retireBelow('memwarden', 2);
    expect(await outcome(() => kms.unwrap(old, ALICE))).toBe('key_refused');
    expect(Buffer.from(await kms.unwrap(wrapped, ALICE))).toEqual(key);
  });

  test('a token in a file is read anew, so that one that expired is replaced without a restart', async () => {
    const { service } = await started();
    const path = tokenFile(`${TOKEN}\n`);
    const kms = await openVaultTransit(settingsOf(service.address), { environment: { VAULT_TOKEN_FILE: path } });
    const wrapped = await kms.wrap(key, ALICE);
    service.tokens.delete(TOKEN);
    expect(await detailOf(() => kms.unwrap(wrapped, ALICE))).toEqual({
      code: 'kms_unavailable',
      driver: 'vault-transit',
      reason: 'the token is refused: expired, or its policy does not allow it',
    });
    service.tokens.add('hvs.renewed');
    writeFileSync(path, 'hvs.renewed\n');
    expect(Buffer.from(await kms.unwrap(wrapped, ALICE))).toEqual(key);
  });

  test('the token comes from the settings, a file, the environment, in this order, and without one it says so', async () => {
    const { service } = await started();
    const environment = { VAULT_TOKEN_FILE: tokenFile('of-file'), VAULT_TOKEN: 'of-environment' };
    const used = async (settings: object, variables: object) => {
      const before = service.requests.length;
      const ended = await outcome(() =>
        openVaultTransit({ ...settingsOf(service.address), ...settings }, { environment: variables as never }),
      );
      return service.requests[before]?.headers['x-vault-token'] ?? ended;
    };
    expect(await used({ token: 'of-settings' }, environment)).toBe('of-settings');
    expect(await used({ tokenFile: tokenFile('of-setting-file') }, environment)).toBe('of-setting-file');
    expect(await used({}, environment)).toBe('of-file');
    expect(await used({}, { VAULT_TOKEN: 'of-environment' })).toBe('of-environment');
    expect(await used({}, {})).toBe('kms_unavailable');
    expect(await used({}, { VAULT_TOKEN: 'two\nlines' })).toBe('kms_unavailable');
    expect(await used({ tokenFile: join(tmpdir(), 'memwarden-no-such-file') }, {})).toBe('kms_unavailable');
  });

  test('a namespace is named in every request', async () => {
    const { service } = await started();
    service.namespace = 'team-a';
    const kms = await openVaultTransit(
      { ...settingsOf(service.address), token: TOKEN, namespace: 'team-a' },
      { environment: {} },
    );
    expect(Buffer.from(await kms.unwrap(await kms.wrap(key, ALICE), ALICE))).toEqual(key);
    expect(
      await outcome(() => openVaultTransit({ ...settingsOf(service.address), token: TOKEN }, { environment: {} })),
    ).toBe('kms_unavailable');
  });

  test.each([
    ['rsa-4096', false],
    ['aes128-gcm96', false],
    ['aes256-gcm96', true],
  ])('a key of type %s (derived: %s) is refused: it would not hold what a wrap is bound to', async (type, derived) => {
    const vault = await startVault();
    ends.push(() => vault.stop());
    vault.tokens.add(TOKEN);
    vault.createKey('memwarden', type, derived);
    expect(await outcome(() => openVaultTransit({ ...settingsOf(vault.address), token: TOKEN }))).toBe(
      'config_invalid',
    );
  });

  test.each([
    [{ address: 'http://vault.example.com:8200' }, 'config_invalid'],
    [{ address: 'ftp://127.0.0.1' }, 'config_invalid'],
    [{ address: 'http://127.0.0.1.example.com' }, 'config_invalid'],
    [{ mount: '../sys' }, 'config_invalid'],
    [{ mount: '' }, 'config_invalid'],
    [{ key: 'a/b' }, 'config_invalid'],
    [{ key: 'a?b' }, 'config_invalid'],
    [{ key: '..' }, 'config_invalid'],
    [{ key: 'absent' }, 'kms_unavailable'],
    [{ mount: 'absent' }, 'kms_unavailable'],
  ])('an address in the clear and a name that leads elsewhere are refused: %j', async (settings, code) => {
    const { service } = await started();
    const all = { ...settingsOf(service.address), token: TOKEN, ...settings };
    expect(await outcome(() => openVaultTransit(all, { environment: {} }))).toBe(code);
    if (code === 'config_invalid') expect(service.requests).toEqual([]);
  });
});
