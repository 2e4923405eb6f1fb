import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { routeOf } from './route.js';

const spans = new WeakMap<FastifyRequest, Span>();

/**
 * Has each request be a span, named by its method and the template of its route, with no id in it. What it stands on is the
 * API of OpenTelemetry alone: without an SDK that the operator loads (`node --import`) it does nothing.
 *
 * @param trusted whether a `traceparent` of the request is believed: it would put others' requests into the operator's traces
 */
export function traceRequests(app: FastifyInstance, trusted: boolean): void {
  const tracer = trace.getTracer('memwarden');
  app.addHook('onRequest', (request, { raw }, done) => {
    const parent = trusted ? propagation.extract(ROOT_CONTEXT, request.headers) : ROOT_CONTEXT;
    const route = routeOf(request);
    const attributes = { 'http.request.method': request.method, 'http.route': route, 'url.scheme': request.protocol };
    const span = tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
    spans.set(request, span);
    raw.once('close', () => {
      if (raw.writableFinished) span.setAttribute('http.response.status_code', raw.statusCode);
      if (!raw.writableFinished || raw.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    context.with(trace.setSpan(parent, span), done);
  });
}

/** The trace that a request is part of; undefined where there is none. */
export function traceIdOf(request: FastifyRequest): string | undefined {
  const found = spans.get(request)?.spanContext();
  return found && isSpanContextValid(found) ? found.traceId : undefined;
}
