import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { isIP } from 'node:net';
import { REFUSED_ADDRESS, type Destinations } from './destinations.js';

/** What became of one attempt. */
export type Attempt = 'ok' | 'redirect' | 'client_error' | 'server_error' | 'timeout' | 'unreachable' | 'address';

/** One attempt. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long the answer may take, name and connection included, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Who vouches for receivers; those that Node knows where it is not given. */
  readonly ca?: string | Buffer | undefined;
}

const MOST_HEADERS = 16_384;

/**
 * Sends one POST over a connection of its own, and reads nothing of the answer but its status. No redirect is followed, no
 * proxy of the environment is asked, and certificates are checked whatever the environment says. It never throws.
 */
export async function post(destinations: Destinations, order: Post): Promise<Attempt> {
  const { url, headers, body, timeoutMs, signal, ca } = order;
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  // A host that is an address is not looked up.
  if (!destinations.allows(url) || (isIP(host) !== 0 && !destinations.permits(host, host))) return 'address';
  const limit = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const request = (protocol === 'https:' ? https : http)(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'memwarden',
        connection: 'close',
      },
      agent: false,
      lookup: destinations.lookup,
      rejectUnauthorized: true,
      maxHeaderSize: MOST_HEADERS,
      signal: AbortSignal.any([limit, signal]),
      ...(ca === undefined ? {} : { ca }),
    });
    request.on('response', (answer) => {
      resolve(told(answer.statusCode ?? 0));
      // Whatever it would say.
      request.destroy();
    });
    request.on('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === REFUSED_ADDRESS ? 'address' : limit.aborted ? 'timeout' : 'unreachable');
    });
    request.on('close', () => resolve('unreachable'));
    request.end(body);
  });
}

function told(status: number): Attempt {
  if (status >= 200 && status < 300) return 'ok';
  if (status >= 300 && status < 400) return 'redirect';
  // Who asks for another attempt gets it.
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'client_error' : 'server_error';
}
