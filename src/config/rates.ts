import { z } from 'zod';

/** So many in a window of time. */
export interface Rate {
  readonly max: number;
  /** In milliseconds; a minute where none is given. */
  readonly windowMs?: number;
}

/** How many requests are taken. What is over it is answered with 429. `false` is without limit. */
export interface RateLimitOptions {
  /** Of one credential; 60,000 a minute. */
  readonly perCredential?: Rate | false;
  /** Of one credential for one user; 6,000 a minute. */
  readonly perUser?: Rate | false;
  /** That fail to authenticate, of one address (of IPv6 a network of 64 bits); 60 a minute. Always counted by each process. */
  readonly failedAuthentications?: Rate | false;
  /** Whether all processes on one store count together; false, each counts alone. */
  readonly shared?: boolean;
}

/** Rate limits with every default put in. */
export interface RateLimits {
  readonly perCredential: Required<Rate> | false;
  readonly perUser: Required<Rate> | false;
  readonly failedAuthentications: Required<Rate> | false;
  readonly shared: boolean;
}

const MINUTE_MS = 60_000;
const rate = z.union([
  z.literal(false),
  z.strictObject({
    max: z.int().min(1).max(1_000_000_000),
    windowMs: z.int().min(1_000).max(86_400_000).optional(),
  }),
]);

/** The shape of `RateLimitOptions`. */
export const rateLimitsSchema = z.strictObject({
  perCredential: rate.optional(),
  perUser: rate.optional(),
  failedAuthentications: rate.optional(),
  shared: z.boolean().optional(),
});

/** Puts the defaults in. */
export function toRateLimits(options: RateLimitOptions = {}): RateLimits {
  return {
    perCredential: whole(options.perCredential ?? { max: 60_000 }),
    perUser: whole(options.perUser ?? { max: 6_000 }),
    failedAuthentications: whole(options.failedAuthentications ?? { max: 60 }),
    shared: options.shared ?? false,
  };
}

function whole(given: Rate | false): Required<Rate> | false {
  return given && { max: given.max, windowMs: given.windowMs ?? MINUTE_MS };
}
