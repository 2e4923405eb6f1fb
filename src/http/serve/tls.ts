import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { ServerConfig } from '../../config/serve/schema.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { HttpOptions } from '../server.js';

/**
 * The certificate and the key that a configuration names, checked before anything is opened: what a server cannot end TLS
 * with is an error of its configuration, which says nothing of what stands in the files, nor where they lie.
 *
 * @returns what a server is made with; undefined where it speaks plain HTTP
 * @throws MemwardenError config_invalid
 */
export async function tlsOf(tls: ServerConfig['tls']): Promise<HttpOptions['tls']> {
  if (!tls) return undefined;
  const cert = await readFile(tls.cert).catch(failing('cert', 'the file cannot be read'));
  const key = await readFile(tls.key).catch(failing('key', 'the file cannot be read'));
  // The first certificate is the server's own, those behind it are its chain.
  const own = tried('cert', 'not a certificate as PEM', () => new X509Certificate(cert));
  const secret = tried('key', 'not a private key as PEM without a password', () => createPrivateKey(key));
  if (!belongs(own, secret)) failing('key', 'not the key of the certificate')();
  // Said here, so that no option of the process allows an older one.
  const made = { cert, key, minVersion: 'TLSv1.2' } as const;
  tried('cert', 'not taken together with its chain and key', () => createSecureContext(made));
  return made;
}

function belongs(certificate: X509Certificate, key: KeyObject): boolean {
  return tried('key', 'not the key of the certificate', () => certificate.checkPrivateKey(key));
}

function tried<T>(name: 'cert' | 'key', reason: string, make: () => T): T {
  try {
    return make();
  } catch {
    return failing(name, reason)();
  }
}

function failing(name: 'cert' | 'key', reason: string): () => never {
  return () => {
    throw new MemwardenError('config_invalid', { argument: `tls.${name}`, reason });
  };
}
