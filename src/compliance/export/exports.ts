import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import { ANY_SPACE } from '../../guard/spaces.js';
import type { AuditEntry } from '../../model/auditor.js';
import type { ExportApproval, ExportPrincipal, ExportRequest, ExportResult } from '../../model/export.js';
import { principalKey, type Principal } from '../../model/principal.js';
import { Approvals } from './approvals.js';
import type { CheckedExport, ExportContext } from './context.js';
import { endedBefore, finish, queryOf } from './finish.js';
import { pathsOf } from './files.js';
import { forget, openJob } from './job.js';
import { accessTo, spacesOf } from './part-of.js';
import { ExportRun } from './run.js';

/** Exports, and the approvals that policies ask for. */
export class Exports {
  readonly #context: ExportContext;
  readonly #approvals: Approvals;

  constructor(context: ExportContext) {
    const { store, instance, clock, lines, tenant } = context;
    this.#context = context;
    this.#approvals = new Approvals({ bindings: store, keys: instance, clock, lines, tenant });
  }

  /**
   * Runs an export, or goes on with the same one that was cut off. Its intent is on record before anything is read, each
   * user's part before it is written, and how it ended after it has (S24).
   */
  async run(principal: Principal, order: CheckedExport): Promise<ExportResult> {
    const target = targetOf(principal, order);
    await this.#assertAllowed(principal, order);
    const approval = await this.#approval(principal, order, target);
    const { auditor, policyRevision } = this.#context;
    const entry = {
      principal,
      owner: undefined,
      action: 'export',
      subject: order.users.length === 0 ? 'SharedMemory' : 'Memory',
      act: 'export.run',
      ids: [],
      ...(order.recipient === undefined ? {} : { recipient: order.recipient }),
    } as const satisfies Partial<AuditEntry>;
    const intent = await auditor.record({ ...entry, phase: 'intent', outcome: 'allowed', revision: policyRevision() });
    const result = { ...entry, phase: 'result', ...(intent ? { intent: intent.event } : {}) } as const;
    let done: ExportResult;
    try {
      done = await this.#run(principal, order, target, approval);
    } catch (error) {
      const failed = { ...result, outcome: 'failed', revision: policyRevision() } as const;
      await Promise.resolve(auditor.record(failed)).catch(() => undefined);
      throw error;
    }
    await auditor.record({ ...result, outcome: 'allowed', count: done.memories, revision: policyRevision() });
    return done;
  }

  /** Asks whether an export may be run, as `run` does. @throws MemwardenError forbidden, approval_required */
  async assertMay(principal: Principal, order: CheckedExport): Promise<void> {
    await this.#assertAllowed(principal, order);
    await this.#approval(principal, order, targetOf(principal, order));
  }

