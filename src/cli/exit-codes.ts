/** Exit codes that are no errors of the table; those are in src/errors/table.ts. docs/cli.md lists them all. */
export const EXIT = {
  ok: 0,
  /** The import is complete, but for lines that were set aside. */
  rejectedLines: 8,
  /** `doctor` found something wrong. */
  unhealthy: 9,
  /** `serve` was ended, and requests that were running took too long. */
  cutOff: 13,
  /** `audit verify` found a fault in the log. */
  auditBroken: 12,
  /** A command on policies found what it was asked to fail on. */
  found: 20,
  /** Interrupted; the same command goes on where it stopped. */
  interrupted: 130,
} as const;
