import type { ErrorRow } from './row.js';

/** Errors of acts on a shared space as a whole. */
export const SPACE_ROWS = {
  space_exists: {
    status: 409,
    exit: 5,
    message: 'There is a space of this name.',
    remedy: 'Choose another name, or use the space that is there.',
  },
} as const satisfies Record<string, ErrorRow>;
