import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditSettings } from '../config/audit-options.js';
import type { Alarms } from '../metrics/alarms.js';
import { AuditMetrics } from '../metrics/audit-metrics.js';
import type { AuditKeeper } from '../model/audit-keeper.js';
import type { AuditStorage } from '../model/audit-storage.js';
import type { Clock } from '../model/clock.js';
import type { Pseudonyms } from '../model/pseudonyms.js';
import type { PublicKeyOf, SigningKeys } from '../model/signing-keys.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { AuditLog } from './auditor.js';
import { keepCheckpoint, makeCheckpoint } from './checkpoint.js';
import { FileSource } from './files.js';
import { prune } from './prune.js';
import { reconcile } from './reconcile.js';
import { Registry } from './registry.js';
import { BufferedSink } from './sinks/buffered.js';
import { FileDelivery } from './sinks/file.js';
import { keeperOfTenant, readingOf } from './of-tenant.js';
import { HttpDelivery } from './sinks/http.js';
import type { Sink } from './sinks/sink.js';
import { verifyLog } from './verify.js';
import { StreamWriter } from './writer.js';

/** What the log stands on. */
export interface AuditParts {
  readonly storage: AuditStorage;
  readonly keys: SigningKeys;
  readonly pseudonyms: Pseudonyms;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly settings: AuditSettings;
}

/** The log, opened: the auditor, and what may be done with what it has kept. Nothing is written before the first record. */
export function openAudit({ storage, keys, pseudonyms, alarms, clock, settings }: AuditParts): AuditKeeper {
  const metrics = new AuditMetrics();
  const sinks = settings.sinks.map((sink) => openSink(sink, { metrics, alarms, clock }));
  const registry = new Registry(storage, keys, clock, (group) => {
    for (const sink of sinks) sink.take(group).catch(() => undefined);
  });
  const { timeoutMs, door, checkpoints, checkpointEveryMs } = settings;
  const writer = new StreamWriter({ storage, registry, keys, clock, alarms, metrics, sinks, timeoutMs });
  const auditor = new AuditLog({ writer, pseudonyms, tenant: DEFAULT_TENANT, metrics, clock, door, timeoutMs });
  const keyOf: PublicKeyOf = async (id) => (await keys.byId(id))?.publicKey;
  const checkpoint = () => makeCheckpoint(storage, keys, clock());
  const keep = async () => keepCheckpoint(checkpoints, await checkpoint());
  // Made while something is written, so that a tail that is cut off is missed.
  let checkpointed = 0;
  const timer = setInterval(() => {
    const { records } = metrics.snapshot();
    if (records === checkpointed) return;
    keep().then(
      () => (checkpointed = records),
      () => alarms.raise('audit_checkpoint_failed', clock()),
    );
  }, checkpointEveryMs);
  timer.unref();
  return {
    auditor,
    counters: () => metrics.snapshot(),
    reconcile: () => reconcile({ storage, registry, writer, alarms, clock }),
    verify: ({ files, ...options }) => verifyLog(files === undefined ? storage : new FileSource(files), keyOf, options),
    ...readingOf(storage, DEFAULT_TENANT, pseudonyms),
    ofTenant: (tenant, own) => keeperOfTenant({ storage, writer, clock, door, timeoutMs, metrics }, tenant, own),
    prune: (before) => prune(storage, registry, before),
    checkpoint: keep,
    dump: (folder) => dump(storage, folder),
    async close() {
      clearInterval(timer);
      try {
        await writer.close();
        if (metrics.snapshot().records > checkpointed) await keep();
      } catch {
        // Every record that was acknowledged is durable; what is missing is the end of the stream, which lapses.
        alarms.raise('audit_checkpoint_failed', clock());
      }
      for (const sink of sinks) await sink.close();
    },
  };
}

function openSink(sink: AuditSettings['sinks'][number], parts: ConstructorParameters<typeof BufferedSink>[2]): Sink {
  const { required, maxBufferedBytes } = sink;
  const delivery =
    sink.kind === 'file'
      ? new FileDelivery({ path: sink.path, maxBytes: sink.maxBytes, synced: required })
      : new HttpDelivery({ url: sink.url, headers: sink.headers, timeoutMs: sink.timeoutMs });
  return new BufferedSink(delivery, { required, maxBufferedBytes }, parts);
}

// In the layout of the file sink, so that whoever reads one reads the other.
async function dump(storage: AuditStorage, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let groups = 0;
  for (const stream of await storage.streams()) {
    const path = join(folder, `${stream}.0001.jsonl`);
    await writeFile(path, '', { mode: 0o600, flag: 'wx' });
    for await (const { body } of storage.groups(stream)) {
      await writeFile(path, body, { flag: 'a' });
      groups += 1;
    }
  }
  return groups;
}
