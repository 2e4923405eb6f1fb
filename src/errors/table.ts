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

/**
 * Every error that memwarden throws, by its stable code. docs/errors.md is written from this table and a test keeps
 * the two equal. Codes are never renamed or reused.
 */
export const ERRORS = {
  unauthentic: {
    status: 500,
    exit: 1,
    message: 'A stored value is not what was sealed: it was changed, moved or cut off.',
    remedy: 'Run `memwarden doctor`; restore the record from a backup if the change was not yours.',
  },
  erasing: {
    status: 409,
    exit: 1,
    message: 'The user is being erased.',
    remedy: 'Wait until the erasure is done; then the user may come back with a new key and none of the old memories.',
  },
  epoch_over: {
    status: 503,
    exit: 4,
    message: 'The key that the write was sealed under is no longer in use.',
    remedy: 'Call again; if it recurs, another process rotates or erases at this moment.',
  },
  keys_foreign: {
    status: 500,
    exit: 3,
    message: 'The key store belongs to another store of memories.',
    remedy: 'Set MEMWARDEN_KEYS_URI (or `keys.store`) to the key store that was made for this store.',
  },
  keys_unsafe: {
    status: 500,
    exit: 3,
    message: 'The keys would lie where a copy of the data holds them too.',
    remedy: 'Put the key store and the key file outside the folder or database of the data.',
  },
  certificate_invalid: {
    status: 400,
    exit: 2,
    message: 'The certificate is not one, was changed, or was signed by another key.',
    remedy: 'Take the certificate as it was written, and the public keys from `memwarden keys public`.',
  },
  ledger_invalid: {
    status: 500,
    exit: 3,
    message: 'The ledger of erasures cannot be read, or a line of it is missing or changed.',
    remedy: 'Restore the ledger file from where it is kept; it only ever grows.',
  },
  erasure_missed: {
    status: 503,
    exit: 3,
    message: 'The store does not know of an erasure that the ledger holds: it was restored from a backup.',
    remedy: 'Run `memwarden erasure replay` before the store is opened.',
  },
  invalid_principal: {
    status: 400,
    exit: 2,
    message: 'The principal is malformed.',
    remedy: 'Pass { id, role, userId?, purpose?, attributes? } with well-formed strings from a verified credential.',
  },
  invalid_owner: {
    status: 400,
    exit: 2,
    message: 'The user id that names the partition is malformed.',
    remedy: 'Pass a string of 1 to 256 code points without control, format or unassigned characters.',
  },
  invalid_argument: {
    status: 400,
    exit: 2,
    message: 'An argument is malformed.',
    remedy: 'Correct the argument named in `detail.argument`; unknown keys are refused.',
  },
  invalid_cursor: {
    status: 400,
    exit: 2,
    message: 'The cursor is not one that this call can continue.',
    remedy: 'Start again without a cursor; a cursor serves one principal, owner, filter and sort, for a day.',
  },
  empty_filter: {
    status: 400,
    exit: 2,
    message: 'The filter is empty.',
    remedy: 'Name at least one condition, or call deleteAll() if everything is meant.',
  },
  content_too_large: {
    status: 413,
    exit: 2,
    message: 'The content is larger than 65536 bytes of UTF-8.',
    remedy: 'Split the text into several memories.',
  },
  metadata_too_large: {
    status: 413,
    exit: 2,
    message: 'The metadata is larger than 16384 bytes of JSON.',
    remedy: 'Keep large values elsewhere and store a reference.',
  },
  batch_too_large: {
    status: 413,
    exit: 2,
    message: 'The batch holds more than 1000 memories.',
    remedy: 'Send several batches.',
  },
  forbidden: {
    status: 403,
    exit: 3,
    message: 'The policy does not allow this principal to do this to this partition.',
    remedy: 'Use a principal whose role allows it; `memwarden explain` names the deciding rule.',
  },
  not_found: {
    status: 404,
    exit: 4,
    message: 'There is no such memory for this principal.',
    remedy: 'Check the id; a memory that may not be read, changed or explained answers the same as an absent one.',
  },
  conflict: {
    status: 409,
    exit: 5,
    message: 'The memory changed in between.',
    remedy: 'Read it again and repeat the change on the version that is there now.',
  },
  policy_invalid: {
    status: 500,
    exit: 6,
    message: 'A policy file is invalid.',
    remedy: 'Correct each place listed in `issues`; nothing was loaded.',
  },
  policy_unavailable: {
    status: 503,
    exit: 6,
    message: 'The policies could not be reloaded for longer than policy.maxStaleMs; every call is denied.',
    remedy: 'Repair the policy files and reload.',
  },
  config_invalid: {
    status: 500,
    exit: 2,
    message: 'The configuration is invalid.',
    remedy: 'Correct the option named in `detail.argument`.',
  },
  store_unavailable: {
    status: 503,
    exit: 7,
    message: 'The store cannot be reached.',
    remedy: 'Check that it runs and that the address is right; a write whose outcome is unknown is safe to look up.',
  },
  store_timeout: {
    status: 504,
    exit: 7,
    message: 'The store did not answer in time.',
    remedy: 'Try again; a write whose outcome is unknown is safe to look up.',
  },
  store_not_primary: {
    status: 503,
    exit: 7,
    message: 'The server is not the primary at present.',
    remedy: 'Try again when the election is over.',
  },
  store_duplicate: {
    status: 409,
    exit: 7,
    message: 'A record with this id exists already.',
    remedy: 'Read what is there; ids are made by the server and collide only when a write is sent twice.',
  },
  store_not_migrated: {
    status: 503,
    exit: 7,
    message: 'The store has not been prepared for this version.',
    remedy: 'Run `memwarden migrate` (or warden.migrate()).',
  },
  store_refused: {
    status: 500,
    exit: 7,
    message: 'The store refused the operation.',
    remedy: 'Run `memwarden doctor`.',
  },
  store_unsafe: {
    status: 500,
    exit: 2,
    message: 'The store settings would weaken durability or isolation.',
    remedy:
      'Remove the setting named in `detail.argument`; writes are majority and journaled, reads majority, primary.',
  },
  key_refused: {
    status: 500,
    exit: 10,
    message: 'A wrapped key does not open: wrong key-encryption key, wrong context, or other bytes than were written.',
    remedy: 'Check that the key-encryption key is the one that the key was wrapped under; see `detail.reason`.',
  },
  key_file_missing: {
    status: 500,
    exit: 10,
    message: 'The key file is missing, and a new one would open nothing of what is stored.',
    remedy: 'Restore the file that `detail.file` names from where it is kept safe.',
  },
  key_file_invalid: {
    status: 500,
    exit: 10,
    message: 'The key file is damaged, or is not the one that the stored keys are wrapped under.',
    remedy: 'Restore the file that `detail.file` names from where it is kept safe.',
  },
  key_file_unsafe: {
    status: 500,
    exit: 10,
    message: "The key file, or its folder, is not its owner's alone.",
    remedy: 'Run the line in `detail.run`, or put a file of your own in its place; see `detail.reason`.',
  },
  owner_key_required: {
    status: 403,
    exit: 2,
    message: 'The memories of this user are sealed under a key that its owner holds.',
    remedy: 'Pass `ownerKey` with this request; nothing of it is kept.',
  },
  kms_unavailable: {
    status: 503,
    exit: 10,
    message: 'The key service cannot be used; nothing was read or written.',
    remedy: 'Check that it runs, its address and the credentials; see `detail.reason`.',
  },
  kms_timeout: {
    status: 504,
    exit: 10,
    message: 'The key service did not answer in time; nothing was read or written.',
    remedy: 'Try again.',
  },
  missing_package: {
    status: 500,
    exit: 2,
    message: 'An optional package is not installed.',
    remedy: 'Run the line in `detail.install`.',
  },
  closed: {
    status: 503,
    exit: 1,
    message: 'The warden is closed.',
    remedy: 'Create a new one.',
  },
  internal: {
    status: 500,
    exit: 1,
    message: 'Something that cannot happen happened; nothing was released.',
    remedy: 'Report it with the code and the time.',
  },
} as const satisfies Record<string, ErrorRow>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;
