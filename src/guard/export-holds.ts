import type { FieldName } from '../model/fields.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import type { Release } from './release.js';
import { Slices } from './slices.js';
import type { Witness } from './witness.js';

/** The order of a part shows when its memories occurred, as that of a list does. */
const SORT: readonly FieldName[] = ['occurred_at'];
const IDS_AT_ONCE = 1_000;

/** Memories that were exported of a partition, all released alike. */
export interface ExportedMemories {
  readonly ids: readonly string[];
  /** Which fields they were released with, as `shownFields` names them. */
  readonly shown: string;
  /** The fields that they were filtered by. */
  readonly by: readonly FieldName[];
  /** The user who wrote them, where it is told that it was that user. */
  readonly author?: string;
  /** Nothing but that is told. */
  readonly withheld?: true;
  /** Where they are to be handed out now: to whom, undefined for the principal. */
  readonly release?: { readonly recipient: string | undefined };
}

/** What an export does with what it hands out. */
export function usesOfExport(by: readonly FieldName[]): readonly Use[] {
  return [{ action: 'read', fields: [...SORT, ...by] }, { action: 'export' }];
}

/** Whether what was exported may still be handed out. */
export class ExportHolds {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;

  constructor(context: GuardContext, release: Release, witness: Witness) {
    this.#context = context;
    this.#release = release;
    this.#witness = witness;
  }

  /**
   * Whether each of some memories that were exported is still there, and may still be read and exported, with the same
   * fields as then (S27); of none, the user. A release of them is on record when it answers, with the recipient.
   */
  async holds(access: Access, { ids, shown, by, release }: ExportedMemories): Promise<boolean> {
    const binding = access.binding();
    const now = this.#context.clock();
    const uses = usesOfExport(by);
    if (uses.some((use) => access.planOrNone(binding, use).kind === 'none')) return false;
    const query = access.query(binding, uses, now);
    const slices = new Slices();
    return this.#context.sealer.reading(access, async (keys) => {
      if (keys.erasing) return false;
      for (let at = 0; at === 0 || at < ids.length; at += IDS_AT_ONCE) {
        const wanted = ids.slice(at, at + IDS_AT_ONCE);
        const records = wanted.length === 0 ? [] : await this.#context.store.findByIds(query, wanted);
        if (records.length < wanted.length) return false;
        for (const record of records) {
          const turn = slices.turn();
          if (turn) await turn;
          if (!(await this.#release.admits(keys, access, binding, record, now, uses))) return false;
          if (this.#release.shown(access, binding, record) !== shown) return false;
        }
        if (release)
          await this.#witness.read(access, binding, {
            action: 'export',
            act: 'export.file',
            records,
            recipient: release.recipient,
          });
      }
      return true;
    });
  }
}
