import type { Server } from 'node:http';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Observer } from '../server.js';
import type { WebhookCounters } from '../webhooks/deliveries.js';
import { routeOf } from './route.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts and times every request by the template of its route. */
export function measuring(registry: Registry): Observer {
  const registers = [registry];
  const requests = new Counter({
    name: 'memwarden_http_requests_total',
    help: 'Requests by the template of their route, method and status; `aborted` where the client went away.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const duration = new Histogram({
    name: 'memwarden_http_request_duration_seconds',
    help: 'How long requests took.',
    labelNames: ['route', 'method'],
    buckets: SECONDS,
    registers,
  });
  return (request, reply) => {
    reply.raw.once('close', () => {
      const labels = { route: routeOf(request), method: request.method };
      requests.inc({ ...labels, status: reply.raw.writableFinished ? String(reply.raw.statusCode) : 'aborted' });
      duration.observe(labels, reply.elapsedTime / 1_000);
    });
  };
}

/** Counts the connections that were dropped, and those on which nothing came that was a request. */
export function measureConnections(server: Server, registry: Registry): void {
  const registers = [registry];
  const dropped = new Counter({
    name: 'memwarden_http_connections_dropped_total',
    help: 'Connections over the limit.',
    registers,
  });
  const malformed = new Counter({
    name: 'memwarden_http_malformed_total',
    help: 'Connections on which something came that was no request, or none in time.',
    registers,
  });
  server.on('drop', () => dropped.inc());
  server.on('clientError', () => malformed.inc());
}

/** Tells what became of the deliveries of webhooks; no label says whose they are or where they went. */
export function measureWebhooks(webhooks: { readonly counters: WebhookCounters }, registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: 'memwarden_webhook_deliveries_total',
    help: 'Deliveries that are over; `withdrawn`: nobody may be told any more; `dropped`: the queue was full, or the server went down.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(webhooks.counters.deliveries)) this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: 'memwarden_webhook_attempts_total',
    help: 'Attempts to deliver, by what came of them; `address`: it may not be sent to.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const [result, count] of Object.entries(webhooks.counters.attempts)) this.inc({ result }, count);
    },
  });
  new Gauge({
    name: 'memwarden_webhook_waiting',
    help: 'Deliveries that wait or are under way.',
    registers,
    collect() {
      this.set(webhooks.counters.waiting);
    },
  });
}
