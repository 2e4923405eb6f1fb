import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
  type TopologyDescription,
} from 'mongodb';
import mongoose from 'mongoose';
import type { ErrorCode } from '../../errors/table.js';
import { MemwardenError } from '../../errors/memwarden-error.js';

const DUPLICATE = 11000;
// NotWritablePrimary, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, InterruptedDueToReplStateChange, PrimarySteppedDown
const NOT_PRIMARY = new Set([10107, 13435, 13436, 11602, 189]);
// ShutdownInProgress, InterruptedAtShutdown, HostUnreachable, HostNotFound, NetworkTimeout, SocketException
const DOWN = new Set([91, 11600, 6, 7, 89, 9001]);
// MaxTimeMSExpired, ExceededTimeLimit, WriteConcernFailed by time
const TIMEOUT = new Set([50, 262, 64]);

// BadValue, FailedToParse, TypeMismatch, InvalidBSON, BSONObjectTooLarge: found before anything is done
const OF_CONTENT = new Set<unknown>([2, 9, 14, 22, 10334]);

// Of Node's streams, without the name of a system call.
const OF_SOCKETS = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** Whether a write was refused because its id is taken. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE;
}

/** Whether nothing else than taken ids kept a write of several from landing whole. */
export function areDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return isDuplicate(error);
  const faults = [error.writeErrors].flat();
  return faults.length > 0 && faults.every(({ code }) => code === DUPLICATE) && !error.result.getWriteConcernError();
}

/** How many rows of an insert that met duplicates were put all the same. @param error of which `areDuplicates` is true */
export function putBeside(error: unknown): number {
  return error instanceof MongoBulkWriteError ? error.insertedCount : 0;
}

/**
 * Waits for an upsert whose id says all of its content: where two race to make the row, the loser finds it there
 * (the server repeats an upsert by itself only where the filter names nothing but the id).
 */
export async function unlessThere(upsert: Promise<unknown>): Promise<void> {
  try {
    await upsert;
  } catch (error) {
    if (!areDuplicates(error)) throw error;
  }
}

/** Runs an operation of the driver and turns what it throws into an error of the table. */
export async function translated<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw translate(error);
  }
}

/**
 * Whether what a command held is why it failed, before any of it was done: it may be sent again in parts. Not where a
 * connection or a time-out failed it, or the server stopped in the middle, for then some of it may have landed.
 */
export function isOfContent(error: unknown): boolean {
  if (error instanceof MongoWriteConcernError) return false;
  if (error instanceof MongoBulkWriteError && error.result.getWriteConcernError()) return false;
  const told = translate(error);
  if (!(told instanceof MemwardenError)) return true;
  const code = told.detail['server_code'];
  return told.code === 'store_refused' && (code === undefined || OF_CONTENT.has(code));
}

/** The error of the table for what the driver threw. No message of the server is kept: it can hold values. */
export function translate(thrown: unknown): unknown {
  const error = causeOf(thrown);
  if (error instanceof MongoError) return new MemwardenError(codeFor(error), detailOf(error));
  // Mongoose wraps the driver's error when it connects.
  if (error instanceof mongoose.Error.MongooseServerSelectionError) return new MemwardenError(codeOfSelection(error));
  if (isOfSystem(error)) return new MemwardenError('store_unavailable');
  return error instanceof mongoose.Error ? new MemwardenError('store_refused') : error;
}

// What fails a whole command of several statements comes wrapped, without a code where no server answered it.
function causeOf(error: unknown): unknown {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const { errorResponse } = error as { readonly errorResponse: unknown };
  return errorResponse instanceof Error ? errorResponse : error;
}

// A name that does not resolve (mongodb+srv), or a socket that its other end closed while the driver wrote to it:
// Node's own errors, which the driver passes on as they are.
function isOfSystem(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return 'syscall' in error || ('code' in error && OF_SOCKETS.has(error.code));
}

// No server to write to: where secondaries answer, the set is between two primaries.
function codeOfSelection(error: object): ErrorCode {
  const { reason } = error as { readonly reason?: TopologyDescription };
  const servers = reason?.servers.values() ?? [];
  return [...servers].some(({ type }) => type === 'RSSecondary') ? 'store_not_primary' : 'store_unavailable';
}

function codeFor(error: MongoError): ErrorCode {
  if (error instanceof MongoOperationTimeoutError || error instanceof MongoNetworkTimeoutError) return 'store_timeout';
  // No connection came free in time: the server is slow, or stands still while connections are made.
  if (error.name === 'MongoWaitQueueTimeoutError') return 'store_timeout';
  if (error instanceof MongoServerSelectionError) return codeOfSelection(error);
  if (error instanceof MongoNetworkError) return 'store_unavailable';
  const code = serverCode(error);
  if (code === DUPLICATE) return 'store_duplicate';
  if (code !== undefined && NOT_PRIMARY.has(code)) return 'store_not_primary';
  if (code !== undefined && DOWN.has(code)) return 'store_unavailable';
  if (code !== undefined && TIMEOUT.has(code)) return 'store_timeout';
  return [
    'MongoNotConnectedError',
    'MongoTopologyClosedError',
    'MongoClientClosedError',
    'MongoPoolClearedError',
  ].includes(error.name)
    ? 'store_unavailable'
    : 'store_refused';
}

function serverCode(error: MongoError): number | undefined {
  const faults = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
  const code = faults.find((fault) => fault.code !== DUPLICATE)?.code ?? error.code;
  return typeof code === 'number' ? code : undefined;
}

function detailOf(error: MongoError): Record<string, string | number> {
  const code = serverCode(error);
  const name = error instanceof MongoServerError ? error.codeName : undefined;
  return {
    ...(code === undefined ? {} : { server_code: code }),
    ...(typeof name === 'string' ? { server_error: name } : {}),
  };
}
