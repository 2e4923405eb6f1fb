import { totalmem } from 'node:os';
import { openServer } from './places.js';
import { scaleOnEmbedded } from './scale-embedded.js';
import { scaleOnMongo } from './scale-mongodb.js';
import type { Suite } from './suite.js';

const GIB = 2 ** 30;
// The server's own default. 10,000,000 small memories and their indexes take 6 GiB: with them in the cache, what is
// compared is the cost of numbers, not of disks.
const CACHE_GIB = Math.max(1, Math.floor((totalmem() / GIB - 1) / 2));

/** G29: what a guarded call costs as users become many, and what is done to very many memories at once. */
export const scale: Suite = async (figures, options) => {
  const server = await openServer(options.quick ? 1 : CACHE_GIB);
  try {
    if (server) await scaleOnMongo(server, figures, options);
  } finally {
    await server?.stop();
  }
  await scaleOnEmbedded(figures, options);
};
