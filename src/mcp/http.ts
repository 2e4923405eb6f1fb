import { toWebRequest, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
  type AuthInfo,
  type McpServer,
} from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MemwardenError } from '../errors/memwarden-error.js';
import { callerOf, partsOf, principalOf, requireCaller, type DoorParts, type DoorPlugin } from '../http/door.js';
import { sendProblem, toKnown } from '../http/problem.js';
import { reachOf, type Reach } from './asking.js';
import { toMcpSettings, type McpOptions } from './options.js';
import { challenge, MCP_PATH, METADATA_PATHS, resourceMetadata } from './protected-resource.js';
import { refuseRebinding } from './rebinding.js';
import { mcpServer } from './server.js';

const NOT_TAKEN = ['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'] as const;

/**
 * MCP over streamable HTTP. It keeps no sessions: every request carries its credential, is authenticated, and is answered
 * by a server of its own, so that any process answers any request and nothing is there to be taken over. All answers are
 * finite: there is no change that a client could subscribe to.
 *
 * @throws MemwardenError config_invalid
 */
export function mcpDoor(options: McpOptions = {}): DoorPlugin {
  const settings = toMcpSettings(options);
  return (app, parts) => {
    refuseRebinding(app, settings);
    for (const path of METADATA_PATHS)
      app.get(path, (request, reply) =>
        reply.header('access-control-allow-origin', '*').send(resourceMetadata(settings, request)),
      );
    void app.register((endpoint, _options, done) => {
      endpoint.removeContentTypeParser('text/plain');
      requireCaller(endpoint, parts, 'mcp');
      refuseSessions(endpoint);
      endpoint.setErrorHandler(async (error, request, reply) => {
        if (toKnown(error).code === 'unauthenticated') reply.header('www-authenticate', challenge(settings, request));
        await sendProblem(error, request, reply);
      });
      const speak = speaking();
      endpoint.post(MCP_PATH, async (request, reply) => {
        await send(reply, await speak(request, reachIn(parts, request)));
      });
      endpoint.route({
        method: [...NOT_TAKEN],
        url: MCP_PATH,
        handler: (_request, reply) => {
          reply.header('allow', 'POST');
          throw new MemwardenError('method_not_allowed');
        },
      });
      done();
    });
  };
}

/** MCP on loopback addresses, with API keys. */
export const mcp: DoorPlugin = mcpDoor();

// None was ever given out, so whoever names one, names one that is not there, with whatever credential.
function refuseSessions(app: Parameters<DoorPlugin>[0]): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const named = request.headers['mcp-session-id'] !== undefined;
    done(named ? new MemwardenError('session_not_found') : undefined);
  });
}

function reachIn(parts: DoorParts, request: FastifyRequest): Reach {
  return reachOf(partsOf(request, parts).warden, callerOf(request), principalOf(request, 'mcp'));
}

// Both revisions of the protocol: with what a client says of itself in each request, and with a handshake before.
function speaking(): (request: FastifyRequest, reach: Reach) => Promise<Response> {
  const serverOf = ({ authInfo }: { readonly authInfo?: AuthInfo }) => authInfo?.extra?.['server'] as McpServer;
  const handler = createMcpHandler(serverOf, { legacy: 'reject' });
  return async (request, reach) => {
    const { body: parsedBody } = request;
    // Of the second and later messages of a batch nobody could say which answer waits for which.
    if (Array.isArray(parsedBody)) throw new MemwardenError('request_malformed', { reason: 'batch' });
    const given = await toWebRequest(request.raw as NodeIncomingMessageLike, parsedBody);
    const failed = (code: string) => void request.log.info({ door: 'mcp', code });
    const server = mcpServer((work) => work(reach), failed);
    if (await isLegacyRequest(given, parsedBody)) {
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport);
      return transport.handleRequest(given, { parsedBody });
    }
    const authInfo: AuthInfo = { token: '', clientId: callerOf(request).id, scopes: [], extra: { server } };
    return handler.fetch(given, { parsedBody, authInfo });
  };
}

async function send(reply: FastifyReply, answer: Response): Promise<void> {
  const type = answer.headers.get('content-type');
  if (type !== null) reply.type(type);
  await reply
    .status(answer.status)
    .header('cache-control', 'no-store')
    .send(await answer.text());
}
