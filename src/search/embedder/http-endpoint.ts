import { MemwardenError } from '../../errors/memwarden-error.js';

/**
 * Checks the address of a server: `https:`, or `http:` on this machine alone, and without a user, a password or a
 * fragment, which would end up in logs of others.
 *
 * @throws MemwardenError config_invalid
 */
export function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const safe = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
  if (!safe || url.username !== '' || url.password !== '' || url.hash !== '')
    throw new MemwardenError('config_invalid', { argument: 'embedder.url' });
  return url;
}

// As `URL` writes hosts: every way to write an IPv4 address has become four numbers.
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
