import { MemwardenError } from '../errors/memwarden-error.js';
import type { Alarms } from '../metrics/alarms.js';
import type { Clock } from '../model/clock.js';
import type { KeyUse, Sealer, Unlock } from '../model/sealer.js';
import { isListOf, listRecord, readList, type AccessList } from '../model/space-list.js';
import type { SpaceLists, StoredList } from '../model/space-lists.js';
import { underKey } from './under-key.js';

/** What access lists are read and written with. */
export interface SpaceRegisterOptions {
  readonly lists: SpaceLists;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly alarms: Alarms;
}

interface Opened {
  readonly stored: StoredList;
  readonly list: AccessList;
}

const ATTEMPTS = 8;
const NEW: KeyUse = { messages: 1, create: true };
const KNOWN: KeyUse = { messages: 1, create: false };

/** Access lists as they are stored: sealed and authenticated under the key of their space, changed by compare and swap. */
export class SpaceRegister {
  readonly #options: SpaceRegisterOptions;

  constructor(options: SpaceRegisterOptions) {
    this.#options = options;
  }

  /** Puts the list of a new space. @returns whether there was none */
  async put(unlock: Unlock, list: AccessList): Promise<boolean> {
    const { lists, sealer, clock } = this.#options;
    const record = listRecord(unlock.partition, clock());
    return underKey(sealer, unlock, NEW, (keys) =>
      lists.insert(unlock.partition, keys.seal(record, { content: JSON.stringify(list) })),
    );
  }

  /** The list as it is stored now; undefined where there is none, or none that its seal says is ours. */
  async read(unlock: Unlock): Promise<AccessList | undefined> {
    return (await this.#open(unlock))?.list;
  }

  /**
   * Changes a list.
   *
   * @param change gives the list after it, or the same where there is nothing to change
   * @returns whether it was changed
   * @throws MemwardenError not_found; conflict where others keep changing it
   */
  async change(unlock: Unlock, change: (list: AccessList) => AccessList): Promise<boolean> {
    const { lists, sealer, clock } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const opened = await this.#open(unlock);
      if (!opened) throw new MemwardenError('not_found');
      const next = change(opened.list);
      if (next === opened.list) return false;
      const { record, place } = opened.stored;
      const after = listRecord(unlock.partition, clock(), record);
      const isDone = await underKey(sealer, unlock, KNOWN, (keys) =>
        lists.replace(unlock.partition, place, keys.seal(after, { content: JSON.stringify(next) })),
      );
      if (isDone) return true;
    }
    throw new MemwardenError('conflict');
  }

  // The keys are asked for whether or not there is a list, as they are on every miss (S10).
  async #open(unlock: Unlock): Promise<Opened | undefined> {
    const { lists, sealer, alarms, clock } = this.#options;
    const stored = await lists.get(unlock.partition);
    return sealer.reading(unlock, async (keys) => {
      if (!stored) return undefined;
      const { record } = stored;
      // What is anything but true has not verified.
      const verified: unknown = await keys.verify(record);
      if (verified === true && isListOf(unlock.partition, record))
        return { stored, list: readList(keys.open(record, ['content']).content) };
      if (!keys.erasing) alarms.raise('malformed_record', clock(), { id: record.id });
      return undefined;
    });
  }
}
