import { disclosedBy, operatedBy } from '../compliance/operated.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { embedAll, type EmbedOptions, type EmbedResult } from '../memory/embed.js';
import type { GuardContext } from '../guard/context.js';
import { openEmbedding, type Embedding } from '../search/embedder/open.js';
import { QuerySemantics } from '../search/vectors/semantics.js';
import type { WardenParts } from './parts.js';

type EmbedParts = Pick<WardenParts, 'settings' | 'driver' | 'sealer' | 'alarms' | 'audit' | 'policies' | 'embedding'>;

/** The embedder of a warden, where its options name one. */
export class Embeds {
  readonly #parts: EmbedParts;
  readonly #embedding: Embedding | undefined;
  readonly #isOwn: boolean;
  /** What the guard gets of it. */
  readonly guardParts: Pick<GuardContext, 'passages' | 'semantics'>;

  /** @throws MemwardenError config_invalid */
  constructor(parts: EmbedParts) {
    const { alarms, settings } = parts;
    const { clock, embedder } = settings;
    this.#parts = parts;
    this.#isOwn = parts.embedding === undefined;
    this.#embedding = parts.embedding ?? (embedder && openEmbedding(embedder, alarms, clock));
    this.guardParts = this.#embedding
      ? {
          passages: this.#embedding.passages,
          semantics: new QuerySemantics(this.#embedding, clock, embedder?.searchWaitMs),
        }
      : {};
  }

  /** Embeds what has no vector. @throws MemwardenError embedder_missing, and those of `embedAll` */
  async all({ onProgress, signal }: EmbedOptions = {}): Promise<EmbedResult> {
    if (!this.#embedding) throw new MemwardenError('embedder_missing');
    const { settings, driver, sealer, alarms, audit, policies } = this.#parts;
    const { clock } = settings;
    const revision = () => policies.engine.revision;
    const watched = { clock, onProgress, signal, disclosing: disclosedBy(audit.auditor, revision) };
    const setting = { ...this.#embedding, store: driver.maintenance, sealer, alarms, ...watched };
    const act = { action: 'update', subject: 'Memory', act: 'embed' } as const;
    return operatedBy(audit.auditor, revision)(
      act,
      () => embedAll(setting),
      ({ embedded }) => embedded,
    );
  }

  async close(): Promise<void> {
    if (this.#isOwn) await this.#embedding?.embedder.close();
  }
}
