import { z } from 'zod';
import { setting } from './setting.js';

const milliseconds = z.int().min(50).max(3_600_000);

/** What a server takes of its clients. */
export const limitsSchema = z
  .strictObject({
    bodyBytes: setting(
      z
        .int()
        .min(1_024)
        .max(2 ** 30)
        .default(1 << 20),
      {
        about: 'the largest body of a request, in bytes; a route may have a limit of its own',
      },
    ),
    headerBytes: setting(
      z
        .int()
        .min(1_024)
        .max(1 << 20)
        .default(16_384),
      {
        about: 'the most that the request line and the headers may take together, in bytes',
      },
    ),
    jsonDepth: setting(z.int().min(4).max(1_000).default(64), {
      about: 'how deep the JSON of a body may be nested',
    }),
    headersTimeoutMs: setting(milliseconds.default(10_000), {
      about: 'how long the headers of a request may take to arrive',
    }),
    requestTimeoutMs: setting(milliseconds.default(30_000), {
      about: 'how long a request may take to arrive as a whole; not less than `limits.headersTimeoutMs`',
    }),
    answerTimeoutMs: setting(milliseconds.default(60_000), {
      about:
        'how long what was written of an answer, all of it or a chunk of a long one, may wait for the client to take it; then the connection is reset',
    }),
    keepAliveMs: setting(milliseconds.default(5_000), {
      about: 'how long a connection without a request stays open',
    }),
    maxConnections: setting(z.int().min(1).max(1_000_000).default(10_000), {
      about: 'how many connections are open at most; more are dropped at once',
    }),
  })
  .refine(({ headersTimeoutMs, requestTimeoutMs }) => headersTimeoutMs <= requestTimeoutMs, {
    path: ['headersTimeoutMs'],
    message: 'longer than requestTimeoutMs',
  });

/** What a server takes of its clients. */
export type HttpLimits = Readonly<z.output<typeof limitsSchema>>;

/** The limits where nothing is said. */
export const DEFAULT_LIMITS: HttpLimits = limitsSchema.parse({});
