import { guardOnEmbedded } from './guard-embedded.js';
import { guardOnMongo } from './guard-mongodb.js';
import { openServer } from './places.js';
import type { Suite } from './suite.js';

/** What the guard costs beside the same query without it. */
export const guard: Suite = async (figures, options) => {
  const server = await openServer();
  try {
    if (server) await guardOnMongo(server, figures, options);
  } finally {
    await server?.stop();
  }
  await guardOnEmbedded(figures, options);
};
