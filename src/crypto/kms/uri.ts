import { MemwardenError } from '../../errors/memwarden-error.js';
import type { AwsKmsSettings, KmsSettings, LocalKmsSettings, VaultTransitSettings } from '../../model/kms-settings.js';

const ARGUMENT = 'keys.kms';

/**
 * Reads the choice of a key service:
 *
 *     local:PATH[?previous=PATH...]
 *     aws-kms:KEY_ID_OR_ARN[?region=REGION&endpoint=URL&previous=KEY...]
 *     vault:ADDRESS/MOUNT/KEY[?namespace=NAME&token_file=PATH]
 *     vault:MOUNT/KEY                                            at VAULT_ADDR
 *
 * Values of the query are percent-encoded. There is no place for a secret: a URI is printed and logged.
 *
 * @throws MemwardenError config_invalid
 */
export function parseKmsUri(uri: string, environment: NodeJS.ProcessEnv = process.env): KmsSettings {
  const [, scheme = '', rest = '', query = ''] = /^([a-z-]+):([^?]*)(?:\?(.*))?$/.exec(uri) ?? [];
  const parameters = new URLSearchParams(query);
  if (rest === '') throw invalid('local:PATH, aws-kms:KEY or vault:ADDRESS/MOUNT/KEY');
  switch (scheme) {
    case 'local':
      return local(rest, parameters);
    case 'aws-kms':
      return awsKms(rest, parameters);
    case 'vault':
      return vaultTransit(rest, parameters, environment);
    default:
      throw invalid('local:PATH, aws-kms:KEY or vault:ADDRESS/MOUNT/KEY');
  }
}

function local(path: string, parameters: URLSearchParams): LocalKmsSettings {
  assertKnown(parameters, ['previous']);
  return { kind: 'local', path, ...several(parameters, 'previous') };
}

function awsKms(keyId: string, parameters: URLSearchParams): AwsKmsSettings {
  assertKnown(parameters, ['region', 'endpoint', 'previous']);
  const kind = 'aws-kms';
  return {
    kind,
    keyId,
    ...one(parameters, 'region'),
    ...one(parameters, 'endpoint'),
    ...several(parameters, 'previous'),
  };
}

function vaultTransit(rest: string, parameters: URLSearchParams, environment: NodeJS.ProcessEnv): VaultTransitSettings {
  assertKnown(parameters, ['namespace', 'token_file']);
  const match = /^(https?:\/\/[^/]+)\/(.+)$/.exec(rest);
  const origin = match ? match[1] : environment['VAULT_ADDR'];
  const parts = (match?.[2] ?? rest).split('/');
  const key = parts.pop() ?? '';
  if (!origin || parts.length === 0) throw invalid('vault:ADDRESS/MOUNT/KEY, or vault:MOUNT/KEY with VAULT_ADDR');
  const { token_file: tokenFile } = one(parameters, 'token_file');
  return {
    kind: 'vault-transit',
    address: origin,
    mount: parts.join('/'),
    key,
    ...one(parameters, 'namespace'),
    ...(tokenFile === undefined ? {} : { tokenFile }),
  };
}

function one<K extends string>(parameters: URLSearchParams, name: K): Partial<Record<K, string>> {
  const values = parameters.getAll(name);
  if (values.length > 1 || values[0] === '') throw invalid(`one ${name}`);
  return values[0] === undefined ? {} : ({ [name]: values[0] } as Partial<Record<K, string>>);
}

function several<K extends string>(parameters: URLSearchParams, name: K): Partial<Record<K, string[]>> {
  const values = parameters.getAll(name);
  if (values.includes('')) throw invalid(`a value for ${name}`);
  return values.length === 0 ? {} : ({ [name]: values } as Partial<Record<K, string[]>>);
}

function assertKnown(parameters: URLSearchParams, known: readonly string[]): void {
  if ([...parameters.keys()].some((name) => !known.includes(name)))
    throw invalid(`no parameters but ${known.join(', ')}`);
}

function invalid(reason: string): MemwardenError {
  return new MemwardenError('config_invalid', { argument: ARGUMENT, reason });
}
