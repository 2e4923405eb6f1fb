import { Client, StreamableHTTPClientTransport, type CallToolResult } from '@modelcontextprotocol/client';
import type { Memory } from '../../src/model/memory.js';
import type { Served } from '../support/server.js';

/** The revisions of the protocol that a client may speak: with a handshake, and with what each request says of itself. */
export const ERAS = ['legacy', { pin: '2026-07-28' }] as const;
export type Era = (typeof ERAS)[number];

export const nameOf = (era: Era) => (era === 'legacy' ? '2025-11-25' : era.pin);

/** A client of the SDK, connected. */
export async function connected(
  served: Pick<Served, 'url'>,
  key: string,
  given: { headers?: Record<string, string>; era?: Era } = {},
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: given.era ?? 'legacy' } });
  const headers = { authorization: `Bearer ${key}`, ...given.headers };
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', served.url), { requestInit: { headers } }));
  return client;
}

/** Calls a tool. */
export async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<CallToolResult> {
  return client.callTool({ name, arguments: args });
}

/** What the tools answer to programs, put together. */
export interface Data {
  readonly notice: string;
  readonly memory: Memory;
  readonly memories: readonly Memory[];
  readonly hits: readonly { readonly score: number; readonly memory: Memory }[];
  readonly cursor?: string;
  readonly deleted: boolean;
  readonly allowed: boolean;
}

/** What a call that succeeded answers to programs. */
export async function data(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Data> {
  const result = await call(client, name, args);
  if (result.isError) throw new Error(textOf(result));
  return result.structuredContent as unknown as Data;
}

/** What an answer says to models. */
export function textOf({ content }: CallToolResult): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
}

/** The code of the error of a call that failed. */
export async function codeOf(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const result = await call(client, name, args);
  if (!result.isError) return 'none';
  return (JSON.parse(textOf(result)) as { error: { code: string } }).error.code;
}

/** A request as it stands on the wire, by hand: for what no client sends. */
export async function posted(
  served: Pick<Served, 'url'>,
  key: string | undefined,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const answer = await fetch(new URL('/mcp', served.url), {
    method: 'POST',
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** The body of a call of a tool. */
export const callBody = (name: string, args: unknown) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
});
