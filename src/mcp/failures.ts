import { ProtocolError, ProtocolErrorCode, type CallToolResult } from '@modelcontextprotocol/server';
import type { MemwardenError } from '../errors/memwarden-error.js';

/** A failed call of a tool: something that the model may read and act on. Nothing of it depends on what is stored. */
export function toolFailure(error: MemwardenError): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify({ error }) }], isError: true };
}

/** A failed request other than a call of a tool, as an error of the protocol. */
export function protocolFailure(error: MemwardenError): ProtocolError {
  return new ProtocolError(codeOf(error), error.message, error.toJSON());
}

function codeOf({ code, status }: MemwardenError): ProtocolErrorCode {
  if (code === 'not_found') return ProtocolErrorCode.ResourceNotFound;
  return status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
}
