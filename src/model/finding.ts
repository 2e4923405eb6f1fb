/** One finding of `doctor`. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  /** What is wrong and what to do, or what was found right. */
  readonly message: string;
}
