import { isDeepStrictEqual } from 'node:util';
import { createWarden, type WardenOptions } from '../../src/index.js';
import { progress, type Figures } from './figures.js';
import { importConversations, locomoFolder, readCells, readConversations } from './locomo.js';
import { openServer, withFolder } from './places.js';
import { POLICIES } from './project.js';
import type { Suite } from './suite.js';

/** How many memories of real conversations each role sees, on both stores. */
export const locomo: Suite = async (figures) => {
  const folder = locomoFolder();
  if (folder === undefined)
    return progress('!! SKIPPED: the conversations are not here; name their folder in MEMWARDEN_LOCOMO.');
  const server = await openServer();
  try {
    if (server) await onStore(figures, 'mongodb', folder, { kind: 'mongodb', uri: server.database() });
  } finally {
    await server?.stop();
  }
  await withFolder((path) => onStore(figures, 'embedded', folder, { kind: 'embedded', path }));
};

async function onStore(
  figures: Figures,
  name: string,
  folder: string,
  store: NonNullable<WardenOptions['store']>,
): Promise<void> {
  const warden = await createWarden({ store, policies: POLICIES, migrate: true });
  try {
    const conversations = readConversations(folder);
    await importConversations(warden, conversations);
    let wrong = 0;
    for (const cell of await readCells(warden, conversations)) {
      figures.add({ name: `locomo.${name}.${cell.user}.${cell.role}`, value: cell.listed.length });
      const right =
        isDeepStrictEqual(cell.listed, cell.expected) &&
        isDeepStrictEqual(cell.got, cell.expected) &&
        cell.counted === cell.expected.length &&
        cell.forbidden === (cell.expected.length === 0);
      if (!right) wrong += 1;
    }
    figures.add({ name: `locomo.${name}.wrong_cells`, value: wrong, target: { max: 0 } });
  } finally {
    await warden.close();
  }
}
