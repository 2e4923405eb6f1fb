import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { isMemwardenError } from '../../../src/errors/memwarden-error.js';
import { startedServer, type Started } from './running.js';

// A certificate for localhost until 2123, its key, and a key that is of no certificate: in everybody's hands, of no worth.
const at = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url));
const CERT = at('worthless.crt');
const KEY = at('worthless.key');
const OTHER_KEY = at('worthless-other.key');
const withTls = (cert: string, key: string) => startedServer([v1], { 'tls.cert': cert, 'tls.key': key });

describe('A server with a certificate', () => {
  let server: Started;
  beforeAll(async () => {
    server = await withTls(CERT, KEY);
  });
  afterAll(() => server.end());
  const ca = readFileSync(CERT);
  const port = () => Number(new URL(server.url).port);

  /** The version that a handshake ends with, or why it does not. */
  const shaken = (options: ConnectionOptions) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: port(), servername: 'localhost', ca, ...options }, () => {
        resolve(String(socket.getProtocol()));
        socket.destroy();
      });
      socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
    });

  test('serves /v1 over TLS, to who believes its certificate', async () => {
    expect(new URL(server.url).protocol).toBe('https:');
    const answered = await new Promise<[number | undefined, string]>((resolve, reject) => {
      const url = new URL('/v1/users/alice/memories', server.url);
      const headers = { authorization: `Bearer ${server.key}`, connection: 'close' };
      request(url, { ca, servername: 'localhost', headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve([answer.statusCode, text]));
      })
        .on('error', reject)
        .end();
    });
    expect(answered).toEqual([200, '{"memories":[]}']);
    expect(await shaken({ ca: [] })).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
  });

  test('takes TLS 1.2 and 1.3, and nothing older', async () => {
    expect(await shaken({})).toBe('TLSv1.3');
    expect(await shaken({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    // Such as would speak it: it is the server that refuses.
    const old = { ciphers: 'DEFAULT@SECLEVEL=0', minVersion: 'TLSv1' } as const;
    for (const maxVersion of ['TLSv1', 'TLSv1.1'] as const)
      expect(await shaken({ ...old, maxVersion })).toMatch(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS/);
  });

  test('answers nothing to plain HTTP on the same port', async () => {
    const text = await new Promise<string>((resolve) => {
      let said = '';
      const socket = connectPlainly(port(), '127.0.0.1', () => {
        socket.write(`GET /v1/users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.key}\r\n\r\n`);
      });
      socket.on('data', (chunk) => (said += chunk.toString('latin1')));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(said));
    });
    expect(text).not.toMatch(/HTTP\/1\.1 (?:2|3|401|403)/);
    expect(text).not.toContain('users');
  });
});

describe('A certificate that a server cannot be started with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-tls-canary-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const made = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const other = join(folder, 'other.key');
  copyFileSync(OTHER_KEY, other);
  const broken = made('broken.pem', '-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWtleQ==\n-----END PRIVATE KEY-----\n');

  test.each([
    ['the key of another', CERT, other, 'tls.key', 'not the key of the certificate'],
    ['a certificate for a key', CERT, CERT, 'tls.key', 'not a private key as PEM without a password'],
    ['a key for a certificate', KEY, KEY, 'tls.cert', 'not a certificate as PEM'],
    ['a broken key', CERT, broken, 'tls.key', 'not a private key as PEM without a password'],
    ['an empty certificate', made('empty.pem', ''), KEY, 'tls.cert', 'not a certificate as PEM'],
    [
      'a broken chain',
      made('chain.pem', `${readFileSync(CERT, 'utf8')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`),
      KEY,
      'tls.cert',
      'not taken together with its chain and key',
    ],
    ['no file', join(folder, 'none.pem'), KEY, 'tls.cert', 'the file cannot be read'],
  ])(
    'is a typed error that tells neither a path nor what a file holds: %s',
    async (_name, cert, key, argument, reason) => {
      const failed: unknown = await withTls(cert, key).then(
        (started) => started.end(),
        (error: unknown) => error,
      );
      if (!isMemwardenError(failed, 'config_invalid')) throw new Error('it was taken, or failed without a code');
      expect(failed.detail).toEqual({ argument, reason });
      const told = `${failed.message} ${JSON.stringify(failed)} ${String(failed.cause)}`;
      expect(told).not.toMatch(/canary|worthless|PRIVATE KEY|Y2FuYXJ5|\.pem|\.key\b(?<!tls\.key)/);
    },
  );
});
