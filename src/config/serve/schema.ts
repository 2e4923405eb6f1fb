import { z } from 'zod';
import { LEVELS } from '../../model/levels.js';
import { auditSchema } from '../audit-options.js';
import { embedderSchema } from '../embedder.js';
import { jwtSchema } from '../jwt.js';
import { keyOptions, storePlace } from '../keys.js';
import { limitsSchema } from './limits.js';
import { rateLimits } from './rate-limits.js';
import { setting } from './setting.js';
import { webhookSettings } from './webhooks.js';

const text = z.string().min(1);
const names = z.array(text).optional();
const port = z.int().min(0).max(65_535);
const milliseconds = z.int().min(0).max(86_400_000);

/** What `memwarden serve` can be told. docs/server.md is written from it, and unknown keys are refused. */
export const serverSchema = z.strictObject({
  host: setting(text.default('127.0.0.1'), {
    about:
      'the address that it listens on; one that is not loopback is refused without `tls`, or `behindProxy` where a proxy ends TLS',
    variable: 'MEMWARDEN_HTTP_HOST',
    flag: '--host',
  }),
  port: setting(port.default(8420), {
    about: 'its port; 0 takes a free one',
    variable: 'MEMWARDEN_HTTP_PORT',
    flag: '--port',
  }),
  tls: z
    .strictObject({
      cert: setting(text, { about: 'the file of the certificate and its chain, as PEM', flag: '--tls-cert' }),
      key: setting(text, { about: 'the file of its private key, as PEM', flag: '--tls-key' }),
    })
    .optional(),
  behindProxy: setting(z.boolean().default(false), {
    about:
      'whether a proxy of yours stands before it, which ends TLS; its `X-Forwarded-For` and `traceparent` are then believed',
    flag: '--behind-proxy',
  }),
  doors: z
    .strictObject({
      http: setting(z.boolean().default(true), { about: 'the interface at `/v1`' }),
      mem0: setting(z.boolean().default(true), { about: "mem0's interface" }),
      mcp: setting(z.boolean().default(true), { about: 'MCP over HTTP' }),
    })
    .prefault({}),
  mcp: z
    .strictObject({
      allowedHosts: setting(names, {
        about: 'host names that requests to MCP may be sent to, without ports',
        otherwise: 'those of loopback',
      }),
      allowedOrigins: setting(names, {
        about: 'host names of web pages that may send requests to MCP',
        otherwise: 'those of loopback',
      }),
      resource: setting(text.optional(), {
        about: 'the public address of MCP',
        otherwise: 'that of the request',
      }),
      authorizationServers: setting(names, {
        about: 'issuers of the tokens that are taken, as OAuth clients find them',
        otherwise: 'none',
      }),
      scopes: setting(names, { about: 'scopes that an MCP client should ask for', otherwise: 'none' }),
    })
    .prefault({}),
  mem0: z.strictObject({ webhooks: webhookSettings.prefault({}) }).prefault({}),
  limits: limitsSchema.prefault({}),
  rateLimits: rateLimits.prefault({}),
  shutdown: z
    .strictObject({
      drainMs: setting(milliseconds.default(500), {
        about:
          'how long it still takes requests after SIGTERM, while `/readyz` is red and each answer closes its connection; not waited for where no connection is open',
      }),
      limitMs: setting(milliseconds.default(10_000), {
        about: 'how long requests that are running then have; after it their connections are closed',
      }),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      port: setting(port.optional(), {
        about:
          'a port of its own on loopback for `/metrics`, which needs no credential there; without it, `/metrics` is asked for on the port of the server, by a credential that may `audit` `AuditRecord`',
      }),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: setting(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'), {
        about: 'from which level on lines are logged to stdout, as JSON',
        flag: '--log-level',
      }),
    })
    .prefault({}),
  purgeEveryMs: setting(z.int().min(0).max(86_400_000).default(3_600_000), {
    about: 'how often what has expired is deleted, about; 0: never',
  }),
  adminKeyFile: setting(text.optional(), {
    about: 'where the first admin key is written to where stdout is no terminal',
    otherwise: '`admin-key` beside the data, `./.memwarden/admin-key` for MongoDB',
  }),
  store: setting(storePlace.optional(), {
    about: 'where memories lie; `MEMWARDEN_DATA` names a folder, `MONGODB_URI` MongoDB and goes before',
    type: '`{ kind: embedded, path }` or `{ kind: mongodb, uri }`',
    variable: 'MONGODB_URI',
    flag: '--data, --mongodb-uri',
    otherwise: '`./.memwarden/data`',
  }),
  migrate: setting(z.boolean().optional(), {
    about: 'whether the store is prepared at the start, as `memwarden migrate` does',
    flag: '--migrate',
    otherwise: 'true on the embedded store, false on MongoDB',
  }),
  timeoutMs: setting(z.int().min(100).max(600_000).default(5_000), {
    about: 'how long one operation of the store may take',
  }),
  searchIndexBytes: setting(
    z
      .int()
      .min(65_536)
      .max(2 ** 40)
      .default(256 * 1_048_576),
    { about: 'how many bytes of memory the indexes of searches may take together' },
  ),
  isolation: setting(z.enum(['database', 'shared']).optional(), {
    about:
      'how tenants are kept apart ([tenants.md](tenants.md)): each request is served by the tenant of its credential; `database`: a database, keys and an audit log for each; `shared`: one of each for all, bound row by row',
    flag: '--isolation',
    otherwise: 'no tenants',
  }),
  tenants: z
    .strictObject({
      maxOpen: setting(z.int().min(1).max(100_000).optional(), {
        about: 'how many tenants are open at most',
        otherwise: '100',
      }),
      idleMs: setting(z.int().min(1_000).max(86_400_000).optional(), {
        about: 'how long a tenant that nobody uses stays open',
        otherwise: '300000',
      }),
      maxPoolSize: setting(z.int().min(1).max(1_000).optional(), {
        about: 'how many connections the store of one tenant may keep to a MongoDB server, and its key store as many',
        otherwise: '5',
      }),
    })
    .prefault({}),
  keys: z
    .strictObject({
      store: setting(keyOptions.shape.store, {
        about: 'the key store, never part of a backup of the data; as a variable, a folder or a MongoDB URI',
        type: 'as `store`',
        variable: 'MEMWARDEN_KEYS_URI',
        otherwise: 'beside the data',
      }),
      kms: setting(keyOptions.shape.kms, {
        about: 'the key-encryption key ([keys.md](keys.md))',
        variable: 'MEMWARDEN_KMS',
        otherwise: 'a key file beside the data',
      }),
      ledger: setting(keyOptions.shape.ledger, {
        about: 'the file of the ledger of erasures',
        variable: 'MEMWARDEN_LEDGER',
        otherwise: 'beside the data',
      }),
      cacheMs: setting(keyOptions.shape.cacheMs, {
        about: 'how long an unwrapped key is held, in milliseconds',
        otherwise: '60000',
      }),
      cacheMax: setting(keyOptions.shape.cacheMax, {
        about: "how many users' keys are held at most",
        otherwise: '10000',
      }),
      retentionDays: setting(keyOptions.shape.retentionDays, {
        about: 'how long backups of the key store are kept, in days; for certificates of erasure',
        otherwise: '35',
      }),
    })
    .prefault({}),
  policies: setting(text.optional(), {
    about: 'the folder of the policy files',
    flag: '--policies',
    otherwise: 'those of the package',
  }),
  watchPolicies: setting(z.boolean().default(false), {
    about: 'whether changed policy files are put in force at once; SIGHUP does it in any case',
  }),
  policyMaxStaleMs: setting(z.int().min(0).default(300_000), {
    about: 'how long the last good policies serve after a reload failed',
  }),
  shadowPolicies: setting(text.optional(), {
    about: 'the folder of candidate policies that are asked beside those in force and never decide',
  }),
  defaultTtlMs: z
    .strictObject({
      ...(Object.fromEntries(
        LEVELS.map((level) => [
          level,
          setting(z.int().positive().optional(), {
            about: `how long a new ${level} memory lives where it names no expiry`,
          }),
        ]),
      ) as Record<(typeof LEVELS)[number], z.ZodOptional<z.ZodInt>>),
    })
    .optional(),
  classify: setting(z.boolean().default(true), {
    about: 'whether the rules of [classification.md](classification.md) raise levels',
  }),
  audit: z
    .strictObject({
      checkpoints: setting(auditSchema.shape.checkpoints, {
        about: 'the folder of the checkpoints of the audit log, outside the database',
        variable: 'MEMWARDEN_CHECKPOINTS',
        otherwise: 'beside the data',
      }),
      checkpointEveryMs: setting(auditSchema.shape.checkpointEveryMs, {
        about: 'how often one is made while something is recorded',
        otherwise: '600000',
      }),
      timeoutMs: setting(auditSchema.shape.timeoutMs, {
        about: 'how long a record may wait until it is durable',
        otherwise: '`timeoutMs`',
      }),
      sinks: setting(auditSchema.shape.sinks, {
        about: 'second places that the audit log goes to ([audit.md](audit.md))',
        type: 'list',
        otherwise: 'none',
      }),
    })
    .prefault({}),
  embedder: setting(embedderSchema.optional(), {
    about: 'what embeds memories and queries; as flag and variable, a JSON or YAML file that says it',
    type: '`{ kind: transformers, ... }` or `{ kind: http, ... }`',
    variable: 'MEMWARDEN_EMBEDDER',
    flag: '--embedder',
    otherwise: 'none',
  }),
  jwt: setting(jwtSchema.optional(), {
    about: 'which JSON Web Tokens are taken beside API keys ([identity.md](identity.md)); as a variable, YAML or JSON',
    type: 'object',
    otherwise: 'none',
  }),
});

/** What `memwarden serve` is told, with every default put in. */
export type ServerConfig = z.output<typeof serverSchema>;
