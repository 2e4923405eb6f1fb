import type { Exports } from '../compliance/export/exports.js';
import { operatedBy, type Operated } from '../compliance/operated.js';
import type { EmbedOptions, EmbedResult } from '../memory/embed.js';
import { purge, type PurgeResult } from '../memory/purge.js';
import type { Embeds } from './embedding.js';
import type { WardenParts } from './parts.js';

const PURGE = { action: 'delete', subject: 'Memory', act: 'purge' } as const;
const EMBED = { action: 'update', subject: 'Memory', act: 'embed' } as const;
const RELOAD = { action: 'administer', subject: 'Policy', act: 'policy.reload' } as const;

/** What whoever runs the process does, in the name of no principal: each is an act on record. */
export class Operations {
  readonly #parts: WardenParts;
  readonly #embeds: Embeds;
  readonly #exports: Exports | undefined;
  readonly #operated: Operated;

  constructor(parts: WardenParts, embeds: Embeds, exports: Exports | undefined) {
    const { audit, policies } = parts;
    this.#parts = parts;
    this.#embeds = embeds;
    this.#exports = exports;
    this.#operated = operatedBy(audit.auditor, () => policies.engine.revision);
  }

  async purge(onProgress?: (deleted: number) => void): Promise<PurgeResult> {
    const { driver, settings } = this.#parts;
    const run = () => purge(driver.maintenance, settings.clock, onProgress, this.#exports);
    return this.#operated(PURGE, run, ({ deleted }) => deleted);
  }

  async embed(options?: EmbedOptions): Promise<EmbedResult> {
    return this.#operated(
      EMBED,
      () => this.#embeds.all(options),
      ({ embedded }) => embedded,
    );
  }

  async reloadPolicies(): Promise<string> {
    return this.#operated(RELOAD, () => this.#parts.policies.reload());
  }

  async watchPolicies(): Promise<void> {
    await this.#parts.policies.watch((reload, act) => this.#operated({ ...RELOAD, act }, reload));
  }
}
