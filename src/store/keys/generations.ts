import { readFileSync } from 'node:fs';
import { mkdir, open as openFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import type { KeyRing } from '../../model/key-store.js';
import { causeOf } from '../embedded/errors.js';
import { Gate, Writer } from '../embedded/gate.js';
import { assertRoom } from '../embedded/room.js';
import { SETTINGS } from '../embedded/settings.js';

const POINTER = 'current';
const CHUNK = 5_000;

/** The tables of one file of keys. */
export interface KeyTables {
  readonly root: RootDatabase;
  /** [tenant, user] */
  readonly rings: Database<KeyRing, string[]>;
  /** [kind, id] */
  readonly documents: Database<Readonly<Record<string, unknown>>, string[]>;
}

/**
 * An LMDB environment that is written anew when keys were destroyed: LMDB keeps what was deleted in free pages and in
 * the slack of used ones, so that a new file with the live entries alone takes the place of the old one (S20). A
 * pointer names the folder in use; every process follows it before each act.
 */
export class Generations {
  readonly #path: string;
  readonly #gate: Gate;
  readonly #writer: Writer;
  #number = '';
  #tables: KeyTables | undefined;

  private constructor(path: string, gate: Gate) {
    this.#path = path;
    this.#gate = gate;
    this.#writer = new Writer(gate, path, () => this.#follow().root);
  }

  static async open(path: string): Promise<Generations> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    assertRoom(path);
    const gate = await Gate.open(join(path, 'gate'));
    const generations = new Generations(path, gate);
    try {
      await gate.enter(async () => {
        if (generations.#pointed() === '') await generations.#point('gen-1');
        await generations.#removeOthers();
        generations.#follow();
      });
    } catch (error) {
      await gate.close();
      throw error;
    }
    return generations;
  }

  /** Runs a read on what is committed. */
  async read<T>(work: (tables: KeyTables) => T): Promise<T> {
    if (!this.#tables || this.#pointed() !== this.#number)
      await this.#gate.enter(() => Promise.resolve(this.#follow()));
    const tables = this.#current();
    tables.root.resetReadTxn();
    return work(tables);
  }

  /** Runs a write in a transaction that is on disk when the promise resolves. */
  async write<T>(work: (tables: KeyTables) => T): Promise<T> {
    return this.#writer.write(() => work(this.#current()));
  }

  /** Puts a new file with the live entries alone in the place of the one in use, and removes that. */
  async renew(): Promise<void> {
    await this.#writer.idle();
    await this.#gate.enter(async () => {
      const old = this.#follow();
      const next = `gen-${Number(this.#number.slice(4)) + 1}`;
      await this.#removeOthers();
      assertRoom(this.#path);
      const fresh = this.#open(next);
      try {
        await copy(old.rings, fresh.rings);
        await copy(old.documents, fresh.documents);
      } finally {
        // Left open it would be what the next attempt opens, whose file is another by then.
        await fresh.root.close();
      }
      await this.#point(next);
      this.#tables = undefined;
      await old.root.close();
      await this.#removeOthers();
      this.#follow();
    });
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#tables?.root.close();
    await this.#gate.close();
  }

  // What an attempt that was cut off left, before the pointer or after it: keys that were destroyed are in it.
  async #removeOthers(): Promise<void> {
    const pointed = this.#pointed();
    const others = (await readdir(this.#path)).filter((name) => name.startsWith('gen-') && name !== pointed);
    if (others.length === 0) return;
    for (const name of others) await rm(join(this.#path, name), { recursive: true, force: true });
    await syncFolder(this.#path);
  }

  #current(): KeyTables {
    return this.#tables ?? this.#follow();
  }

  // Inside the gate alone: opening beside a commit of another process could undo it.
  #follow(): KeyTables {
    const pointed = this.#pointed();
    if (this.#tables && pointed === this.#number) return this.#tables;
    void this.#tables?.root.close();
    this.#number = pointed;
    return (this.#tables = this.#open(pointed));
  }

  #open(generation: string): KeyTables {
    const path = join(this.#path, generation);
    const root = open({ ...SETTINGS, path, maxDbs: 4 });
    return { root, rings: root.openDB({ name: 'rings' }), documents: root.openDB({ name: 'documents' }) };
  }

  #pointed(): string {
    try {
      return readFileSync(join(this.#path, POINTER), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }

  async #point(generation: string): Promise<void> {
    const next = join(this.#path, `${POINTER}.next`);
    const handle = await openFile(next, 'w', 0o600);
    try {
      await handle.writeFile(generation);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, join(this.#path, POINTER));
    await syncFolder(this.#path);
  }
}

async function copy<V>(from: Database<V, string[]>, to: Database<V, string[]>): Promise<void> {
  let chunk: { key: string[]; value: V }[] = [];
  const flush = async () => {
    const entries = chunk;
    chunk = [];
    const work = () => {
      for (const { key, value } of entries) to.putSync(key, value);
    };
    await to.transaction(work).catch(async (error: unknown) => {
      throw await causeOf(error);
    });
  };
  for (const { key, value } of from.getRange()) {
    if (chunk.push({ key: key, value }) === CHUNK) await flush();
  }
  await flush();
}

async function syncFolder(path: string): Promise<void> {
  const handle = await openFile(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
