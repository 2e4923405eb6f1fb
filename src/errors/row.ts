/** One row of the error table: what it means and what the caller does about it. */
export interface ErrorRow {
  /** HTTP status that the doors answer with. */
  readonly status: number;
  /** Exit code of the command line. */
  readonly exit: number;
  /** What happened, in one sentence, without content, secret or query. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}
