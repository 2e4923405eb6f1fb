import { MemwardenError } from '../../errors/memwarden-error.js';
import { refused } from './wrapped.js';

const DRIVER = 'aws-kms';
const REFUSED = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);
const TIMEOUT = new Set(['TimeoutError', 'AbortError', 'RequestTimeout', 'RequestTimeoutException']);
// The names of the service and of the SDK's credential providers; what else an error says is never shown.
const REASONS: readonly (readonly [reason: string, names: readonly string[]])[] = [
  [
    'the credentials are refused or missing',
    [
      'AccessDeniedException',
      'CredentialsProviderError',
      'ExpiredToken',
      'ExpiredTokenException',
      'IncompleteSignatureException',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'MissingAuthenticationTokenException',
      'NotAuthorized',
      'RequestExpired',
      'SignatureDoesNotMatch',
      'TokenProviderError',
      'UnrecognizedClientException',
    ],
  ],
  [
    'the key does not serve: it is not there, disabled, or of another kind',
    [
      'DisabledException',
      'InvalidArnException',
      'InvalidKeyUsageException',
      'KMSInvalidStateException',
      'KeyUnavailableException',
      'NotFoundException',
    ],
  ],
  ['throttled', ['LimitExceededException', 'Throttling', 'ThrottlingException', 'TooManyRequestsException']],
];

/** An error of ours for whatever the SDK threw. It holds nothing that the service said. */
export function awsError(error: unknown, act: 'wrap' | 'unwrap'): MemwardenError {
  const name = String((error as { readonly name?: unknown } | undefined)?.name);
  if (act === 'unwrap' && REFUSED.has(name)) return refused(DRIVER, 'not authentic in this context, or not its bytes');
  if (TIMEOUT.has(name)) return new MemwardenError('kms_timeout', { driver: DRIVER });
  const reason = REASONS.find(([, names]) => names.includes(name))?.[0] ?? 'not reached, or no usable answer';
  return new MemwardenError('kms_unavailable', { driver: DRIVER, reason });
}
