import { rm } from 'node:fs/promises';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { newId } from '../../model/id.js';
import type { Principal } from '../../model/principal.js';
import type { ExportedPart } from '../../model/export.js';
import type { CheckedExport, ExportContext } from './context.js';
import { damaged } from './damaged.js';
import { pathsOf, removePartials, type ExportPaths } from './files.js';
import { encodingFor } from './formats.js';
import { Output, type Written } from './output.js';
import { accessTo, authorIn, compareParts, nameOfPart } from './part-of.js';
import { isBegun, isPart, readState, StateFile, type Begun, type DonePart } from './state.js';
import { StateChain } from './state-chain.js';

const STANDING_AT_ONCE = 32;

/** An export that is under way: its files, and what of it is done. */
export interface Job {
  readonly begun: Begun;
  readonly output: Output;
  readonly state: StateFile;
  /** Parts that were dropped because something of them is not there, or not permitted, any more. */
  readonly again: readonly ExportedPart[];
  /** Every part up to this one is done. */
  readonly last: ExportedPart | undefined;
  readonly users: number;
  readonly spaces: number;
  readonly memories: number;
}

/** Begins an export, or goes on with one that was cut off. */
export async function openJob(
  context: ExportContext,
  principal: Principal,
  order: CheckedExport,
  target: string,
): Promise<Job> {
  const paths = pathsOf(order.out);
  const resumed = !order.fresh && (await isBegun(paths.state));
  if (order.fresh) await forget(paths);
  return resumed ? resume(context, principal, order, target, paths) : begin(context, order, target, paths);
}

/** Takes away what an export that was cut off has left. */
export async function forget(paths: ExportPaths): Promise<void> {
  if (!(await isBegun(paths.state))) return;
  await removePartials(paths);
  await rm(paths.state, { force: true });
}

async function begin(context: ExportContext, order: CheckedExport, target: string, paths: ExportPaths): Promise<Job> {
  if (await isBegun(paths.out)) throw new MemwardenError('invalid_argument', { argument: 'out', reason: 'exists' });
  const output = await Output.create(paths.partial(1), order.gzip, order.cover);
  try {
    await output.write(encodingFor(order).header);
    await output.sync();
    const { chain, key } = await StateChain.begin(context.instance);
    const begun: Begun = { v: 2, exportId: newId(), target, generation: 1, key };
    const lines = [begun, { run: context.clock().toISOString() }];
    const state = await StateFile.begin(paths.state, chain, lines, order.cover);
    return { begun, output, state, again: [], last: undefined, users: 0, spaces: 0, memories: 0 };
  } catch (error) {
    await output.close();
    throw error;
  }
}

/** What a state says, in short: constant memory but for the parts that no longer stand. */
interface Found {
  readonly begun: Begun;
  readonly runs: readonly string[];
  readonly again: readonly ExportedPart[];
  readonly last: DonePart | undefined;
  /** What the file has to be up to the end of the last part in it. */
  readonly written: Written;
  readonly chain: StateChain;
  readonly users: number;
  readonly spaces: number;
  readonly memories: number;
}

async function resume(
  context: ExportContext,
  principal: Principal,
  order: CheckedExport,
  target: string,
  paths: ExportPaths,
): Promise<Job> {
  await StateFile.cut(paths.state);
  const found = await survey(context, principal, order, paths);
  const { begun } = found;
  if (begun.target !== target)
    throw new MemwardenError('invalid_argument', {
      argument: 'out',
      reason: 'an export with other options was cut off here; go on with it, or start anew with fresh',
    });
  const run = { run: context.clock().toISOString() };
  if (found.again.length > 0) return compact(context, order, paths, found, run);
  const output = await Output.reopen(paths.partial(begun.generation), order.gzip, found.written);
  if (found.written.end === 0) await output.write(encodingFor(order).header);
  const state = await StateFile.resume(paths.state, found.chain);
  await state.add([run]);
  const { users, spaces, memories, last } = found;
  return { begun, output, state, again: [], last, users, spaces, memories };
}

// S27: what waits in the file is kept only where it is still what is there and permitted.
async function survey(
  context: ExportContext,
  principal: Principal,
  order: CheckedExport,
  paths: ExportPaths,
): Promise<Found> {
  let begun: Begun | undefined;
  let last: DonePart | undefined;
  const runs: string[] = [];
  const again: ExportedPart[] = [];
  const sum = { users: 0, spaces: 0, memories: 0 };
  let [end, digest]: [number, string | undefined] = [0, undefined];
  let chain: StateChain | undefined;
  let asked: Promise<void>[] = [];
  const ask = async (part: DonePart) => {
    const access = accessTo(context.guard, principal, part);
    if (await context.guard.exportStands(access, { ...order, ...authorIn(part) }, part.mark)) {
      sum[part.space === undefined ? 'users' : 'spaces'] += 1;
      sum.memories += part.count;
    } else again.push(partOf(part));
  };
  for await (const line of readState(paths.state, context.instance, { onChain: (found) => (chain = found) })) {
    if ('v' in line) begun = line;
    else if ('run' in line) runs.push(line.run);
    else if (isPart(line)) {
      if (!last || compareParts(line, last) > 0) last = line;
      if (line.end >= end) ({ end, digest } = line);
      asked.push(ask(line));
      if (asked.length === STANDING_AT_ONCE) await Promise.all(asked.splice(0));
    }
  }
  await Promise.all(asked);
  asked = [];
  if (!begun || !chain) throw damaged();
  const written = { end, digest, holds: sum.memories > 0 };
  return { begun, runs, again: again.sort(compareParts), last, written, chain, ...sum };
}

// The parts that stand are copied into a file of the next generation, whose state then takes the place of this one's.
async function compact(
  context: ExportContext,
  order: CheckedExport,
  paths: ExportPaths,
  found: Found,
  run: { readonly run: string },
): Promise<Job> {
  const { generation } = found.begun;
  const { chain, key } = await StateChain.begin(context.instance);
  const begun = { ...found.begun, generation: generation + 1, key };
  const encoding = encodingFor(order);
  const dropped = new Set(found.again.map(nameOfPart));
  const before = await Output.reopen(paths.partial(generation), order.gzip, found.written);
  const output = await Output.create(paths.partial(begun.generation), order.gzip);
  const parts: DonePart[] = [];
  try {
    await output.write(encoding.header);
    for await (const line of readState(paths.state, context.instance)) {
      if (!isPart(line) || dropped.has(nameOfPart(line))) continue;
      if (line.end > line.start && output.holds) await output.write(encoding.separator);
      const start = output.at;
      for await (const chunk of before.read(line.start, line.end)) await output.writeBytes(chunk, true);
      parts.push({ ...line, start, end: output.at, digest: output.digest() });
    }
    await output.sync();
    await context.step?.('compacted');
    const runs = found.runs.map((one) => ({ run: one }));
    const state = await StateFile.begin(paths.state, chain, [begun, ...runs, ...parts, run]);
    await rm(paths.partial(generation), { force: true });
    const { users, spaces, memories, again, last } = found;
    return { begun, output, state, again, last, users, spaces, memories };
  } catch (error) {
    await output.close();
    throw error;
  } finally {
    await before.close();
  }
}

function partOf({ user_id: userId, space }: ExportedPart): ExportedPart {
  return { ...(userId === undefined ? {} : { user_id: userId }), ...(space === undefined ? {} : { space }) };
}
