import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import type { ErrorCode } from '../../errors/table.js';
import { MemwardenError } from '../../errors/memwarden-error.js';

const DUPLICATE = 11000;
// NotWritablePrimary, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, InterruptedDueToReplStateChange, PrimarySteppedDown
const NOT_PRIMARY = new Set([10107, 13435, 13436, 11602, 189]);
// ShutdownInProgress, InterruptedAtShutdown, HostUnreachable, HostNotFound, NetworkTimeout, SocketException
const DOWN = new Set([91, 11600, 6, 7, 89, 9001]);
// MaxTimeMSExpired, ExceededTimeLimit, WriteConcernFailed by time
const TIMEOUT = new Set([50, 262, 64]);

/** Whether a write was refused because its id is taken. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE;
}

/** Runs an operation of the driver and turns what it throws into an error of the table. */
export async function translated<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw translate(error);
  }
}

/** The error of the table for what the driver threw. No message of the server is kept: it can hold values. */
export function translate(error: unknown): unknown {
  if (error instanceof MemwardenError || !(error instanceof MongoError)) return error;
  return new MemwardenError(codeFor(error), detailOf(error));
}

function codeFor(error: MongoError): ErrorCode {
  if (error instanceof MongoOperationTimeoutError || error instanceof MongoNetworkTimeoutError) return 'store_timeout';
  if (error instanceof MongoServerSelectionError) {
    const types = [...(error.reason?.servers?.values() ?? [])].map((server) => server.type as string);
    return types.some((type) => type === 'RSSecondary') ? 'store_not_primary' : 'store_unavailable';
  }
  if (error instanceof MongoNetworkError) return 'store_unavailable';
  const code = serverCode(error);
  if (code === DUPLICATE) return 'store_duplicate';
  if (code !== undefined && NOT_PRIMARY.has(code)) return 'store_not_primary';
  if (code !== undefined && DOWN.has(code)) return 'store_unavailable';
  if (code !== undefined && TIMEOUT.has(code)) return 'store_timeout';
  return ['MongoNotConnectedError', 'MongoTopologyClosedError', 'MongoClientClosedError', 'MongoPoolClearedError'].includes(error.name)
    ? 'store_unavailable'
    : 'store_refused';
}

function serverCode(error: MongoError): number | undefined {
  const code = error instanceof MongoBulkWriteError ? error.code : error.code;
  return typeof code === 'number' ? code : undefined;
}

function detailOf(error: MongoError): Record<string, string | number> {
  const code = serverCode(error);
  const name = error instanceof MongoServerError ? error.codeName : undefined;
  return { ...(code === undefined ? {} : { server_code: code }), ...(typeof name === 'string' ? { server_error: name } : {}) };
}
