import { ERRORS, type ErrorCode } from './table.js';

/** One place in a policy file (or another checked text) that is wrong. */
export interface Issue {
  readonly code: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  readonly message: string;
}

/** Facts about the failure that are safe to show: names and limits, never values, content or queries. */
export type Detail = Readonly<Record<string, string | number | boolean>>;

/** The only error that memwarden throws. `code` is stable; the table in docs/errors.md says what to do about it. */
export class MemwardenError extends Error {
  override readonly name = 'MemwardenError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly remedy: string;
  readonly detail: Detail;
  readonly issues: readonly Issue[];

  constructor(code: ErrorCode, detail: Detail = {}, issues: readonly Issue[] = []) {
    const row = ERRORS[code];
    super(describe(row.message, detail, issues));
    this.code = code;
    this.status = row.status;
    this.remedy = row.remedy;
    this.detail = Object.freeze({ ...detail });
    this.issues = issues;
  }

  /** What may be sent or logged: no stack, no cause. */
  toJSON(): object {
    const { code, message, remedy, detail, issues } = this;
    return {
      code,
      message,
      remedy,
      ...(Object.keys(detail).length ? { detail } : {}),
      ...(issues.length ? { issues } : {}),
    };
  }
}

function describe(message: string, detail: Detail, issues: readonly Issue[]): string {
  const facts = Object.entries(detail).map(([key, value]) => `${key}: ${value}`);
  const places = issues.map(
    (issue) => `\n  ${oneLine(`${issue.file}:${issue.line}:${issue.column} ${issue.code}: ${issue.message}`)}`,
  );
  return `${message}${facts.length ? ` (${facts.join(', ')})` : ''}${places.join('')}`;
}

// Whoever names a file could put lines of their own into the message with its name.
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Narrows an unknown value to a MemwardenError, optionally of one code. */
export function isMemwardenError(error: unknown, code?: ErrorCode): error is MemwardenError {
  return error instanceof MemwardenError && (code === undefined || error.code === code);
}
