import type { Principal } from '../../model/principal.js';
import type { ExportedPart } from '../../model/export.js';
import type { Exported } from '../../guard/export.js';
import type { CheckedExport, ExportContext } from './context.js';
import { encodingFor } from './formats.js';
import type { Job } from './job.js';
import { Part } from './part.js';
import { accessTo, authorIn, compareParts, spacesOf } from './part-of.js';
import type { DonePart } from './state.js';

/** Users whose memories are read at the same time. */
const USERS_AT_ONCE = 16;
/** What is put on disk at once: so many users, or so many bytes. */
const USERS_A_SYNC = 256;
const BYTES_A_SYNC = 8 << 20;
const PAGE = 1_000;
const EXPORTS = ['read', 'export'] as const;
const NOWHERE: ReadonlyMap<string, readonly string[]> = new Map();

/** Writes each part that is not done, in the order of parts. */
export class ExportRun {
  readonly #context: ExportContext;
  readonly #principal: Principal;
  readonly #order: CheckedExport;
  readonly #job: Job;
  #written: DonePart[] = [];
  #synced: number;
  #failed = false;
  users: number;
  /** Parts of spaces. */
  spaces: number;
  memories: number;

  constructor(context: ExportContext, principal: Principal, order: CheckedExport, job: Job) {
    this.#context = context;
    this.#principal = principal;
    this.#order = order;
    this.#job = job;
    this.#synced = job.output.at;
    this.users = job.users;
    this.spaces = job.spaces;
    this.memories = job.memories;
  }

  /** @returns false where the signal ended it */
  async run(): Promise<boolean> {
    const { signal } = this.#order;
    let before: Promise<unknown> = Promise.resolve();
    const underWay = new Set<Promise<unknown>>();
    let failure: unknown;
    for await (const of of this.#partsToDo()) {
      if (this.#failed || signal?.aborted) break;
      const part = this.#part(of, before);
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

  async #part(of: ExportedPart, before: Promise<unknown>): Promise<void> {
    const { step } = this.#context;
    const { output } = this.#job;
    const { noteIds = false } = this.#order;
    const part = new Part(output, encodingFor(this.#order), before, noteIds);
    try {
      const { readAt, count, levels, policy, mark, withheld } = await this.#read(of, part);
      await step?.('part written');
      const about = { ...of, read_at: readAt.toISOString(), count, levels, policy, mark };
      const shut = withheld ? { withheld } : {};
      const ids = noteIds
        ? { ids: part.noted, ...(part.authors.size === 0 ? {} : { authors: [...part.authors] }) }
        : {};
      this.#written.push({ ...about, ...shut, ...ids, ...part.range, digest: output.digest() });
      this[of.space === undefined ? 'users' : 'spaces'] += 1;
      this.memories += count;
    } catch (error) {
      await before.then(
        () => part.discard(),
        () => undefined,
      );
      throw error;
    }
    this.#order.onProgress?.({ users: this.users, spaces: this.spaces, memories: this.memories, ...this.#of() });
    if (this.#written.length >= USERS_A_SYNC || output.at - this.#synced >= BYTES_A_SYNC) await this.#sync();
  }

  async #read(of: ExportedPart, part: Part): Promise<Exported> {
    const { guard, clock } = this.#context;
    const { beforePart } = this.#order;
    const access = accessTo(guard, this.#principal, of);
    const binding = access.binding();
    const isShut = EXPORTS.some((action) => access.planOrNone(binding, { action }).kind === 'none');
    const author = authorIn(of);
    if (author.author !== undefined && isShut) {
      await part.turn();
      return { readAt: clock(), count: 0, levels: {}, policy: binding.revision, mark: '', withheld: true };
    }
    if (beforePart && of.space === undefined && of.user_id !== undefined && !isShut) await beforePart(of.user_id);
    return guard.export(access, { ...this.#order, ...author }, part);
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

  async *#partsToDo(): AsyncGenerator<ExportedPart> {
    const { again, last } = this.#job;
    const { users, spaces } = this.#order;
    const wrote = users === 'all' ? NOWHERE : await this.#context.guard.authored(this.#principal, users);
    for (const part of again)
      if (part.space === undefined || part.user_id === undefined || wrote.get(part.user_id)?.includes(part.space))
        yield part;
    const isToDo = (part: ExportedPart) => last === undefined || compareParts(part, last) > 0;
    for await (const userId of this.#users())
      for (const part of [
        { user_id: userId },
        ...(wrote.get(userId) ?? []).map((space) => ({ user_id: userId, space })),
      ])
        if (isToDo(part)) yield part;
    for await (const space of spacesOf(this.#context.guard, this.#principal, spaces))
      if (isToDo({ space })) yield { space };
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
    const { users, spaces } = this.#order;
    return users === 'all' || spaces === 'all' ? {} : { of: users.length + spaces.length };
  }
}
