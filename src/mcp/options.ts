import { localhostAllowedHostnames } from '@modelcontextprotocol/server';
import { MemwardenError } from '../errors/memwarden-error.js';

/** How MCP is offered over HTTP. */
export interface McpOptions {
  /** Host names that requests may be sent to, without ports; those of loopback where none are given. */
  readonly allowedHosts?: readonly string[];
  /** Host names of web pages that may send requests; those of loopback where none are given. */
  readonly allowedOrigins?: readonly string[];
  /** The public address of the endpoint, behind a proxy for example; made of the request's own where it is not given. */
  readonly resource?: string;
  /** Issuers of the tokens that the server takes, as OAuth clients find them. */
  readonly authorizationServers?: readonly string[];
  /** Scopes that a client should ask for. */
  readonly scopes?: readonly string[];
}

/** Checked options. */
export interface McpSettings {
  readonly allowedHosts: string[];
  readonly allowedOrigins: string[];
  readonly resource: URL | undefined;
  readonly authorizationServers: readonly string[];
  readonly scopes: readonly string[];
}

const KEYS = new Set(['allowedHosts', 'allowedOrigins', 'resource', 'authorizationServers', 'scopes']);
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Checks options. @throws MemwardenError config_invalid */
export function toMcpSettings(options: McpOptions): McpSettings {
  for (const key of Object.keys(options)) if (!KEYS.has(key)) throw invalid('mcp');
  const { allowedHosts, allowedOrigins, resource, authorizationServers = [], scopes = [] } = options;
  return {
    allowedHosts: names(allowedHosts, 'mcp.allowedHosts'),
    allowedOrigins: names(allowedOrigins, 'mcp.allowedOrigins'),
    resource: resource === undefined ? undefined : address(resource, 'mcp.resource'),
    authorizationServers: authorizationServers.map((issuer) => {
      address(issuer, 'mcp.authorizationServers');
      return issuer;
    }),
    scopes: scopes.map((scope) => {
      if (!SCOPE.test(scope)) throw invalid('mcp.scopes');
      return scope;
    }),
  };
}

// As URLs write them, which is how those of requests are compared: a name with a port or a scheme would never match.
function names(given: readonly string[] | undefined, argument: string): string[] {
  if (given === undefined) return localhostAllowedHostnames();
  for (const name of given) {
    const url = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`) : undefined;
    if (url?.hostname !== name) throw invalid(argument);
  }
  return [...given];
}

// RFC 9728 and RFC 8414: https, without query or fragment. On loopback there is nobody to listen in.
function address(given: string, argument: string): URL {
  if (!URL.canParse(given)) throw invalid(argument);
  const url = new URL(given);
  const plain = url.protocol === 'http:' && localhostAllowedHostnames().includes(url.hostname);
  if (url.protocol !== 'https:' && !plain) throw invalid(argument);
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') throw invalid(argument);
  return url;
}

function invalid(argument: string): MemwardenError {
  return new MemwardenError('config_invalid', { argument });
}
