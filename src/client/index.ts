import createFetchClient, { type Client as FetchClient } from 'openapi-fetch';
import type { components, paths } from './schema.js';

export type { components, operations, paths } from './schema.js';

/** A memory as the HTTP API releases it. */
export type Memory = components['schemas']['Memory'];
/** An error as the HTTP API tells it (RFC 9457): `code` is stable, docs/errors.md says what to do about it. */
export type Problem = components['schemas']['Problem'];

/** Where a server is, and who asks. */
export interface ClientOptions {
  /** `https://memory.example.com`, without a path. */
  readonly baseUrl: string;
  /** An API key of `memwarden credentials create`, or a token (JWT). It is sent with each request and kept nowhere else. */
  readonly key: string;
  /** The user to act for, where that is another than the one that a path names and the key allows both. */
  readonly onBehalfOf?: string;
  /** The purpose of the requests, one of those of the key. */
  readonly purpose?: string;
  /** In the place of the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** A typed client: `GET`, `POST`, `PATCH` and `DELETE` over the paths of the HTTP API. */
export type Client = FetchClient<paths>;

/**
 * Makes a typed client of a memwarden server.
 *
 * Each call answers with `{ data, response }`, or with `{ error, response }` where `error` is a `Problem`; it rejects only
 * where no answer came. Send an `Idempotency-Key` with a write that may be repeated.
 *
 * ```ts
 * const memwarden = createClient({ baseUrl: 'http://127.0.0.1:8420', key: process.env.MEMWARDEN_API_KEY });
 * const { data, error } = await memwarden.POST('/v1/users/{user}/memories', {
 *   params: { path: { user: 'alice' } },
 *   body: { content: 'Alice is vegetarian.' },
 * });
 * ```
 */
export function createClient({ baseUrl, key, onBehalfOf, purpose, fetch }: ClientOptions): Client {
  return createFetchClient<paths>({
    baseUrl,
    headers: {
      authorization: `Bearer ${key}`,
      ...(onBehalfOf === undefined ? {} : { 'memwarden-on-behalf-of': onBehalfOf }),
      ...(purpose === undefined ? {} : { 'memwarden-purpose': purpose }),
    },
    ...(fetch ? { fetch } : {}),
  });
}
