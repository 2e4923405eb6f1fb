import type { Principal } from '../../model/principal.js';
import { compareText } from '../../model/text.js';
import type { CheckedExport, ExportContext } from './context.js';
import { encodingOf } from './formats.js';
import type { Job } from './job.js';
import { Part } from './part.js';
import type { DonePart } from './state.js';

/** Users whose memories are read at the same time. */
const USERS_AT_ONCE = 16;
/** What is put on disk at once: so many users, or so many bytes. */
const USERS_A_SYNC = 256;
const BYTES_A_SYNC = 8 << 20;
const PAGE = 1_000;

/** Writes the part of each user that is not done, in the order of their ids. */
export class ExportRun {
  readonly #context: ExportContext;
  readonly #principal: Principal;
  readonly #order: CheckedExport;
  readonly #job: Job;
  #written: DonePart[] = [];
  #synced: number;
  #failed = false;
  users: number;
  memories: number;

  constructor(context: ExportContext, principal: Principal, order: CheckedExport, job: Job) {
    this.#context = context;
    this.#principal = principal;
    this.#order = order;
    this.#job = job;
    this.#synced = job.output.at;
    this.users = job.users;
    this.memories = job.memories;
  }

  /** @returns false where the signal ended it */
  async run(): Promise<boolean> {
    const { signal } = this.#order;
    let before: Promise<unknown> = Promise.resolve();
    const underWay = new Set<Promise<unknown>>();
    let failure: unknown;
    for await (const userId of this.#usersToDo()) {
      if (this.#failed || signal?.aborted) break;
      const part = this.#part(userId, before);
      before = part;
      const ended = part
        .catch((error: unknown) => {
          // Those that wait for it fail with it; the first says why.
          if (!this.#failed) failure = error;
          this.#failed = true;
        })
        .finally(() => underWay.delete(ended));
      underWay.add(ended);
      if (underWay.size >= USERS_AT_ONCE) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    // What was written whole is kept, whatever became of the rest.
    await this.#sync();
    if (this.#failed) throw failure;
    return signal?.aborted !== true;
  }

  async #part(userId: string, before: Promise<unknown>): Promise<void> {
    const { guard, step } = this.#context;
    const { output } = this.#job;
    const access = guard.access(this.#principal, userId);
    const part = new Part(output, encodingOf(this.#order.format), before, this.#order.noteIds ?? false);
    const { beforePart } = this.#order;
    try {
      if (beforePart && access.planOrNone(access.binding(), { action: 'export' }).kind !== 'none')
        await beforePart(userId);
      const { readAt, count, levels, policy, mark } = await guard.export(access, this.#order, part);
      await step?.('part written');
      const about = { user_id: userId, read_at: readAt.toISOString(), count, levels, policy, mark };
      const ids = this.#order.noteIds ? { ids: part.noted } : {};
      this.#written.push({ ...about, ...ids, ...part.range, digest: output.digest() });
      this.users += 1;
      this.memories += count;
    } catch (error) {
      await before.then(
        () => part.discard(),
        () => undefined,
      );
      throw error;
    }
    this.#order.onProgress?.({ users: this.users, memories: this.memories, ...this.#of() });
    if (this.#written.length >= USERS_A_SYNC || output.at - this.#synced >= BYTES_A_SYNC) await this.#sync();
  }

  // The parts are on disk before the state says that they are.
  async #sync(): Promise<void> {
    const written = this.#written;
    if (written.length === 0) return;
    this.#written = [];
    const { output, state } = this.#job;
    this.#synced = output.at;
    await output.sync();
    await this.#context.step?.('parts synced');
    await state.add(written);
    await this.#context.step?.('parts noted');
  }

  async *#usersToDo(): AsyncGenerator<string> {
    const { again, last } = this.#job;
    yield* again;
    for await (const userId of this.#users()) if (last === undefined || compareText(userId, last) > 0) yield userId;
  }

  async *#users(): AsyncGenerator<string> {
    const { users } = this.#order;
    if (users !== 'all') {
      yield* users;
      return;
    }
    const { guard } = this.#context;
    let skipped: string | undefined;
    let taken = this.#job.last !== undefined;
    let cursor: string | undefined;
    do {
      const page = await guard.users(this.#principal, PAGE, cursor);
      for (const { userId } of page.users) {
        const access = guard.access(this.#principal, userId);
        if (access.planOrNone(access.binding(), { action: 'export' }).kind === 'none') skipped ??= userId;
        else {
          taken = true;
          yield userId;
        }
      }
      ({ cursor } = page);
    } while (cursor !== undefined);
    // Who may export nothing of anybody is told so, and on record.
    if (!taken && skipped !== undefined) yield skipped;
  }

  #of(): { readonly of?: number } {
    const { users } = this.#order;
    return users === 'all' ? {} : { of: users.length };
  }
}
