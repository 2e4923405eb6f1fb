import type { Level } from './levels.js';

/** The forms that an export comes in. */
export const EXPORT_FORMATS = ['ndjson', 'json', 'csv', 'zip'] as const;
/** The form of an export. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * What a part of an export is of: a user alone, a shared space alone, or, where both are named, what the user wrote in the
 * space.
 */
export interface ExportedPart {
  readonly user_id?: string;
  readonly space?: string;
}

/** What was exported of a user, or of a space: a line of the file of users. */
export interface ExportedUser extends ExportedPart {
  /** The exported set is what the principal might read and export at this time (ISO 8601). */
  readonly read_at: string;
  readonly count: number;
  readonly levels: Readonly<Partial<Record<Level, number>>>;
  /** SHA-256 of the policies that decided. */
  readonly policy: string;
  /** The user wrote in the space, and the principal may not hand out what: its policies or the access list say no. */
  readonly withheld?: true;
}

/** What was exported of a space, of all parts that are of it. */
export interface ExportedSpace {
  readonly space: string;
  readonly memories: number;
  readonly levels: Readonly<Partial<Record<Level, number>>>;
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
  /** `all`, or how many spaces were named; absent where none was. */
  readonly spaces?: 'all' | number;
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
    /** Those that there is a line of in the file of users, by the bytes of their ids; absent where there is none. */
    readonly spaces?: readonly ExportedSpace[];
    /** Lines of the file of users that are withheld; absent where none is. */
    readonly withheld?: number;
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
  /** Parts of spaces: of those that were named, and what users who were named wrote in others. */
  readonly spaces?: number;
  readonly memories: number;
  /** How many users and named spaces there will be, where the users were named. */
  readonly of?: number;
}

/** A checked order of an export. */
export interface ExportOrder<Filter> {
  /** Sorted by their bytes, each once. */
  readonly users: readonly string[] | 'all';
  /** Ids of spaces, likewise; `all` that the principal reads. */
  readonly spaces: readonly string[] | 'all';
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
  /** Parts of spaces, as in the progress. */
  readonly spaces?: number;
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
