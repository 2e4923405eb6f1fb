import { STATUS_CODES, METHODS, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MemwardenError } from '../errors/memwarden-error.js';
import { newId } from '../model/id.js';
import { toProblem } from './problem.js';
import { REQUEST_ID, SECURITY_HEADERS } from './security-headers.js';

type ClientError = Error & { readonly code?: string | undefined; readonly rawPacket?: unknown };

const REQUEST_LINE = /^([A-Z]{1,24}) \S+ HTTP\/1\.[01]\r\n/;

/**
 * Answers what is no request: bytes that are not HTTP, headers without end, a body that does not come. The connection is
 * closed in every case. Nothing is written into an answer that has begun.
 */
export function onClientError(error: ClientError, socket: Socket): void {
  // Node keeps the answer that is under way here, and looks at it in the same place for an answer of its own.
  const { _httpMessage: answer } = socket as { readonly _httpMessage?: ServerResponse | null };
  if (error.code !== 'ECONNRESET' && socket.writable && !answer?.headersSent) {
    const { known, headers } = toAnswer(error);
    const problem = toProblem(known);
    const body = JSON.stringify(problem);
    const lines = Object.entries({
      ...SECURITY_HEADERS,
      [REQUEST_ID]: newId(),
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
      connection: 'close',
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
  }
  socket.destroySoon();
}

function toAnswer({ code, rawPacket }: ClientError): { known: MemwardenError; headers?: Record<string, string> } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { known: new MemwardenError('request_timeout') };
  if (code === 'HPE_HEADER_OVERFLOW') return { known: new MemwardenError('headers_too_large') };
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { known: new MemwardenError('body_too_large') };
  if (code === 'HPE_INVALID_METHOD' && Buffer.isBuffer(rawPacket)) {
    const [, method = ''] = REQUEST_LINE.exec(rawPacket.toString('latin1', 0, 8_192)) ?? [];
    if (method !== '' && !METHODS.includes(method))
      return { known: new MemwardenError('method_not_allowed'), headers: { allow: TAKEN.join(', ') } };
  }
  return { known: new MemwardenError('request_malformed', { reason: 'not HTTP/1.1' }) };
}

/** Every method that some address takes. */
export const TAKEN: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
