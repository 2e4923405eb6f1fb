import { isMemwardenError } from '../../errors/memwarden-error.js';
import type { Alarms } from '../../metrics/alarms.js';
import type { Clock } from '../../model/clock.js';
import { mayLeave, type DisclosureSettings } from '../../model/disclosure.js';
import type { Embedder, Passage, Passages, Prepared } from '../../model/embedder.js';
import type { Embedding } from '../../model/embedding.js';
import { isOfText } from './of-text.js';

/** How long a write waits for its vectors, in milliseconds, where the configuration names nothing else. */
export const DEFAULT_WRITE_WAIT_MS = 3_000;
const REST_MS = 10_000;

interface Setting {
  readonly embedder: Embedder;
  readonly disclosure: DisclosureSettings;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly waitMs?: number | undefined;
}

/**
 * Embeds what is written, as far as it may leave, for a bounded time. Whatever goes wrong costs the vectors and nothing
 * else: an alarm tells of it, and for 10 seconds no write waits again.
 */
export class WritePassages implements Passages {
  readonly #setting: Setting;
  #restUntil = -Infinity;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  prepare(passages: readonly Passage[]): Prepared {
    const { embedder, disclosure, clock } = this.#setting;
    const isResting = clock().getTime() < this.#restUntil;
    const sent = isResting ? [] : passages.filter(({ level }) => mayLeave(level, embedder, disclosure));
    return {
      recipient: sent.length > 0 ? embedder.recipient : undefined,
      embed: async () => {
        const made = sent.length > 0 ? await this.#embed(sent) : undefined;
        return passages.map((passage) => made?.get(passage));
      },
    };
  }

  async #embed(sent: readonly Passage[]): Promise<ReadonlyMap<Passage, Embedding | undefined> | undefined> {
    const { embedder, alarms, clock, waitMs = DEFAULT_WRITE_WAIT_MS } = this.#setting;
    try {
      const texts = sent.map(({ content }) => content);
      const vectors = await embedder.embed(texts, 'passage', AbortSignal.timeout(waitMs));
      return new Map(
        sent.map((passage, i) => {
          const values = vectors[i];
          return [passage, values && { modelId: embedder.modelId, values }];
        }),
      );
    } catch (error) {
      const now = clock();
      const code = isMemwardenError(error) ? error.code : 'internal';
      // A text that the embedder makes nothing of tells nothing of the next one: nobody else goes without for it.
      if (!isOfText(error)) this.#restUntil = now.getTime() + REST_MS;
      alarms.raise('embedding_failed', now, { code, count: sent.length });
      return undefined;
    }
  }
}
