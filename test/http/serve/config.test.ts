import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isLoopback, loadServerConfig, SETTINGS, type ServerSources } from '../../../src/config/serve/load.js';
import { wardenOptionsOf } from '../../../src/config/serve/warden-options.js';
import { toSettings } from '../../../src/config/options.js';
import { isMemwardenError } from '../../../src/errors/memwarden-error.js';

describe('The configuration of a server', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'memwarden-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let written = 0;
  const file = (text: string): string => {
    const path = join(folder, `${(written += 1)}.yaml`);
    writeFileSync(path, text);
    return path;
  };
  const refused = (sources: ServerSources): Readonly<Record<string, unknown>> => {
    try {
      loadServerConfig(sources);
    } catch (error) {
      if (isMemwardenError(error, 'config_invalid')) return { ...error.detail, message: error.message };
      throw error;
    }
    throw new Error('was taken');
  };

  test('has a default for everything, on loopback', () => {
    const config = loadServerConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8420,
      behindProxy: false,
      doors: { http: true, mem0: true, mcp: true },
    });
    expect(toSettings(wardenOptionsOf(config), {})).toMatchObject({
      store: { kind: 'embedded' },
      audit: { door: 'http' },
    });
  });

  test('takes a flag before a variable, that before the file, that before the default, name by name', () => {
    const path = file('port: 1\nlimits:\n  bodyBytes: 2000\n  headerBytes: 3000\n  jsonDepth: 10\n');
    const environment = {
      MEMWARDEN_HTTP_PORT: '2',
      MEMWARDEN_LIMITS_BODY_BYTES: '4000',
      MEMWARDEN_LIMITS_JSON_DEPTH: '20',
    };
    const config = loadServerConfig({ file: path, environment, flags: { port: 3 }, set: ['limits.jsonDepth=30'] });
    expect([config.port, config.limits]).toMatchObject([
      3,
      { bodyBytes: 4000, headerBytes: 3000, jsonDepth: 30, keepAliveMs: 5000 },
    ]);
  });

  test('takes every setting from its variable, and from --set', () => {
    const kept: Record<string, string> = {
      'tls.cert': 'c',
      'tls.key': 'k',
      store: 'mongodb://127.0.0.1/x',
      'keys.store': './k',
      embedder: file('kind: transformers\nmodel: x\n'),
      'audit.sinks': '[{kind: file, path: x}]',
      jwt: '{ issuer: x, audience: y, keys: { kind: file, path: z }, roles: { a: agent } }',
      'rateLimits.shared': 'true',
      'mem0.webhooks.allow': '["https://hooks.example.com/", "http://localhost:8080"]',
      'mem0.webhooks.networks': '[10.1.0.0/16, "fd12::/64", 10.2.3.4]',
      'mem0.webhooks.retryMs': '[7]',
      'log.level': 'warn',
      isolation: 'database',
      'tenants.maxOpen': '7',
      'tenants.idleMs': '7000',
      'tenants.maxPoolSize': '7',
    };
    for (const { path, variable } of SETTINGS) {
      const given = kept[path] ?? valueLike(path);
      const all = path.startsWith('tls.') ? { 'tls.cert': 'c', 'tls.key': 'k' } : { [path]: given };
      const byVariable = Object.fromEntries(
        Object.entries(all).map(([name, value]) => [
          SETTINGS.find((one) => one.path === name)?.variable ?? variable,
          value,
        ]),
      );
      const environment = loadServerConfig({ environment: byVariable });
      const set = loadServerConfig({ set: Object.entries(all).map(([name, value]) => `${name}=${value}`) });
      expect(at(environment, path)).toEqual(at(set, path));
      expect([path, at(set, path)]).not.toEqual([path, at(loadServerConfig({}), path)]);
    }
  });

  test.each([
    'http://hooks.example.com',
    'https://hooks.example.com/path',
    'https://user@hooks.example.com',
    'https://*.example.com/*',
    'hooks.example.com',
    'ftp://hooks.example.com',
    'https://169.254.169.254',
    'https://[fe80::1]',
    'https://[::ffff:169.254.169.254]',
    'https://0.0.0.0',
    'http://10.0.0.1',
    'http://localhost.example.com',
  ])('S27: webhooks may not go to %s, whoever lists it', (origin) => {
    expect(refused({ set: [`mem0.webhooks.allow=["${origin}"]`] })).toMatchObject({
      argument: 'mem0.webhooks.allow.0',
      reason: expect.stringContaining('https origin'),
    });
  });

  test.each(['0.0.0.0/0', '::/0', '10.0.0.0/33', 'example.com', '10.0.0'])(
    'S27: webhooks may not lead into the network %s, whoever lists it',
    (network) => {
      expect(refused({ set: [`mem0.webhooks.networks=["${network}"]`] })).toMatchObject({
        argument: 'mem0.webhooks.networks.0',
      });
    },
  );

  test('a store of one source takes the place of that of another whole', () => {
    const path = file('store: { kind: mongodb, uri: "mongodb://a/b" }\n');
    expect(loadServerConfig({ file: path, environment: { MEMWARDEN_DATA: './d' } }).store).toEqual({
      kind: 'embedded',
      path: './d',
    });
    expect(loadServerConfig({ environment: { MEMWARDEN_DATA: './d', MONGODB_URI: 'mongodb://a' } }).store).toEqual({
      kind: 'mongodb',
      uri: 'mongodb://a',
    });
  });

  test('secrets come from files, by variable and in the place of any text', () => {
    const secret = file('mongodb://user:swordfish@host/db\n');
    expect(loadServerConfig({ environment: { MONGODB_URI_FILE: secret } }).store).toMatchObject({
      uri: 'mongodb://user:swordfish@host/db',
    });
    const yaml = file(`store:\n  kind: mongodb\n  uri: { file: ${secret} }\n`);
    expect(loadServerConfig({ file: yaml }).store).toMatchObject({ uri: 'mongodb://user:swordfish@host/db' });
    expect(refused({ environment: { MONGODB_URI_FILE: secret, MONGODB_URI: 'mongodb://a' } })).toMatchObject({
      argument: 'MONGODB_URI_FILE',
    });
    expect(refused({ environment: { MEMWARDEN_KMS_FILE: join(folder, 'none') } })).toMatchObject({
      argument: 'MEMWARDEN_KMS_FILE',
    });
    expect(refused({ file: file('keys: { kms: { file: ./none } }\n') })).toMatchObject({ argument: 'keys.kms' });
  });

  test.each([
    ['portt: 1\n', 'portt', 'unknown key portt'],
    ['limits:\n  bodyByte: 1\n', 'limits', 'unknown key bodyByte'],
    ['doors: { grpc: true }\n', 'doors', 'unknown key grpc'],
    ['__proto__: { port: 1 }\n', '__proto__', 'unknown key __proto__'],
    ['store: { kind: embedded, path: x, uri: y }\n', 'store', 'unknown key uri'],
    ['audit: { door: cli }\n', 'audit', 'unknown key door'],
  ])('an unknown key of the file is refused by name: %j', (text, argument, reason) => {
    expect(refused({ file: file(text) })).toMatchObject({ argument, reason });
  });

  test('an unknown variable and an unknown --set are refused by name; what is not ours is left alone', () => {
    expect(refused({ environment: { MEMWARDEN_BEHIND_PROXI: 'true' } })).toMatchObject({
      reason: 'unknown variable MEMWARDEN_BEHIND_PROXI',
    });
    expect(refused({ set: ['limits.bodyByte=1'] })).toMatchObject({ reason: 'unknown key limits.bodyByte' });
    expect(refused({ set: ['limits=1'] })).toMatchObject({ reason: 'unknown key limits' });
    const environment = {
      MEMWARDEN_PORT: 'tcp://10.0.0.1:80',
      MEMWARDEN_PORT_80_TCP_ADDR: '10.0.0.1',
      MEMWARDEN_SERVICE_HOST: '10.0.0.1',
      MEMWARDEN_TEST_MONGODB_URI: 'x',
      OTHER: 'y',
    };
    expect(loadServerConfig({ environment }).port).toBe(8420);
  });

  test.each([
    ['port: 70000\n', 'port'],
    ['port: "8420"\n', 'port'],
    ['host: 5\n', 'host'],
    ['behindProxy: yes please\n', 'behindProxy'],
    ['tls: { cert: x }\n', 'tls.key'],
    ['limits: { headersTimeoutMs: 5000, requestTimeoutMs: 1000 }\n', 'limits.headersTimeoutMs'],
    ['log: { level: loud }\n', 'log.level'],
    ['keys: { cacheMs: 60001 }\n', 'keys.cacheMs'],
    ['- a\n', 'config'],
    ['a: [\n', 'config'],
    ['port: 1\nport: 2\n', 'config'],
    ['a: &x [*x]\nb: *x\n', 'config'],
  ])('a value that cannot be is refused, and not quoted: %j', (text, argument) => {
    expect(refused({ file: file(text) })).toMatchObject({ argument });
  });

  test('nothing of a value is in the error', () => {
    const sources = [
      { environment: { MEMWARDEN_LOG_LEVEL: 'swordfish' } },
      { environment: { MEMWARDEN_HTTP_PORT: '"swordfish' } },
      { set: ['port=swordfish'] },
      { set: ['swordfish'] },
      { file: file('store: { kind: swordfish }\n') },
      { file: file('swordfish') },
      { file: join(folder, 'swordfish') },
    ];
    for (const one of sources) expect(JSON.stringify(refused(one))).not.toContain('swordfish');
  });

  test.each([
    '0.0.0.0',
    '::',
    '10.1.2.3',
    'example.org',
    '128.0.0.1',
    '127.0.0.1.example.org',
    '0177.0.0.1',
    '::ffff:10.0.0.1',
  ])('is refused on %s without TLS or a proxy, with what to do', (host) => {
    const { argument, reason } = refused({ flags: { host } });
    expect([argument, reason]).toEqual(['host', expect.stringMatching(/tls\.cert.*behindProxy/)]);
    expect(loadServerConfig({ flags: { host, behindProxy: true } }).host).toBe(host);
    expect(loadServerConfig({ flags: { host, 'tls.cert': 'c', 'tls.key': 'k' } }).host).toBe(host);
  });

  test.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(loadServerConfig({ flags: { host } }).host).toBe(host);
  });

  test.each<[set: string, told: string]>([
    ['port=99999', '65535 or less'],
    ['port=abc', 'a number'],
    ['limits.bodyBytes=0', '1024 or more'],
    ['log.level=loud', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['isolation=both', 'one of database, shared'],
    ['behindProxy=maybe', 'true or false'],
    ['mcp.scopes=one', 'a list'],
    ['policies=', 'a text that is not empty'],
  ])('says what would be taken, and not what was given: %s', (set, allowed) => {
    const { message, ...told } = refused({ set: [set] });
    expect(told).toEqual({ argument: set.split('=')[0], allowed });
    expect(message).not.toMatch(/99999|abc|loud|both|maybe/);
  });

  test('says that a setting is missing, and which forms there are of one that has several', () => {
    const missing = { reason: 'it is missing' };
    expect(refused({ flags: { 'tls.cert': 'c' } })).toMatchObject({ argument: 'tls.key', ...missing });
    const jwt = { issuer: 'i', roles: { a: 'agent' }, keys: { kind: 'jwks', keys: [{ kty: 'x' }] } };
    expect(refused({ flags: { jwt } })).toMatchObject({ argument: 'jwt.audience', ...missing });
    const mixed = { ...jwt, audience: 'a', algorithms: ['HS256', 'RS256'] };
    expect(refused({ flags: { jwt: mixed } })['reason']).toMatch(/^HS\.\.\. not together/);
    expect(refused({ flags: { store: { kind: 'mongodb', uri: 'http://x' } } })).toMatchObject({
      argument: 'store.uri',
      allowed: 'an address that begins with mongodb:// or mongodb+srv://',
    });
    const store = { kind: 'embeded', path: 'x' };
    const allowed = 'one of mongodb, embedded';
    expect(refused({ flags: { store } })).toMatchObject({ argument: 'store.kind', allowed });
    expect(() => toSettings({ store } as never)).toThrow(/store\.kind, allowed: one of mongodb, embedded\)/);
    expect(() => toSettings({ clock: 3 } as never)).toThrow(/clock, allowed: a function\)/);
  });

  test('says in words where a file is no YAML', () => {
    expect(refused({ file: file('a: b: c\n') })['reason']).toMatch(/^not YAML at 1:4: .*quotes$/);
    expect(refused({ file: file('a: "\\q"\n') })['reason']).toMatch(/^not YAML at 1:\d+: [a-z ]+$/);
  });

  test('names each setting once, with a variable of its own', () => {
    const variables = SETTINGS.map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(variables.length);
    expect(SETTINGS.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['host', 'limits.bodyBytes', 'tls.key', 'store', 'jwt']),
    );
  });
});

function valueLike(path: string): string {
  if (/^doors\.|^classify$/.test(path)) return 'false';
  if (/behindProxy|watchPolicies|migrate/.test(path)) return 'true';
  if (path.startsWith('rateLimits.')) return '{ max: 7 }';
  if (/^mcp\.(?!resource)/.test(path)) return '[a.example]';
  if (path === 'keys.retentionDays') return '77';
  if (/^host$/.test(path)) return '127.0.0.2';
  if (/Ms$|Bytes$|port$|Max$|Days$|Depth$|Connections$|^defaultTtlMs/.test(path))
    return path.endsWith('searchIndexBytes')
      ? '70000'
      : path === 'limits.requestTimeoutMs'
        ? '40000'
        : path === 'limits.jsonDepth'
          ? '50'
          : '7777';
  return './some-path';
}

function at(config: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
}
