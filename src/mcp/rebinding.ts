import { validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import type { FastifyInstance } from 'fastify';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { McpSettings } from './options.js';

/**
 * Refuses requests that a web page made by rebinding a name of its own to this server's address: also on loopback, where
 * the browser of whoever runs the server reaches it.
 */
export function refuseRebinding(app: FastifyInstance, { allowedHosts, allowedOrigins }: McpSettings): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { host, origin } = request.headers;
    const isKnown = validateHostHeader(host, allowedHosts).ok && validateOriginHeader(origin, allowedOrigins).ok;
    done(isKnown ? undefined : new MemwardenError('origin_refused'));
  });
}
