import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemwardenError } from '../../errors/memwarden-error.js';

/** Where a Vault is and who asks. */
export interface VaultPlace {
  readonly address: URL;
  readonly namespace: string | undefined;
  /** The token, asked for with every call: one that expires is replaced in its file. */
  readonly token: () => Promise<string>;
}

/** An answer: its status, and what is of use in its body. */
export interface VaultAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  /** Whether it is a refusal by Vault itself, and not by something on the way to it. */
  readonly isRefusal: boolean;
}

const DRIVER = 'vault-transit';
const ATTEMPTS = 3;
const BACKOFF_MS = 50;
const MOST_BYTES = 65_536;
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * One call of Vault's HTTP API, tried again where the network or the server failed. `node-vault` is not used: it writes
 * what it sends to its debug log, keys included; gives no way to end a call (its time-out counts idle time alone);
 * follows redirects with the token; and switches certificate checks off by an environment variable.
 *
 * @param body sent as JSON by POST; a GET where there is none
 * @param signal ends the call, its retries included
 * @throws MemwardenError kms_unavailable, kms_timeout
 */
export async function callVault(
  place: VaultPlace,
  path: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<VaultAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await once(place, path, body, signal);
      if (attempt === ATTEMPTS || (answer.status < 500 && answer.status !== 429)) return answer;
    } catch (error) {
      if (error instanceof MemwardenError) throw error;
      if (signal.aborted) throw new MemwardenError('kms_timeout', { driver: DRIVER });
      if (attempt === ATTEMPTS) throw unavailable('not reached');
    }
    await pause(attempt, signal);
  }
}

/** The error for an answer that is no success. It holds nothing that the server said. */
export function vaultError({ status }: VaultAnswer): MemwardenError {
  if (status === 403) return unavailable('the token is refused: expired, or its policy does not allow it');
  if (status === 404) return unavailable('there is no such key or mount');
  if (status === 429) return unavailable('throttled');
  if (status >= 300 && status < 400) return unavailable('redirected: name the address that answers itself');
  if (status >= 500) return unavailable('the server failed or is sealed');
  return unavailable('the key does not serve, or no usable answer');
}

/** The token of a setting, of a file, or of the environment, in this order. */
export function tokenOf(
  settings: { readonly token?: string; readonly tokenFile?: string },
  environment: NodeJS.ProcessEnv,
): VaultPlace['token'] {
  const { token, tokenFile } = settings;
  const file = tokenFile ?? (token === undefined ? environment['VAULT_TOKEN_FILE'] : undefined);
  if (file === undefined || file === '')
    return () => Promise.resolve(checked(token ?? environment['VAULT_TOKEN'] ?? ''));
  return async () => checked((await readFile(file, 'utf8').catch(() => '')).trimEnd());
}

export function unavailable(reason: string): MemwardenError {
  return new MemwardenError('kms_unavailable', { driver: DRIVER, reason });
}

async function once(
  place: VaultPlace,
  path: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<VaultAnswer> {
  const { address, namespace } = place;
  const token = await place.token();
  const response = await fetch(new URL(`${address.pathname.replace(/\/$/, '')}/v1/${path}`, address), {
    method: body ? 'POST' : 'GET',
    headers: {
      'X-Vault-Token': token,
      'X-Vault-Request': 'true',
      ...(namespace === undefined ? {} : { 'X-Vault-Namespace': namespace }),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    // Followed, it would carry the token and the key to wherever the answer says.
    redirect: 'manual',
    signal,
  });
  const parts = partsOf(await textOf(response));
  const data = parts['data'];
  return {
    status: response.status,
    data: data && typeof data === 'object' ? (data as Record<string, unknown>) : undefined,
    isRefusal: response.status === 400 && Array.isArray(parts['errors']),
  };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > MOST_BYTES) throw unavailable('an unintelligible answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function partsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return body && typeof body === 'object' ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function checked(token: string): string {
  if (!PRINTABLE.test(token)) throw unavailable('there is no token: VAULT_TOKEN_FILE, VAULT_TOKEN');
  return token;
}

// Spread out, so that many callers do not come back at once.
async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(BACKOFF_MS * 2 ** attempt * (0.5 + Math.random() / 2), undefined, { signal });
  } catch {
    throw new MemwardenError('kms_timeout', { driver: DRIVER });
  }
}
