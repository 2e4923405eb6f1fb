import type { ErrorRow } from './row.js';

/** What can be wrong with keys, sealed values and erasures. */
export const KEY_ROWS = {
  unauthentic: {
    status: 500,
    exit: 10,
    message: 'A stored value is not what was sealed: it was changed, moved or cut off.',
    remedy: 'Run `memwarden doctor`; restore the record from a backup if the change was not yours.',
  },
  erasing: {
    status: 409,
    exit: 5,
    message: 'The user is being erased.',
    remedy: 'Wait until the erasure is done; then the user may come back with a new key and none of the old memories.',
  },
  epoch_over: {
    status: 503,
    exit: 5,
    message: 'The key that the write was sealed under is no longer in use.',
    remedy: 'Call again; if it recurs, another process rotates or erases at this moment.',
  },
  keys_foreign: {
    status: 500,
    exit: 10,
    message: 'The key store belongs to another store of memories.',
    remedy: 'Set MEMWARDEN_KEYS_URI (or `keys.store`) to the key store that was made for this store.',
  },
  keys_unsafe: {
    status: 500,
    exit: 10,
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
    exit: 10,
    message: 'The ledger of erasures cannot be read, or a line of it is missing or changed.',
    remedy: 'Restore the ledger file from where it is kept; it only ever grows.',
  },
  erasure_missed: {
    status: 503,
    exit: 10,
    message: 'The store does not know of an erasure that the ledger holds: it was restored from a backup.',
    remedy: 'Run `memwarden erasure replay` before the store is opened.',
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
    message: 'The key file is damaged.',
    remedy: 'Restore the file that `detail.file` names from where it is kept safe.',
  },
  key_file_other: {
    status: 500,
    exit: 10,
    message: 'The key file is sound, but it is not the one that the stored keys are wrapped under.',
    remedy:
      'If the store was restored from a backup, first put the key file of that time back from where it is kept: no backup of data or of the key store holds it, and a new one opens nothing. Else name the file of the key in `detail.reason` in MEMWARDEN_KMS (`local:PATH`), after `keys rewrap` the new one; the default path and a relative one depend on the working directory.',
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
} as const satisfies Readonly<Record<string, ErrorRow>>;
