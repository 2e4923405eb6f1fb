import { randomBytes } from 'node:crypto';
import { instanceSigningKeys, signingKey } from '../../../src/crypto/signing-keys.js';
import { AuditMetrics } from '../../../src/metrics/audit-metrics.js';
import { Alarms } from '../../../src/metrics/alarms.js';
import type { AuditStorage, StoredGroup } from '../../../src/model/audit-storage.js';
import type { Clock } from '../../../src/model/clock.js';
import type { PublicKeyOf, SigningKeys } from '../../../src/model/signing-keys.js';
import type { ServiceStore } from '../../../src/store/service.js';
import { canonical } from '../../../src/audit/format.js';
import { Registry } from '../../../src/audit/registry.js';
import { StreamWriter } from '../../../src/audit/writer.js';
import type { Sink } from '../../../src/audit/sinks/sink.js';

/** A storage that keeps everything in memory, for pure tests of the chain; the drivers are tested by their own suite. */
export class MemoryStorage implements AuditStorage {
  readonly rows = new Map<string, Map<number, Buffer>>();

  append({ stream, group, body }: StoredGroup): Promise<'stored' | 'taken'> {
    const groups = this.rows.get(stream) ?? new Map<number, Buffer>();
    this.rows.set(stream, groups);
    const found = groups.get(group);
    if (!found) groups.set(group, body);
    return Promise.resolve(!found || found.equals(body) ? 'stored' : 'taken');
  }

  streams() {
    return Promise.resolve([...this.rows.keys()].sort());
  }

  async *groups(stream: string, from = 1): AsyncGenerator<StoredGroup> {
    const groups = this.rows.get(stream) ?? new Map<number, Buffer>();
    for (const group of [...groups.keys()].sort((a, b) => a - b))
      if (group >= from) yield { stream, group, body: groups.get(group)! };
  }

  last(stream: string): Promise<StoredGroup | undefined> {
    const groups = this.rows.get(stream);
    if (!groups || groups.size === 0) return Promise.resolve(undefined);
    const group = Math.max(...groups.keys());
    return Promise.resolve({ stream, group, body: groups.get(group)! });
  }

  removeStream(stream: string) {
    this.rows.delete(stream);
    return Promise.resolve();
  }
}

export function freshKeys(id = '01890000-0000-7000-8000-00000000000a') {
  const key = signingKey(id, randomBytes(32));
  const keys: SigningKeys = { current: async () => key, byId: async (one) => (one === id ? key : undefined) };
  const keyOf: PublicKeyOf = async (one) => (one === id ? key.publicKey : undefined);
  return { key, keys, keyOf };
}

/** Keys as a service store hands them out. */
export function keysOf(service: Pick<ServiceStore, 'currentKey' | 'keyById'>) {
  const keys = instanceSigningKeys({
    current: () => service.currentKey('signing'),
    byId: (id) => service.keyById(id),
  });
  const keyOf: PublicKeyOf = async (id) => (await keys.byId(id))?.publicKey;
  return { keys, keyOf };
}

export interface WriterOptions {
  readonly clock?: Clock;
  readonly timeoutMs?: number;
  readonly sinks?: readonly Sink[];
  readonly alarms?: Alarms;
}

export function writerOn(storage: AuditStorage, keys: SigningKeys, options: WriterOptions = {}) {
  const clock = options.clock ?? (() => new Date());
  const alarms = options.alarms ?? new Alarms();
  const metrics = new AuditMetrics();
  const sinks = options.sinks ?? [];
  const registry = new Registry(storage, keys, clock, (group) => {
    for (const sink of sinks) void sink.take(group);
  });
  const timeoutMs = options.timeoutMs ?? 20_000;
  const writer = new StreamWriter({ storage, registry, keys, clock, alarms, metrics, sinks, timeoutMs });
  return { writer, registry, metrics, alarms };
}

/** A record such as a read makes, told apart by its number. */
export function recordNo(n: number, more: Readonly<Record<string, unknown>> = {}): string {
  return canonical({
    v: 1,
    kind: 'event',
    id: `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    time: '2026-03-01T12:00:00.000Z',
    door: 'library',
    request: `01890000-0000-7000-9000-${String(n).padStart(12, '0')}`,
    principal: { id: 'bot', role: 'agent', user: 'AAAAAAAAAAAAAAAAAAAAAA' },
    action: 'read',
    subject: 'Memory',
    phase: 'read',
    outcome: 'allowed',
    owner: 'AAAAAAAAAAAAAAAAAAAAAA',
    count: 1,
    ids: 'BBBBBBBBBBBBBBBBBBBBBB',
    rules: ['agent-own-memories'],
    policy: 'c'.repeat(64),
    ...more,
  });
}

/** Writes a log of groups of the given sizes into a storage, and closes it or leaves it open. */
export async function writeLog(
  storage: AuditStorage,
  keys: SigningKeys,
  sizes: readonly number[],
  options: WriterOptions & { readonly open?: boolean } = {},
): Promise<string> {
  const { writer } = writerOn(storage, keys, options);
  let n = 0;
  for (const size of sizes) await Promise.all(Array.from({ length: size }, () => writer.write(recordNo((n += 1)))));
  const stream = writer.stream!;
  if (!options.open) await writer.close();
  return stream;
}
