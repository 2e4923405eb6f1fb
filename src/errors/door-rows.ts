import type { ErrorRow } from './row.js';

/** Errors of credentials and of requests that come in at a door. */
export const DOOR_ROWS = {
  unauthenticated: {
    status: 401,
    exit: 3,
    message: 'The request carries no credential that is valid.',
    remedy: 'Send `Authorization: Bearer <key>` with a key or token that is neither expired nor revoked.',
  },
  identity_unavailable: {
    status: 503,
    exit: 7,
    message: 'The keys that tokens are checked with cannot be had.',
    remedy: 'Try again later; the operator looks whether the address of `jwt.keys` answers.',
  },
  credential_not_found: {
    status: 404,
    exit: 4,
    message: 'There is no such credential.',
    remedy: 'Take an id from `memwarden credentials list`.',
  },
  request_malformed: {
    status: 400,
    exit: 2,
    message: 'The request is not one that this address takes.',
    remedy: 'See `detail.reason` and the description of the interface at /openapi.json.',
  },
  body_too_large: {
    status: 413,
    exit: 2,
    message: 'The body of the request is too large.',
    remedy: 'Send less at once; `detail.limit` says how much is taken, and `detail.of` of what.',
  },
  headers_too_large: {
    status: 431,
    exit: 2,
    message: 'The headers of the request are too large.',
    remedy: 'Send less in headers and address; `limits.headerBytes` of the server is the limit.',
  },
  unsupported_media_type: {
    status: 415,
    exit: 2,
    message: 'The body is of a kind that this address does not take.',
    remedy: 'Send `Content-Type: application/json`.',
  },
  route_not_found: {
    status: 404,
    exit: 4,
    message: 'There is nothing at this address.',
    remedy: 'See the description of the interface at /openapi.json.',
  },
  method_not_allowed: {
    status: 405,
    exit: 2,
    message: 'This address does not take this method.',
    remedy: 'See the `Allow` header.',
  },
  request_timeout: {
    status: 408,
    exit: 7,
    message: 'The request did not arrive in time.',
    remedy: 'Send it again.',
  },
  origin_refused: {
    status: 403,
    exit: 3,
    message: 'The request names a host, or comes from an origin, that this server is not configured for.',
    remedy: 'Use an address that the server knows, or add it to the allowed hosts or origins in the configuration.',
  },
  session_not_found: {
    status: 404,
    exit: 4,
    message: 'There is no such session for this credential.',
    remedy: 'Connect anew, without `Mcp-Session-Id`.',
  },
  precondition_failed: {
    status: 412,
    exit: 5,
    message: 'The memory is at another version than the one that If-Match names.',
    remedy: 'Read it again and repeat the change on the version that is there now.',
  },
  idempotency_mismatch: {
    status: 422,
    exit: 2,
    message: 'This Idempotency-Key was used with another body.',
    remedy: 'Use a new key for a new request.',
  },
  idempotency_in_progress: {
    status: 409,
    exit: 5,
    message: 'A request with this Idempotency-Key has not ended, or ended without a known outcome.',
    remedy: 'Look up what is stored, then use a new key.',
  },
  job_not_found: {
    status: 404,
    exit: 4,
    message: 'There is no such job for this credential.',
    remedy: 'Check the id; a job is shown to the credential that began it and to who may approve it, for a week.',
  },
  export_not_ready: {
    status: 409,
    exit: 5,
    message: 'The export is not done, so that there is nothing of it to hand out.',
    remedy: 'Look at its state; where it waits, was interrupted or failed, send the same request again.',
  },
  export_stale: {
    status: 409,
    exit: 5,
    message:
      'Something of the export was erased, has expired or may no longer be exported, so that its files are gone; or it was made for another user or purpose.',
    remedy: 'Send the request for the export again.',
  },
  rate_limited: {
    status: 429,
    exit: 7,
    message: 'Too many requests.',
    remedy: 'Wait for the seconds of the `Retry-After` header.',
  },
  not_supported: {
    status: 400,
    exit: 2,
    message: 'This is not supported here.',
    remedy: 'See `detail.argument` and the table of what is supported in docs/mem0.md.',
  },
} as const satisfies Record<string, ErrorRow>;