  /** What waits for an approval. @throws MemwardenError forbidden, not_found */
  async request(principal: Principal, id: string): Promise<ExportRequest> {
    const act = { action: 'read', subject: 'Export', act: 'export.request', changes: false } as const;
    return this.#context.guard.administer(principal, act, async () => {
      const { target: _target, line: _line, ...request } = await this.#approvals.find(id);
      return request;
    });
  }

  /** Approves another principal's export. @throws MemwardenError forbidden, not_found, own_approval */
  async approve(principal: Principal, id: string): Promise<ExportApproval> {
    const act = { action: 'approve', subject: 'Export', act: 'export.approve', changes: true } as const;
    return this.#context.guard.administer(principal, act, (who) => this.#approvals.approve(id, who));
  }

  /** Takes away the requests and approvals that have expired; so does every use of one. */
  async expire(): Promise<void> {
    await this.#approvals.expire();
  }

  async #run(
    principal: Principal,
    order: CheckedExport,
    target: string,
    approval: ExportApproval | undefined,
  ): Promise<ExportResult> {
    const ended = await endedBefore(this.#context, order, target);
    if (ended) {
      const { exportId, counts } = ended;
      return { exportId, complete: true, users: counts.users, memories: counts.memories, manifest: ended };
    }
    const job = await openJob(this.#context, principal, order, target);
    const run = new ExportRun(this.#context, principal, order, job);
    try {
      const complete = await run.run();
      const { users, spaces, memories } = run;
      const { exportId } = job.begun;
      const done = { exportId, complete, users, ...(spaces === 0 ? {} : { spaces }), memories };
      if (!complete) return done;
      const manifest = await finish(this.#context, order, job, { principal: namedIn(principal), approval });
      return { ...done, manifest };
    } catch (error) {
      // Nothing came of it, and nothing will.
      if (isMemwardenError(error, 'forbidden') && run.users + run.spaces === 0) await forget(pathsOf(order.out));
      throw error;
    } finally {
      await job.output.close();
      await job.state.close();
    }
  }

  // Who is named and may not be exported is refused before anything is written.
  async #assertAllowed(principal: Principal, { users, spaces, filter }: CheckedExport): Promise<void> {
    const { guard } = this.#context;
    if (users === 'all') await guard.users(principal, 1);
    const named = users === 'all' ? [] : users;
    if (spaces === 'all') await guard.spaces(principal, 1);
    const shared = spaces === 'all' ? [ANY_SPACE] : spaces;
    for (const part of [...named.map((userId) => ({ user_id: userId })), ...shared.map((space) => ({ space }))]) {
      const access = accessTo(guard, principal, part);
      if (access.planOrNone(access.binding(), { action: 'export' }).kind === 'none')
        await guard.export(access, { filter }, NOWHERE);
    }
  }

  async #approval(principal: Principal, order: CheckedExport, target: string): Promise<ExportApproval | undefined> {
    const { guard, policyRevision } = this.#context;
    const access = guard.access(principal, principal.userId ?? 'nobody');
    const most = access.binding().exportsWithoutApproval;
    if (most === Infinity || !(await this.#isOver(principal, order, most))) return undefined;
    const bound = createHash('sha256').update(`${target} ${policyRevision()}`).digest('hex');
    const { approval } = order;
    const found = approval === undefined ? undefined : await this.#approvals.approved(approval, principal, bound);
    if (found) return found;
    const { recipient } = order;
    const about = {
      principal: namedIn(principal),
      query: queryOf(order),
      ...(recipient === undefined ? {} : { recipient }),
    };
    throw new MemwardenError('approval_required', { id: await this.#approvals.request(about, principal, bound) });
  }

  // A space counts for the users who have written there.
  async #isOver(principal: Principal, { users, spaces }: CheckedExport, most: number): Promise<boolean> {
    const { guard } = this.#context;
    let found = users === 'all' ? 0 : users.length;
    for await (const space of spacesOf(guard, principal, spaces)) {
      if (found > most) break;
      found += await guard.spaceWeight(guard.space(principal, space));
    }
    if (users !== 'all') return found > most;
    let cursor: string | undefined;
    do {
      const page = await guard.users(principal, 1_000, cursor);
      found += page.users.length;
      ({ cursor } = page);
    } while (cursor !== undefined && found <= most);
    return found > most;
  }
}

// Nothing comes here: the guard refuses first.
const NOWHERE = {
  hold: () => 0,
  turn: () => Promise.resolve(),
  release: () => Promise.reject(new MemwardenError('internal')),
  discard: () => Promise.resolve(),
};

function namedIn({ id, role, userId, purpose }: Principal): ExportPrincipal {
  return { id, role, ...(userId === undefined ? {} : { userId }), ...(purpose === undefined ? {} : { purpose }) };
}

// Who asks, and for what: a state, or an approval, serves nothing else.
function targetOf(principal: Principal, order: CheckedExport): string {
  const { users, spaces, filter, format, gzip, recipient } = order;
  const text =
    canonicalize([principalKey(principal), users, spaces, filter.key, format, gzip, recipient ?? null]) ?? '';
  return createHash('sha256').update(text).digest('hex');
}
