import type { ErrorRow } from './row.js';

/** Errors of what turns texts into vectors. */
export const EMBEDDER_ROWS = {
  embedder_unavailable: {
    status: 503,
    exit: 7,
    message: 'The embedder cannot be used.',
    remedy:
      'See `detail.reason`; memories are stored and found by their words meanwhile, and `memwarden embed` catches up.',
  },
  embedder_timeout: {
    status: 504,
    exit: 7,
    message: 'The embedder did not answer in time.',
    remedy: 'Try again, or raise `embedder.timeoutMs`.',
  },
  embedder_busy: {
    status: 503,
    exit: 7,
    message: 'Too many texts wait for the embedder.',
    remedy: 'Try again later, or send fewer at once.',
  },
  embedder_refused: {
    status: 500,
    exit: 7,
    message: 'What the embedder answered is no embedding of what it was sent; nothing of it is kept.',
    remedy: 'See `detail.reason`; check the model, its dimension and the server.',
  },
  embedder_missing: {
    status: 400,
    exit: 2,
    message: 'A search by meaning needs an embedder, and none is configured.',
    remedy: "Configure one, or search with mode 'lexical'.",
  },
} as const satisfies Record<string, ErrorRow>;
