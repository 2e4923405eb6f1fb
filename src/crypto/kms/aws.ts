import type { KMSClient, KMSClientConfig } from '@aws-sdk/client-kms';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { AwsKmsSettings } from '../../model/kms-settings.js';
import type { Kms } from '../../model/kms.js';
import { awsError } from './aws-errors.js';
import { toEndpoint } from './endpoint.js';
import { KMS_TIMEOUT_MS, remoteKms, type KeyService, type Shown } from './remote.js';
import { refused } from './wrapped.js';

const DRIVER = 'aws-kms';
const ATTEMPTS = 3;
const KEY = /^(?:arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:key\/)?((?:mrk-)?[0-9a-f-]{32,36})$/;

type Sdk = typeof import('@aws-sdk/client-kms');

/** How the driver is run. */
export interface AwsKmsOptions {
  /** For one call, retries included, in milliseconds. */
  readonly timeoutMs?: number;
  /** Instead of the default chain of the SDK. */
  readonly credentials?: NonNullable<KMSClientConfig['credentials']>;
  /** Loads the SDK; for tests. */
  readonly load?: () => Promise<Sdk>;
}

/**
 * Wraps by AWS KMS, with an encryption context of the binding and the purpose. No call is made here.
 *
 * @throws MemwardenError config_invalid, missing_package
 */
export async function openAwsKms(settings: AwsKmsSettings, options: AwsKmsOptions = {}): Promise<Kms> {
  const { timeoutMs = KMS_TIMEOUT_MS, load = () => import('@aws-sdk/client-kms') } = options;
  const keys = [settings.keyId, ...(settings.previous ?? [])].map(toKey);
  const endpoint = settings.endpoint === undefined ? undefined : toEndpoint(settings.endpoint, 'keys.kms.endpoint');
  const region = settings.region ?? keys[0]?.region;
  const sdk = await load().catch(() => {
    throw new MemwardenError('missing_package', {
      package: '@aws-sdk/client-kms',
      install: 'npm install @aws-sdk/client-kms',
    });
  });
  const client = new sdk.KMSClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    maxAttempts: ATTEMPTS,
    // Half of the time, so that an attempt that hangs leaves time for another.
    requestHandler: { requestTimeout: Math.ceil(timeoutMs / 2), throwOnRequestTimeout: true },
  });
  await client.config.region().catch(() => {
    client.destroy();
    throw new MemwardenError('config_invalid', { argument: 'keys.kms.region' });
  });
  return remoteKms(serviceOf(sdk, client, keys), timeoutMs);
}

function serviceOf({ EncryptCommand, DecryptCommand }: Sdk, client: KMSClient, keys: readonly Key[]): KeyService {
  const [current] = keys as [Key];
  return {
    driver: DRIVER,
    kek: current.id,
    kekId: () => `${DRIVER}:${current.id}`,
    async encrypt(payload, shown, abortSignal) {
      const input = { KeyId: current.name, Plaintext: payload, EncryptionContext: contextOf(shown) };
      const { CiphertextBlob, KeyId } = await sent(client.send(new EncryptCommand(input), { abortSignal }), 'wrap');
      if (!CiphertextBlob?.length || !isOf(current, KeyId)) throw unintelligible();
      return CiphertextBlob;
    },
    // The key is named, so that a blob made under a key of somebody else's, who knows what is in it, opens nothing.
    async decrypt(ciphertext, kek, shown, abortSignal) {
      const key = keys.find(({ id }) => id === kek);
      if (!key) throw refused(DRIVER, 'wrapped under a key-encryption key that is not configured');
      const input = { KeyId: key.name, CiphertextBlob: ciphertext, EncryptionContext: contextOf(shown) };
      const { Plaintext, KeyId } = await sent(client.send(new DecryptCommand(input), { abortSignal }), 'unwrap');
      if (!Plaintext) throw unintelligible();
      if (isOf(key, KeyId)) return Buffer.from(Plaintext.buffer, Plaintext.byteOffset, Plaintext.byteLength);
      Plaintext.fill(0);
      throw refused(DRIVER, 'opened by another key-encryption key');
    },
    close: () => client.destroy(),
  };
}

interface Key {
  /** As it is configured: id or ARN. */
  readonly name: string;
  /** The last part of its ARN. */
  readonly id: string;
  readonly region: string | undefined;
}

function toKey(name: string): Key {
  const [, region, id] = KEY.exec(name) ?? [];
  if (id !== undefined) return { name, id, region };
  throw new MemwardenError('config_invalid', { argument: 'keys.kms.keyId', reason: 'a key id or key ARN, no alias' });
}

function isOf({ id }: Key, arn: string | undefined): boolean {
  return arn === id || arn?.endsWith(`:key/${id}`) === true;
}

function contextOf({ binding, purpose }: Shown): Record<string, string> {
  return { 'memwarden:binding': binding.toString('hex'), 'memwarden:purpose': purpose };
}

async function sent<T>(answer: Promise<T>, act: 'wrap' | 'unwrap'): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw awsError(error, act);
  }
}

function unintelligible(): MemwardenError {
  return new MemwardenError('kms_unavailable', { driver: DRIVER, reason: 'an unintelligible answer' });
}
