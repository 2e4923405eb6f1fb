import { z } from 'zod';
import { DOORS, type Door } from '../model/auditor.js';
import { bare, bareCopy } from '../model/bare.js';

/** A second place that the audit log goes to. */
export type AuditSinkOptions =
  | {
      readonly kind: 'file';
      /** The folder, which is made. */
      readonly path: string;
      /** A file of this size is ended and another begun, in bytes; 64 MiB. */
      readonly maxBytes?: number;
      /** Whether nothing is released before the sink has it; false. */
      readonly required?: boolean;
      /** How much waits for a sink that is slow, in bytes; 8 MiB. */
      readonly maxBufferedBytes?: number;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** How long one request may take, in milliseconds; 5 seconds. */
      readonly timeoutMs?: number;
      readonly required?: boolean;
      readonly maxBufferedBytes?: number;
    };

/** How the audit log is kept. It cannot be switched off. */
export interface AuditOptions {
  /**
   * Where checkpoints are kept: a folder outside the database; `MEMWARDEN_CHECKPOINTS`, else
   * `PATH.checkpoints` beside an embedded store, `./.memwarden/checkpoints` for the default one and MongoDB.
   */
  readonly checkpoints?: string;
  /** How often one is made while something is recorded, in milliseconds; 10 minutes. */
  readonly checkpointEveryMs?: number;
  /** How long a record may wait until it is durable, in milliseconds; `timeoutMs` where none is given. */
  readonly timeoutMs?: number;
  readonly sinks?: readonly AuditSinkOptions[];
  /** Where calls come in that do not say so; `library`. */
  readonly door?: Door;
}

type Filled<T> = T extends unknown ? Required<T> : never;

/** Options with every default put in. */
export interface AuditSettings {
  readonly checkpoints: string;
  readonly checkpointEveryMs: number;
  readonly timeoutMs: number;
  readonly sinks: readonly Filled<AuditSinkOptions>[];
  /** Where calls come in that do not say so. */
  readonly door: Door;
}

const MIB = 1 << 20;
const text = z.string().min(1);
const shared = { required: z.boolean().optional(), maxBufferedBytes: z.int().min(MIB).optional() };

/** What the options of the audit log may hold. */
export const auditSchema = z.strictObject({
  checkpoints: text.optional(),
  checkpointEveryMs: z.int().min(1_000).max(86_400_000).optional(),
  timeoutMs: z.int().min(50).max(600_000).optional(),
  door: z.enum(DOORS).optional(),
  sinks: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('file'), path: text, maxBytes: z.int().min(1_024).optional(), ...shared }),
        z.strictObject({
          kind: z.literal('http'),
          url: z.url({ protocol: /^https?$/ }),
          headers: z.record(z.string(), z.string()).optional(),
          timeoutMs: z.int().min(50).max(60_000).optional(),
          ...shared,
        }),
      ]),
    )
    .max(8)
    .optional(),
});

/** Puts the defaults in. @param checkpoints the folder of checkpoints where nothing names one */
export function toAuditSettings(
  options: AuditOptions,
  timeoutMs: number,
  environment: NodeJS.ProcessEnv,
  checkpoints: string,
): AuditSettings {
  return {
    checkpoints: options.checkpoints ?? (environment['MEMWARDEN_CHECKPOINTS'] || checkpoints),
    checkpointEveryMs: options.checkpointEveryMs ?? 600_000,
    timeoutMs: options.timeoutMs ?? timeoutMs,
    door: options.door ?? 'library',
    sinks: (options.sinks ?? []).map((given) => {
      const sink = bareCopy(given);
      const { required = false, maxBufferedBytes = 8 * MIB } = sink;
      return sink.kind === 'file'
        ? { ...sink, required, maxBufferedBytes, maxBytes: sink.maxBytes ?? 64 * MIB }
        : {
            ...sink,
            required,
            maxBufferedBytes,
            headers: sink.headers ?? (bare() as Record<string, string>),
            timeoutMs: sink.timeoutMs ?? 5_000,
          };
    }),
  };
}
