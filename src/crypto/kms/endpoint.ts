import { MemwardenError } from '../../errors/memwarden-error.js';

const LOOPBACK = new Set(['localhost', '[::1]']);

/**
 * The address of a key service, over which keys and credentials go: https, or http within this machine alone (an agent
 * that holds the credentials, a test).
 *
 * @throws MemwardenError config_invalid
 */
export function toEndpoint(address: string, argument: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLocal = url && (LOOPBACK.has(url.hostname) || /^127\.\d+\.\d+\.\d+$/.test(url.hostname));
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)))
    throw new MemwardenError('config_invalid', { argument, reason: 'https, or http to this machine' });
  if (url.username || url.password || url.search || url.hash)
    throw new MemwardenError('config_invalid', { argument, reason: 'no user, query or fragment' });
  return url;
}
