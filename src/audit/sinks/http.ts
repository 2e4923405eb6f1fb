import { MemwardenError } from '../../errors/memwarden-error.js';
import type { StoredGroup } from '../../model/audit-storage.js';
import type { Delivery } from './buffered.js';

/** Where the HTTP sink sends to. */
export interface HttpSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Posts the lines of the log to a SIEM as JSON lines (`application/x-ndjson`). Delivered is what was answered with 2xx.
 * A request whose outcome is not known is sent again with the same `idempotency-key`: `<stream>:<group>` of its first
 * group.
 */
export class HttpDelivery implements Delivery {
  readonly #settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
  }

  async deliver(groups: readonly StoredGroup[]): Promise<void> {
    const [first] = groups;
    if (!first) return;
    const { url, headers, timeoutMs } = this.#settings;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/x-ndjson',
        'idempotency-key': `${first.stream}:${first.group}`,
      },
      body: new Uint8Array(Buffer.concat(groups.map(({ body }) => body))),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new MemwardenError('audit_unavailable', { status: response.status });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
