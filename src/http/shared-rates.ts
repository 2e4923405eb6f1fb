import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../model/clock.js';
import type { KeyValueStore } from '../model/key-value.js';

const NAMESPACE = 'rates';
const LEASES = 50_000;
const PARTS = 100;

// A part of a window's limit that this process took, and how much of it is used.
interface Lease {
  readonly before: number;
  readonly size: number;
  used: number;
}

/**
 * Counters that all processes on one store share, for `@fastify/rate-limit`: windows of fixed time. A process takes a
 * hundredth of the limit at once, so that not every request is a durable write; what it does not use is lost with the
 * window, and so all of them together never let more through than the limit.
 */
export function sharedRates(values: KeyValueStore, clock: Clock): FastifyRateLimitStoreCtor {
  const leases = new LRUCache<string, Lease>({ max: LEASES });
  const taking = new Map<string, Promise<Lease>>();

  const take = async (name: string, size: number, expiresAt: Date): Promise<Lease> => {
    const sum = await values.add(NAMESPACE, name, size, expiresAt);
    const lease = { before: sum - size, size, used: 0 };
    leases.set(name, lease);
    return lease;
  };
  const use = async (name: string, max: number, expiresAt: Date): Promise<number> => {
    const size = Math.ceil(max / PARTS);
    for (;;) {
      const held = leases.get(name);
      if (held && held.used < held.size) {
        held.used += 1;
        return held.before + held.used;
      }
      // The sum only grows: what comes after is over the limit, and needs no more writes.
      if (held && held.before + held.size >= max) return max + 1;
      let begun = taking.get(name);
      if (!begun) {
        begun = take(name, size, expiresAt).finally(() => taking.delete(name));
        taking.set(name, begun);
      }
      await begun;
    }
  };
  const count = async (key: string, windowMs: number, max: number) => {
    const now = clock().getTime();
    const number = Math.floor(now / windowMs);
    const end = (number + 1) * windowMs;
    const name = `${key}/${windowMs}/${number}`;
    const current = await use(name, max, new Date(end + windowMs));
    return { current, ttl: end - now };
  };

  return class SharedRates implements FastifyRateLimitStore {
    incr(key: string, done: Parameters<FastifyRateLimitStore['incr']>[1], windowMs: number, max: number): void {
      count(key, windowMs, max).then(
        (counted) => done(null, counted),
        (error: unknown) => done(error as Error),
      );
    }

    child(): SharedRates {
      return new SharedRates();
    }
  };
}
