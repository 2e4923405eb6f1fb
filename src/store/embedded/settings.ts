import { OWNER_ALONE } from './permissions.js';

/** What every environment of the product is opened with. */
export const SETTINGS = {
  // S17: with overlapping syncs a commit can be read before it is on disk.
  overlappingSync: false,
  noMemInit: false,
  compression: false,
  // The batch that lmdb makes of a turn has a promise that nobody gets: where the commit fails, its rejection is handled
  // by nobody and ends the process (lmdb 3.5.6, `writeBatchStart`). What goes together is decided by `Writer`.
  eventTurnBatching: false,
  // Whatever was asked for in one turn is there before the commit begins.
  txnStartThreshold: 1_000_000,
  // Known to the addon, if not to its types.
  ...{ permissionsMode: OWNER_ALONE },
};
