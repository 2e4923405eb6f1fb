import { createHmac, timingSafeEqual } from 'node:crypto';
import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import { damaged } from './damaged.js';

const PURPOSE = 'idempotency';
const LABEL = 'memwarden export state 1';

/**
 * Authenticates the lines of a state: the code of each (HMAC-SHA-256 under an instance key) covers the one before it, so
 * that none can be changed, moved or left out but from the end.
 */
export class StateChain {
  readonly #secret: Buffer;
  #at = '';

  private constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** One that begins, and the id of its key. */
  static async begin(keys: InstanceKeys): Promise<{ readonly chain: StateChain; readonly key: string }> {
    const { id, secret } = await keys.current(PURPOSE);
    return { chain: new StateChain(secret), key: id };
  }

  /** One that is read from its first line on. @throws MemwardenError invalid_argument where there is no such key */
  static async under(keys: InstanceKeys, key: string): Promise<StateChain> {
    const found = await keys.byId(PURPOSE, key);
    if (!found) throw damaged();
    return new StateChain(found.secret);
  }

  /** A line with its code. */
  sealed(line: object): string {
    return JSON.stringify({ ...line, mac: this.#next(line) });
  }

  /** Checks a line and takes the code off. @throws MemwardenError invalid_argument where it is not the next */
  opened(value: unknown): object {
    const { mac, ...line } = (value ?? {}) as Readonly<Record<string, unknown>>;
    const [found, wanted] = [Buffer.from(String(mac)), Buffer.from(this.#next(line))];
    if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) throw damaged();
    return line;
  }

  #next(line: object): string {
    const text = JSON.stringify([LABEL, this.#at, line]);
    return (this.#at = createHmac('sha256', this.#secret).update(text).digest('base64url'));
  }
}
