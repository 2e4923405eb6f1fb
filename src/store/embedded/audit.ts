import type { Along, AuditStorage, StoredGroup } from '../../model/audit-storage.js';
import { alongOf } from './along.js';
import type { Tables } from './environment.js';
import { translated } from './errors.js';

/** The audit log on the embedded store: one entry a group, under [stream, group]. */
export class EmbeddedAudit implements AuditStorage {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  append({ stream, group, body }: StoredGroup): Promise<'stored' | 'taken'> {
    const { audit } = this.#tables;
    return translated(async () => {
      const key = [stream, group];
      // eslint-disable-next-line no-restricted-syntax -- a batch of lmdb's own: its promise is that of `ifNoExists`
      if (await this.#tables.direct(() => audit.ifNoExists(key, () => void audit.put(key, body)))) return 'stored';
      // A commit that could be read before it was on disk is ruled out (S17).
      this.#tables.root.resetReadTxn();
      const found = audit.get(key);
      return found && body.equals(found) ? 'stored' : 'taken';
    });
  }

  along(group: StoredGroup): Along {
    return alongOf(this.#tables, group);
  }

  streams(): Promise<string[]> {
    this.#tables.root.resetReadTxn();
    const names: string[] = [];
    for (;;) {
      const last = names.at(-1);
      // Past every group of the one before.
      const range = last === undefined ? { limit: 1 } : { start: [last, Infinity], limit: 1 };
      const [key] = [...this.#tables.audit.getKeys(range)] as unknown[];
      if (key === undefined) return Promise.resolve(names);
      // A key of one part comes back as that part.
      names.push(String(Array.isArray(key) ? key[0] : key));
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- LMDB reads at once; the port is for stores that do not
  async *groups(stream: string, from = 1): AsyncGenerator<StoredGroup> {
    // A page a time, so that no transaction stays open while the reader is busy.
    let start: (string | number)[] = from === 1 ? [stream] : [stream, from];
    for (let skip = 0; ; skip = 1) {
      this.#tables.root.resetReadTxn();
      const page = [...this.#tables.audit.getRange({ start, end: [stream, HIGHEST], offset: skip, limit: PAGE })];
      for (const { key, value } of page) yield { stream, group: groupOf(key), body: Buffer.from(value) };
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      start = last.key;
    }
  }

  last(stream: string): Promise<StoredGroup | undefined> {
    this.#tables.root.resetReadTxn();
    const range = { start: [stream, Infinity], end: [stream], reverse: true, limit: 1 };
    const [found] = [...this.#tables.audit.getRange(range)];
    return Promise.resolve(found && { stream, group: groupOf(found.key), body: Buffer.from(found.value) });
  }

  async removeStream(stream: string): Promise<void> {
    const { audit } = this.#tables;
    for (let left = true; left;) {
      left = await translated(() =>
        this.#tables.write(() => {
          const keys = [...audit.getKeys({ start: [stream], end: [stream, HIGHEST], limit: PAGE })];
          for (const key of keys) audit.removeSync(key);
          return keys.length === PAGE;
        }),
      );
    }
  }
}

const PAGE = 256;
const HIGHEST = '\u{10ffff}';

function groupOf(key: unknown): number {
  const group: unknown = Array.isArray(key) ? key[1] : undefined;
  return typeof group === 'number' ? group : NaN;
}
