import type { FastifySchema } from 'fastify';
import type { z } from 'zod';
import type { DoorPlugin } from '../../src/http/door.js';

/** An answer as it came, with its body also as JSON where it is. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into what has no type here
  readonly body: any;
}

/** What goes with a request beside its path. */
export interface Sending {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests with a key. */
export type Send = (method: string, path: string, sending?: Sending) => Promise<Answered>;

/** Sends requests to a server over its socket. */
export function sender(url: string, key?: string): Send {
  return async (method, path, { body, headers = {} } = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The headers that may differ between two answers that are the same (G6). */
const FREE = ['date', 'memwarden-request-id', 'traceparent', 'tracestate'];

/** An answer in bytes, without what may differ. */
export function bytesOf({ status, headers, text }: Answered): string {
  const shown = [...headers].filter(([name]) => !FREE.includes(name) && !name.startsWith('x-ratelimit-'));
  return [status, ...shown.map(([name, value]) => `${name}: ${value}`), '', text].join('\n');
}

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

/**
 * A door whose answers are held against their descriptions: what does not fit is noted, and the test that looks at `faults`
 * fails.
 */
export function checkedDoor(door: DoorPlugin): { readonly door: DoorPlugin; readonly faults: string[] } {
  const faults: string[] = [];
  const checked: DoorPlugin = (app, parts) => {
    app.addHook('onSend', (request, reply, payload, done) => {
      const { schema, url } = request.routeOptions;
      const type = String(reply.getHeader('content-type') ?? '').split(';', 1)[0] ?? '';
      const responses = (schema as FastifySchema | undefined)?.response as Record<string, Described> | undefined;
      if (responses) {
        const where = `${request.method} ${url} ${reply.statusCode} ${type}`;
        const described = responses[reply.statusCode];
        const content = described?.content?.[type];
        if (!described) faults.push(`${where}: no such status; ${String(payload).slice(0, 200)}`);
        else if (described.content && !content) faults.push(`${where}: no such type`);
        else if (content && typeof payload === 'string') {
          const fits = content.schema.safeParse(JSON.parse(payload));
          if (!fits.success) faults.push(`${where}: ${fits.error.message}`);
        }
      }
      done(null, payload);
    });
    return door(app, parts);
  };
  return { door: checked, faults };
}
