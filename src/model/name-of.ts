/**
 * The keyed name of a row that would tell of a user: nobody without the key can make or confirm it, and it stays for good.
 * The first part says what kind of row it is.
 */
export type NameOf = (...parts: readonly string[]) => Promise<string>;
