import type { FastifyRequest } from 'fastify';

/** The template of the route of a request: the only thing that logs, metrics and traces tell of its address. */
export function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? 'none';
}
