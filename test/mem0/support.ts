import type { MemoryClient as Client } from 'mem0ai';
import { mem0 } from '../../src/mem0/index.js';
import type { DoorPlugin } from '../../src/http/door.js';
import type { WardenOptions } from '../../src/config/options.js';
import type { Serve } from '../support/describe-served.js';
import { serve, type Served } from '../support/server.js';

/** The published client; its reports to its makers are off before it is loaded. */
export async function loadClient(): Promise<typeof Client> {
  process.env['MEM0_TELEMETRY'] = 'false';
  return (await import('mem0ai')).MemoryClient;
}

/** What a raw request was answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** A server with mem0's door alone. */
export interface Mem0Served extends Served {
  client(key: string): Client;
  /** One request as any HTTP client sends it. */
  send(key: string | undefined, method: string, path: string, body?: unknown): Promise<Answer>;
}

export async function serveMem0(
  options?: WardenOptions,
  acts?: Parameters<Serve>[2],
  door: DoorPlugin = mem0,
  start: Serve = serve,
): Promise<Mem0Served> {
  const MemoryClient = await loadClient();
  const served = await start([door], options, acts);
  return {
    ...served,
    client: (apiKey) => new MemoryClient({ apiKey, host: served.url }),
    async send(key, method, path, body) {
      const answer = await fetch(`${served.url}${path}`, {
        method,
        headers: {
          ...(key === undefined ? {} : { authorization: `Token ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        body: JSON.parse(text) as Record<string, unknown>,
      };
    },
  };
}

/** The error that a call of the client ended in, as it tells it. */
export async function failure(call: Promise<unknown>): Promise<{ readonly name: string; readonly message: string }> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

/** What an add of the client answered: its types say otherwise. */
export interface Added {
  readonly status: string;
  readonly eventId: string;
  readonly results: readonly { readonly id: string; readonly event: string; readonly data: { memory: string } }[];
}
