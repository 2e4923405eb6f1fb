import type { AddressInfo } from 'node:net';
import type { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { ServerConfig } from '../../config/serve/schema.js';
import { wardenOptionsOf } from '../../config/serve/warden-options.js';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import type { NewApiKey } from '../../identity/api-keys.js';
import type { RateLimitOptions } from '../../config/rates.js';
import { definedIn } from '../../model/bare.js';
import { limitRates } from '../rates.js';
import type { Clock } from '../../model/clock.js';
import type { Warden } from '../../warden.js';
import type { DoorParts, DoorPlugin } from '../door.js';
import { buildServer, type HttpOptions } from '../server.js';
import { WebhookDeliveries } from '../webhooks/deliveries.js';
import { openDeployment, type Deployment } from './deployment.js';
import { Drain } from './drain.js';
import { makeFirstKey } from './first-start.js';
import { serveHealth } from './health-routes.js';
import { logFailures, logging, openLog } from './log.js';
import { measureConnections, measureWebhooks, measuring } from './measuring.js';
import { metricsServer, serveMetrics } from './metrics-routes.js';
import { openMetrics } from './metrics.js';
import { PurgeTimer } from './purge-timer.js';
import { ReadinessProbe } from './readiness.js';
import { tlsOf } from './tls.js';
import { traceRequests } from './tracing.js';

/** What a server is started with. */
export interface StartOptions {
  readonly config: ServerConfig;
  readonly doors: readonly DoorPlugin[];
  /** Where its log goes. */
  readonly log: Writable;
  /** Is given the first admin key where one was made. */
  readonly onFirstKey: (made: NewApiKey) => Promise<void>;
  readonly clock?: Clock;
}

/** A server that listens. */
export interface Running {
  /** `http://127.0.0.1:8420` */
  readonly url: string;
  /** Where `/metrics` is, where it has a port of its own. */
  readonly metricsUrl: string | undefined;
  /** That of the deployment. */
  readonly warden: Warden;
  /** Puts the policies in force anew, of every tenant that is open too. @returns the revision in force */
  reloadPolicies(): Promise<string>;
  readonly log: Logger;
  /** Ends it: what is running ends first, then the audit log is written out. @returns whether all of it ended in time */
  stop(): Promise<boolean>;
}

/**
 * Starts a server. What was opened is closed again where something fails.
 *
 * @throws MemwardenError config_invalid, and what `createWarden` throws
 */
export async function startServer({ config, doors, log: stream, onFirstKey, clock }: StartOptions): Promise<Running> {
  const log = openLog(config.log.level, stream);
  const tls = await tlsOf(config.tls);
  const deployment = await openDeployment(config, {
    ...wardenOptionsOf(config),
    ...(clock ? { clock } : {}),
    onAlarm: ({ name, detail }) => log.error({ alarm: name, ...detail }, 'alarm'),
  });
  const opened: FastifyInstance[] = [];
  try {
    const { parts } = deployment;
    const { warden, services } = parts;
    await makeFirstKey(warden, services, onFirstKey).catch((error: unknown) => {
      if (!isMemwardenError(error, 'forbidden')) throw error;
      log.warn('no admin key was made: the policies let no admin administer credentials; see `memwarden credentials`');
    });
    const { app, drain, readiness, metrics, webhooks } = await assemble(config, deployment, doors, log, tls);
    opened.push(app, ...(metrics ? [metrics] : []));
    const url = await listen(app, config.host, config.port, tls ? 'https' : 'http');
    const metricsUrl = metrics && (await listen(metrics, '127.0.0.1', config.metrics.port ?? 0, 'http'));
    const purge = new PurgeTimer(deployment, services, config.purgeEveryMs, {
      purged: (purged) => log.info(purged, 'purged'),
      failed: (error) => log.error({ err: error }, 'purge failed'),
    });
    return {
      url,
      metricsUrl,
      warden,
      reloadPolicies: () => deployment.reloadPolicies(),
      log,
      async stop() {
        readiness.stop();
        const [inTime] = await Promise.all([drain.down(config.shutdown), purge.stop()]);
        await webhooks?.close(Math.min(config.shutdown.limitMs, config.mem0.webhooks.timeoutMs));
        await metrics?.close();
        await deployment.close();
        return inTime;
      },
    };
  } catch (error) {
    await Promise.allSettled(opened.map((app) => app.close()));
    await deployment.close();
    throw error;
  }
}

async function assemble(
  config: ServerConfig,
  { parts, own }: Deployment,
  doors: readonly DoorPlugin[],
  log: Logger,
  tls: HttpOptions['tls'],
) {
  const registry = openMetrics(parts.warden, parts.services);
  const readiness = new ReadinessProbe(parts.warden, parts.services);
  const webhooks = webhooksOf(config, parts);
  if (webhooks) measureWebhooks(webhooks, registry);
  const [measure, write] = [measuring(registry), logging(log)];
  let drain: Drain | undefined;
  const app = await buildServer(webhooks ? { ...parts, webhooks } : parts, doors, {
    limits: config.limits,
    behindProxy: config.behindProxy,
    ...(tls ? { tls } : {}),
    observe(request, reply) {
      measure(request, reply);
      write(request, reply);
    },
    async prepare(server) {
      drain = new Drain(server);
      traceRequests(server, config.behindProxy);
      logFailures(server, log);
      measureConnections(server.server, registry);
      // Before the limits of rates: whoever watches asks often, and shows no credential.
      serveHealth(server, readiness);
      await limitRates(server, parts, definedIn(config.rateLimits) as RateLimitOptions);
      if (config.metrics.port === undefined) await serveMetrics(server, own, registry);
    },
  });
  if (!drain) throw new MemwardenError('internal');
  const metrics = config.metrics.port === undefined ? undefined : metricsServer(registry);
  return { app, drain, readiness, metrics, webhooks };
}

// Nothing is delivered anywhere where no origin is listed.
function webhooksOf({ mem0: { webhooks } }: ServerConfig, parts: DoorParts): WebhookDeliveries | undefined {
  return webhooks.allow.length === 0 ? undefined : new WebhookDeliveries(webhooks, parts);
}

const OF_HOST: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no address has this name',
  EAI_AGAIN: 'the name cannot be looked up at present',
  EADDRNOTAVAIL: 'not an address of this machine',
  EINVAL: 'not an address of this machine',
};

async function listen(app: FastifyInstance, host: string, port: number, scheme: string): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code)) throw error;
    if (code === 'EADDRINUSE')
      throw new MemwardenError('config_invalid', {
        argument: 'port',
        reason: `${port} is taken by another process; name another with --port`,
      });
    const reason = OF_HOST[code] ?? `cannot be listened on: ${code}`;
    throw new MemwardenError('config_invalid', { argument: code in OF_HOST ? 'host' : 'port', reason });
  }
  const { port: taken } = app.server.address() as AddressInfo;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}
