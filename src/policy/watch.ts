import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';

/** A watch that is under way. */
export interface Watch {
  close(): Promise<void>;
}

/** How fast a watch is, in milliseconds. */
export interface WatchTimes {
  /** How long nothing must change before the folder is read: an editor writes a file in several steps. */
  readonly quietMs: number;
  /** How long after a reading that failed it is tried again, though nothing changed. */
  readonly retryMs: number;
  /** How often the folder is looked at for what the system did not tell of. */
  readonly lookMs: number;
}

const TIMES: WatchTimes = { quietMs: 1_000, retryMs: 5_000, lookMs: 1_000 };

/**
 * Calls back when something in a folder changed: a file written, added, taken away or replaced by rename, or the folder
 * itself (or the link that names it) replaced. A reload that fails leaves what is in force and raises its alarm (S5); it
 * is tried again until it succeeds, so that a fault that goes away by itself does not end in denials.
 *
 * @param reload reads the folder; its rejection is told elsewhere
 */
export async function watchFolder(
  folder: string,
  reload: () => Promise<unknown>,
  times: WatchTimes = TIMES,
): Promise<Watch> {
  const watch = new FolderWatch(resolve(folder), reload, times);
  await watch.begin();
  return watch;
}

// Events of the system are fast and lossy: of changes in quick succession some are not told, and a watch is of a folder,
// not of its name. The look once a second is slow and sure. Whichever comes first plans the reload.
class FolderWatch implements Watch {
  readonly #path: string;
  readonly #reload: () => Promise<unknown>;
  readonly #times: WatchTimes;
  #watcher: FSWatcher | undefined;
  #seen: Look | undefined;
  #reloading: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(path: string, reload: () => Promise<unknown>, times: WatchTimes) {
    this.#path = path;
    this.#reload = reload;
    this.#times = times;
  }

  async begin(): Promise<void> {
    this.#watcher = await this.#watched();
    this.#seen = await lookAt(this.#path);
    this.#lookLater();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reloading);
    clearTimeout(this.#looking);
    await this.#work;
    await this.#watcher?.close();
  }

  #plan(ms: number): void {
    clearTimeout(this.#reloading);
    if (!this.#isClosed) this.#reloading = setTimeout(() => this.#do(() => this.#read()), ms).unref();
  }

  #lookLater(): void {
    if (!this.#isClosed) this.#looking = setTimeout(() => this.#do(() => this.#look()), this.#times.lookMs).unref();
  }

  // One after the other.
  #do(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (!this.#isClosed) await work();
    });
  }

  async #read(): Promise<void> {
    // Before it is read: what changes meanwhile is another change.
    const before = (this.#seen = await lookAt(this.#path));
    // A file that is being written can be sound so far, with a denial still to come.
    const youngest = Date.now() - before.changedAt;
    if (youngest >= 0 && youngest < this.#times.quietMs) return void this.#plan(this.#times.quietMs - youngest);
    await this.#reload().catch(() => this.#plan(this.#times.retryMs));
  }

  async #look(): Promise<void> {
    const now = await lookAt(this.#path);
    const before = this.#seen;
    if (now.folder !== before?.folder) {
      await this.#watcher?.close();
      this.#watcher = await this.#watched();
    }
    this.#seen = now;
    if (now.folder !== before?.folder || now.entries !== before.entries) this.#plan(this.#times.quietMs);
    this.#lookLater();
  }

  // Loaded when it is used, so that nobody pays for it who does not watch.
  async #watched(): Promise<FSWatcher> {
    const { watch } = await import('chokidar');
    const watcher = watch(this.#path, { ignoreInitial: true, depth: 0 });
    const onChange = (): void => this.#plan(this.#times.quietMs);
    watcher.on('all', onChange);
    // What cannot be watched any more is read once more, and what is wrong with it is told by that.
    watcher.on('error', onChange);
    await new Promise<void>((ready) => watcher.once('ready', ready));
    return watcher;
  }
}

/** A folder as it stands: which one it is, and what tells whether its entries are the same. */
interface Look {
  readonly folder: string;
  readonly entries: string;
  /** When the youngest entry was written last, in milliseconds; 0 where there is none. */
  readonly changedAt: number;
}

async function lookAt(path: string): Promise<Look> {
  const names = await readdir(path).catch(() => []);
  const found = await Promise.all(names.sort().map((name) => stat(join(path, name)).catch(() => undefined)));
  const entries = names.map((name, n) => `${name} ${marksOf(found[n])}`);
  const changedAt = Math.max(0, ...found.map((one) => one?.ctimeMs ?? 0));
  const { ino, dev, birthtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
  return { folder: `${String(dev)} ${String(ino)} ${String(birthtimeMs)}`, entries: entries.join('\n'), changedAt };
}

function marksOf(found: Stats | undefined): string {
  return found ? `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}` : 'gone';
}
