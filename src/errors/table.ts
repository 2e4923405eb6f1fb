import { DOOR_ROWS } from './door-rows.js';
import { EMBEDDER_ROWS } from './embedder-rows.js';
import { JOB_ROWS } from './job-rows.js';
import { KEY_ROWS } from './key-rows.js';
import type { ErrorRow } from './row.js';
import { SPACE_ROWS } from './space-rows.js';
import { TENANT_ROWS } from './tenant-rows.js';

export type { ErrorRow };

/**
 * Every error that memwarden throws, by its stable code. docs/errors.md is written from this table and a test keeps
 * the two equal. Codes are never renamed or reused.
 */
export const ERRORS = {
  ...KEY_ROWS,
  ...DOOR_ROWS,
  ...JOB_ROWS,
  ...SPACE_ROWS,
  ...TENANT_ROWS,
  ...EMBEDDER_ROWS,
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
    message: 'That is more at once than is taken, or given.',
    remedy:
      'Send at most 1000 memories at once, or narrow the filter of what is asked for; where the limit is another, `detail.limit` says it, and `detail.of` of what.',
  },
  forbidden: {
    status: 403,
    exit: 3,
    message: 'The policy does not allow this principal to do this.',
    remedy:
      'Use a principal whose role allows it, or a credential whose grant has the user and the purpose; `memwarden explain` names the deciding rule.',
  },
  not_found: {
    status: 404,
    exit: 4,
    message: 'There is no such memory or space for this principal.',
    remedy:
      'Check the id; a memory or a space that may not be read, changed or explained answers the same as an absent one.',
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
  store_unwritable: {
    status: 507,
    exit: 7,
    message: 'The store could not write to its disk: it is full, over a quota, or failing.',
    remedy:
      'Make room on the disk that the store lies on (16 MB at least); where there is room, see to the disk. Then do it again; a write whose outcome is unknown is safe to look up.',
  },
  store_unsafe: {
    status: 500,
    exit: 2,
    message: 'The store settings would weaken durability or isolation.',
    remedy:
      'Remove the setting named in `detail.argument`; writes are majority and journaled, reads majority, primary.',
  },
  audit_unavailable: {
    status: 503,
    exit: 11,
    message: 'The audit record could not be written; nothing was released.',
    remedy:
      'Repair the store of the audit log or the sink that is required; where `detail.cause` is `store_unwritable`, make room on its disk. A change may have happened: read it again.',
  },
  audit_timeout: {
    status: 504,
    exit: 11,
    message: 'The audit record was not durable in time; nothing was released.',
    remedy: 'Try again when the store of the audit log answers. A change may have happened: read it again.',
  },
  audit_checkpoint_invalid: {
    status: 400,
    exit: 2,
    message: 'The checkpoint is malformed, or no known key has signed it.',
    remedy: 'Name a file that `memwarden audit checkpoint` wrote, unchanged, and the keys that were kept with it.',
  },
  export_unsettled: {
    status: 503,
    exit: 5,
    message: 'The memories of a user were changed each time that they were read for the export.',
    remedy: 'Run the same export again when less is written; what is done is kept.',
  },
  approval_required: {
    status: 403,
    exit: 3,
    message: 'The policy asks for the approval of another principal before an export of so many users.',
    remedy:
      'Have another principal run `memwarden export approve` with the id in `detail.id`, then name it as `approval`.',
  },
  own_approval: {
    status: 403,
    exit: 3,
    message: 'Nobody approves an export of their own.',
    remedy:
      'Ask another principal: over the network one whose API key was not made with that of who asks, nor with one that it comes from; on the command line another user of the operating system.',
  },
  manifest_invalid: {
    status: 400,
    exit: 2,
    message: 'The export is not what its manifest says, or the manifest was changed or signed by another key.',
    remedy: 'See `detail.file`; take all files as they were written, and the public keys from `memwarden keys public`.',
  },
  missing_package: {
    status: 500,
    exit: 2,
    message: 'An optional package is not installed.',
    remedy: 'Run the line in `detail.install`.',
  },
  classifier_failed: {
    status: 503,
    exit: 1,
    message: 'The classifier did not say which level a text asks for; nothing was written.',
    remedy:
      'Repair the function given as `classify`; `detail.reason` says whether it threw, answered nonsense or was late.',
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
