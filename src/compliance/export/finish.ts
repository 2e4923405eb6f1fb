import { readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { isSigned } from '../../crypto/ledger.js';
import { definedIn } from '../../model/bare.js';
import type { ExportApproval, ExportedFile, ExportManifest, ExportPrincipal } from '../../model/export.js';
import { spaceOwner } from '../../model/space.js';
import { IN_CLEAR, type Cover } from './cover.js';
import { damaged } from './damaged.js';
import type { CheckedExport, ExportContext, KeptPart } from './context.js';
import { pathsOf, settle, syncFolderOf, writeWhole, type ExportPaths } from './files.js';
import { encodingFor } from './formats.js';
import type { Job } from './job.js';
import { signManifest } from './manifest.js';
import { authorIn } from './part-of.js';
import { Totals } from './totals.js';
import { Output } from './output.js';
import { isBegun, isPart, readState } from './state.js';
import { packForPerson } from './zip.js';

/** Beside the order: who asked, and who approved. */
export interface Asked {
  readonly principal: ExportPrincipal;
  readonly approval: ExportApproval | undefined;
}

/** Ends an export whose parts are all written: its footer, the file of users, the manifest; then all get their names. */
export async function finish(
  context: ExportContext,
  order: CheckedExport,
  job: Job,
  asked: Asked,
): Promise<ExportManifest> {
  const paths = pathsOf(order.out);
  const partial = paths.partial(job.begun.generation);
  const completedAt = context.clock();
  await job.output.write(encodingFor(order).footer);
  await job.output.sync();
  const summary = await summarise(context, order, paths);
  let ready = partial;
  let file = told(job.output, paths.out);
  if (order.format === 'zip') {
    ready = `${paths.out}.packed`;
    const [userId = ''] = order.users;
    const { readAt = completedAt, counts, withheld } = summary;
    const about = { userId, at: readAt, count: counts.memories, spaces: counts.spaces ?? [], withheld };
    const { output } = job;
    const packed = await Output.create(ready, false, order.cover);
    try {
      await packForPerson(() => output.read(0, output.at), packed, about);
      file = told(packed, paths.out);
    } finally {
      await packed.close();
    }
  }
  await context.step?.('written');
  const { recipient } = order;
  const statement: Omit<ExportManifest, 'signature' | 'signedBy'> = {
    format: 'memwarden export manifest 1',
    exportId: job.begun.exportId,
    storeId: await context.store.storeId(),
    principal: asked.principal,
    ...(recipient === undefined ? {} : { recipient }),
    query: queryOf(order),
    ...(asked.approval ? { approval: asked.approval } : {}),
    policyRevisions: summary.policies,
    startedAt: summary.runs,
    completedAt: completedAt.toISOString(),
    counts: summary.counts,
    // Of what was written, not of what lies there: in a folder that others write to that may be another file.
    files: [file, summary.file],
  };
  const manifest = await signManifest(statement, context.instance);
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  await writeWhole(`${paths.manifest}.tmp`, (order.cover ?? IN_CLEAR).seal(text));
  await job.state.close();
  await context.step?.('signed');
  await settle(`${paths.users}.tmp`, paths.users);
  await settle(`${paths.manifest}.tmp`, paths.manifest);
  await context.step?.('named beside');
  await settle(ready, paths.out);
  await syncFolderOf(paths.out);
  await context.step?.('named');
  if (ready !== partial) await rm(partial, { force: true });
  await order.onDone?.(() => keptParts(context, order, paths));
  await rm(paths.state, { force: true });
  await syncFolderOf(paths.out);
  return manifest;
}

function told(output: Output, path: string): ExportedFile {
  return { name: basename(path), bytes: output.at, sha256: output.digest() };
}

async function* keptParts(
  { instance }: ExportContext,
  order: CheckedExport,
  paths: ExportPaths,
): AsyncGenerator<KeptPart> {
  for await (const line of readState(paths.state, instance, coverOf(order)))
    if (isPart(line)) {
      const { user_id: userId, space, ids = {}, authors, withheld } = line;
      const partition = space === undefined ? (userId ?? '') : spaceOwner(space);
      const { author: writer } = authorIn(line);
      yield { userId: partition, ids, ...definedIn({ authors, writer, withheld }) };
    }
}

/**
 * The manifest of an export that was cut off when all was named but its state not yet taken away; undefined where there
 * is more to do.
 */
export async function endedBefore(
  context: ExportContext,
  order: CheckedExport,
  target: string,
): Promise<ExportManifest | undefined> {
  const { instance } = context;
  const paths = pathsOf(order.out);
  if (order.fresh || !(await isBegun(paths.state)) || !(await isBegun(paths.out))) return undefined;
  for await (const line of readState(paths.state, instance)) {
    if (!('v' in line) || line.target !== target) return undefined;
    const manifest = await manifestAt(paths.manifest);
    if (manifest?.exportId !== line.exportId) return undefined;
    if (!isSigned({ ...manifest }, (await instance.jwks()).keys)) throw damaged();
    await rm(paths.partial(line.generation), { force: true });
    await order.onDone?.(() => keptParts(context, order, paths));
    await rm(paths.state, { force: true });
    await syncFolderOf(paths.out);
    return manifest;
  }
  return undefined;
}

async function manifestAt(path: string): Promise<ExportManifest | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ExportManifest;
  } catch {
    return undefined;
  }
}

/** What was asked for, as manifest and request say it. */
export function queryOf({ users, spaces, selection, format, gzip }: CheckedExport): ExportManifest['query'] {
  const shared = spaces.length === 0 ? {} : { spaces: spaces === 'all' ? spaces : spaces.length };
  return { users: users === 'all' ? 'all' : users.length, ...shared, filter: selection, format, gzip };
}

function coverOf({ cover }: CheckedExport): { readonly cover?: Cover } {
  return cover ? { cover } : {};
}

interface Summary {
  readonly counts: ExportManifest['counts'];
  /** Spaces where there is more of the user than is handed out. */
  readonly withheld: readonly string[];
  readonly policies: string[];
  readonly runs: string[];
  readonly readAt: Date | undefined;
  /** The file of users. */
  readonly file: ExportedFile;
}

// The file of users is the state without what is nobody's business.
async function summarise({ instance }: ExportContext, order: CheckedExport, paths: ExportPaths): Promise<Summary> {
  const totals = new Totals();
  const withheld: string[] = [];
  const policies = new Set<string>();
  const runs: string[] = [];
  let readAt: Date | undefined;
  const output = await Output.create(`${paths.users}.tmp`, false, order.cover);
  try {
    let lines: string[] = [];
    const write = async () => {
      await output.write(lines.join(''));
      lines = [];
    };
    for await (const line of readState(paths.state, instance, coverOf(order))) {
      if ('run' in line) runs.push(line.run);
      if (!isPart(line)) continue;
      const { mark: _, ids: __, authors: ___, start: ____, end: _____, digest: ______, ...user } = line;
      totals.add(user);
      if (user.withheld && user.space !== undefined) withheld.push(user.space);
      policies.add(user.policy);
      readAt = new Date(user.read_at);
      if (lines.push(`${JSON.stringify(user)}\n`) >= 1_000) await write();
    }
    await write();
    await output.sync();
    return { counts: totals.counts, withheld, policies: [...policies], runs, readAt, file: told(output, paths.users) };
  } finally {
    await output.close();
  }
}
