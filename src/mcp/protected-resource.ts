import { getOAuthProtectedResourceMetadataUrl } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import type { McpSettings } from './options.js';

/** Where MCP is spoken. */
export const MCP_PATH = '/mcp';
/** Where the metadata of the resource lies (RFC 9728): beside the endpoint's path, and at the root for who asks there. */
export const METADATA_PATHS = [
  `/.well-known/oauth-protected-resource${MCP_PATH}`,
  '/.well-known/oauth-protected-resource',
] as const;

/** The metadata of the protected resource (RFC 9728): who issues tokens for it, and how they are sent. */
export function resourceMetadata(settings: McpSettings, request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { authorizationServers, scopes } = settings;
  return {
    resource: resourceOf(settings, request).href,
    ...(authorizationServers.length === 0 ? {} : { authorization_servers: authorizationServers }),
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    resource_name: 'memwarden',
  };
}

/** What a request without a valid credential is told of where to get one (RFC 6750, RFC 9728). */
export function challenge(settings: McpSettings, request: FastifyRequest): string {
  const url = getOAuthProtectedResourceMetadataUrl(resourceOf(settings, request));
  const scope = settings.scopes.length === 0 ? '' : `, scope="${settings.scopes.join(' ')}"`;
  const error = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
  return `Bearer resource_metadata="${url}"${scope}${error}`;
}

// The host is one that is allowed: it was checked before.
function resourceOf({ resource }: McpSettings, { protocol, headers }: FastifyRequest): URL {
  return resource ?? new URL(MCP_PATH, `${protocol}://${headers.host ?? 'localhost'}`);
}
