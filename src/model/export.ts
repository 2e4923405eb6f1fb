import type { Level } from './levels.js';

/** The forms that an export comes in. */
export const EXPORT_FORMATS = ['ndjson', 'json', 'csv', 'zip'] as const;
/** The form of an export. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What was exported of one user: a line of the file of users. */
export interface ExportedUser {
  readonly user_id: string;
  /** The exported set is what the principal might read and export at this time (ISO 8601). */
  readonly read_at: string;
  readonly count: number;
  readonly levels: Readonly<Partial<Record<Level, number>>>;
  /** SHA-256 of the policies that decided. */
  readonly policy: string;
}

/** A file of an export. */
export interface ExportedFile {
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Who asked for an export. */
export interface ExportPrincipal {
  readonly id: string;
  readonly role: string;
  readonly userId?: string;
  readonly purpose?: string;
}

/** What was asked for. */
export interface ExportQuery {
  /** `all`, or how many were named; the file of users names them. */
  readonly users: 'all' | number;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly format: ExportFormat;
  readonly gzip: boolean;
}

/** That another principal approved an export. */
export interface ExportApproval {
  readonly id: string;
  readonly approvedBy: { readonly id: string; readonly role: string };
  readonly at: string;
}

/** What an export is, signed: whoever has the public keys can check every byte of it offline. */
export interface ExportManifest {
  readonly format: 'memwarden export manifest 1';
  readonly exportId: string;
  /** The random name of the store. */
  readonly storeId: string;
  readonly principal: ExportPrincipal;
  readonly recipient?: string;
  readonly query: ExportQuery;
  readonly approval?: ExportApproval;
  /** SHA-256 of the policies that decided, in the order in which they were in force. */
  readonly policyRevisions: readonly string[];
  /** When it was begun, and each time that it went on after it was cut off. */
  readonly startedAt: readonly string[];
  readonly completedAt: string;
  readonly counts: {
    readonly users: number;
    readonly memories: number;
    readonly levels: Readonly<Partial<Record<Level, number>>>;
  };
  /** The export itself, and the file of users: counts, levels and time of reading of each. */
  readonly files: readonly ExportedFile[];
  readonly signedBy: string;
  /** Ed25519 over the canonical JSON (RFC 8785) of everything else, base64url. */
  readonly signature: string;
}

/** How far an export is. */
export interface ExportProgress {
  readonly users: number;
  readonly memories: number;
  /** How many users there will be, where they were named. */
  readonly of?: number;
}

/** A checked order of an export. */
export interface ExportOrder<Filter> {
  /** Sorted by their bytes, each once. */
  readonly users: readonly string[] | 'all';
  readonly filter: Filter;
  /** The filter as it was written. */
  readonly selection: Readonly<Record<string, unknown>>;
  readonly format: ExportFormat;
  readonly gzip: boolean;
  /** The file to write. */
  readonly out: string;
  readonly recipient?: string;
  readonly approval?: string;
  readonly fresh: boolean;
  readonly onProgress?: (progress: ExportProgress) => void;
  readonly signal?: AbortSignal;
}

/** How an export ended. */
export interface ExportResult {
  readonly exportId: string;
  /** False where `signal` ended it: the same call goes on. */
  readonly complete: boolean;
  readonly users: number;
  readonly memories: number;
  /** Present where it is complete. */
  readonly manifest?: ExportManifest;
}

/** What waits for an approval. */
export interface ExportRequest {
  readonly id: string;
  readonly requestedAt: string;
  readonly principal: ExportPrincipal;
  readonly recipient?: string;
  readonly query: ExportQuery;
}
