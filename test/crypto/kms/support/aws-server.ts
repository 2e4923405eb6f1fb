import { randomBytes, randomUUID } from 'node:crypto';
import { decrypt, encrypt } from './aead.js';
import { CANARY, startService, type Answer, type HttpService, type Request } from './http-service.js';
import { isSigned } from './signature-v4.js';

export const REGION = 'eu-west-1';
export const CREDENTIALS = { accessKeyId: 'AKIDMEMWARDENTESTS01', secretAccessKey: 'a-secret-access-key-of-the-tests' };

/** What the service itself does wrong, or is told to. */
export type AwsMood =
  | 'throttled'
  | 'expired token'
  | 'access denied'
  | 'short plaintext'
  | 'other plaintext'
  | 'no plaintext'
  | 'disabled key'
  | 'answers for another key';

/** AWS KMS as far as the driver goes: Encrypt and Decrypt of its JSON 1.1 protocol, signatures and contexts enforced. */
export interface AwsServer extends HttpService {
  mood: AwsMood | undefined;
  /** Makes a key. @returns its ARN */
  createKey(): string;
  /** What CloudTrail would keep of each call. */
  readonly log: { readonly act: string; readonly context: Readonly<Record<string, string>> }[];
}

interface Input {
  readonly KeyId?: string;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
}

export async function startAws(): Promise<AwsServer> {
  const keys = new Map<string, Buffer>();
  const service = await startService((request) => answer(request, server, keys));
  const server: AwsServer = Object.assign(service, {
    mood: undefined,
    log: [],
    createKey() {
      const arn = `arn:aws:kms:${REGION}:111122223333:key/${randomUUID()}`;
      keys.set(arn, randomBytes(32));
      return arn;
    },
  });
  return server;
}

function answer(request: Request, server: AwsServer, keys: Map<string, Buffer>): Answer {
  if (request.method !== 'POST' || request.path !== '/') return failure('UnknownOperationException');
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1') return failure('SerializationException');
  if (!isSigned(request, CREDENTIALS, REGION)) return failure('InvalidSignatureException');
  const { mood } = server;
  if (mood === 'throttled') return failure('ThrottlingException');
  if (mood === 'expired token') return failure('ExpiredTokenException');
  if (mood === 'access denied') return failure('AccessDeniedException');
  const act = request.headers['x-amz-target']?.replace(/^TrentService\./, '') ?? '';
  const input = JSON.parse(request.body) as Input;
  const context = input.EncryptionContext ?? {};
  server.log.push({ act, context });
  const arn = [...keys.keys()].find((one) => one === input.KeyId || one.endsWith(`/${input.KeyId}`));
  if (mood === 'disabled key') return failure('DisabledException');
  if (arn === undefined) return failure('NotFoundException');
  const named = mood === 'answers for another key' ? `arn:aws:kms:${REGION}:111122223333:key/${randomUUID()}` : arn;
  const key = keys.get(arn) as Buffer;
  const associated = Buffer.from(JSON.stringify(Object.entries(context).sort()));
  if (act === 'Encrypt') {
    const blob = encrypt(key, Buffer.from(input.Plaintext ?? '', 'base64'), associated);
    const marked = Buffer.concat([Buffer.from(arn.slice(-36)), blob]);
    return success({
      CiphertextBlob: marked.toString('base64'),
      KeyId: named,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });
  }
  if (act !== 'Decrypt') return failure('UnknownOperationException');
  const blob = Buffer.from(input.CiphertextBlob ?? '', 'base64');
  if (blob.toString('latin1', 0, 36) !== arn.slice(-36))
    return failure(
      keys.has(`${arn.slice(0, -36)}${blob.toString('latin1', 0, 36)}`)
        ? 'IncorrectKeyException'
        : 'InvalidCiphertextException',
    );
  const plaintext = decrypt(key, blob.subarray(36), associated);
  if (!plaintext) return failure('InvalidCiphertextException');
  if (mood === 'no plaintext') return success({ KeyId: named });
  return success({ Plaintext: spoiled(plaintext, mood).toString('base64'), KeyId: named });
}

/** What a service that is broken gives back in the place of a plaintext. */
export function spoiled(plaintext: Buffer, mood: string | undefined): Buffer {
  if (mood === 'short plaintext') return plaintext.subarray(0, -1);
  if (mood === 'other plaintext') return randomBytes(plaintext.length);
  return plaintext;
}

function success(body: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

function failure(name: string): Answer {
  const body = JSON.stringify({ __type: name, message: `${CANARY} ${name}` });
  return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
}
