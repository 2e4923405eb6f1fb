import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  INVALID_SPAN_CONTEXT,
  propagation,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  type TextMapPropagator,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { DoorPlugin } from '../../../src/http/door.js';
import { startedServer } from './running.js';

// An SDK as small as one can be: it keeps what was traced. None is installed, for operators bring their own.
interface Kept {
  readonly name: string;
  readonly attributes: Attributes;
  readonly parent: string | undefined;
  readonly context: SpanContext;
  ended: boolean;
}
const kept: Kept[] = [];
let numbers = 0;

function spanOf(entry: Kept): Span {
  const span: Span = {
    spanContext: () => entry.context,
    setAttribute: (name, value) => (Object.assign(entry.attributes, { [name]: value }), span),
    setAttributes: () => span,
    addEvent: () => span,
    addLink: () => span,
    addLinks: () => span,
    setStatus: () => span,
    updateName: () => span,
    end: () => void (entry.ended = true),
    isRecording: () => true,
    recordException: () => undefined,
  };
  return span;
}

const provider: TracerProvider = {
  getTracer: (): Tracer =>
    ({
      startSpan(name: string, { attributes = {} }: SpanOptions, parent: Context) {
        const above = trace.getSpanContext(parent);
        const traceId = above?.traceId ?? (numbers += 1).toString(16).padStart(32, '0');
        const context = { traceId, spanId: (numbers += 1).toString(16).padStart(16, '0'), traceFlags: 1 };
        const entry = { name, attributes: { ...attributes }, parent: above?.spanId, context, ended: false };
        kept.push(entry);
        return spanOf(entry);
      },
    }) as Tracer,
};

// The format of W3C Trace Context.
const propagator: TextMapPropagator<Record<string, string>> = {
  inject: () => undefined,
  fields: () => ['traceparent'],
  extract(context, carrier) {
    const [, traceId, spanId] =
      /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(carrier['traceparent'] ?? '') ?? [];
    if (traceId === undefined || spanId === undefined) return context;
    return trace.setSpanContext(context, { ...INVALID_SPAN_CONTEXT, traceId, spanId, isRemote: true });
  },
};

const users: DoorPlugin = (app) => {
  app.get('/users/:user', () => ({}));
};
const PARENT = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', connection: 'close' };

describe('Traces', () => {
  beforeAll(() => {
    trace.setGlobalTracerProvider(provider);
    propagation.setGlobalPropagator(propagator);
  });
  afterAll(() => {
    trace.disable();
    propagation.disable();
  });

  test.each([
    ['is not believed of any client', false],
    ['is believed behind a proxy', true],
  ])('have a span a request, named by its route, with no id in it; a traceparent %s', async (_what, behindProxy) => {
    kept.length = 0;
    const server = await startedServer([users], { behindProxy });
    try {
      await (await fetch(`${server.url}/users/zoe?q=secret`, { headers: PARENT })).text();
      await (await fetch(`${server.url}/nowhere/zoe`, { headers: { connection: 'close' } })).text();
    } finally {
      await server.end();
    }
    const [first, second, ...others] = kept;
    expect(others).toEqual([]);
    expect([first?.name, second?.name]).toEqual(['GET /users/:user', 'GET none']);
    expect([first?.ended, second?.ended]).toEqual([true, true]);
    expect(first?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/users/:user',
      'url.scheme': 'http',
      'http.response.status_code': 200,
    });
    expect(first?.parent).toBe(behindProxy ? '00f067aa0ba902b7' : undefined);
    expect(JSON.stringify(kept)).not.toMatch(/zoe|secret/);
    const line = server.lines().find(({ route }) => route === '/users/:user');
    expect(line?.['trace']).toBe(first?.context.traceId);
    expect(first?.context.traceId === '4bf92f3577b34da6a3ce929d0e0e4736').toBe(behindProxy);
  });
});
