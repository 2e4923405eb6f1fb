import '../support/fresh-lmdb.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Io, Sink } from '../../src/cli/io.js';
import { run } from '../../src/cli/run.js';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** The command line in this process: the same code as the bin, with streams of its own and an empty environment. */
export async function cli(
  argv: readonly string[],
  given: { env?: NodeJS.ProcessEnv; stdin?: string } = {},
): Promise<Ran> {
  const out = collector();
  const err = collector();
  const io: Io = {
    stdin: Readable.from([Buffer.from(given.stdin ?? '')]),
    stdout: out.sink,
    stderr: err.sink,
    env: given.env ?? {},
    onInterrupt: () => () => undefined,
  };
  const exit = await run(argv, io);
  return { exit, out: out.text(), err: err.text() };
}

function collector(): { sink: Sink; text: () => string } {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { sink, text: () => Buffer.concat(chunks).toString() };
}

/** Makes an empty store: commands that only read make none. */
export async function storeIn(path: string): Promise<void> {
  const { exit, err } = await cli(['migrate', '--data', path]);
  if (exit !== 0) throw new Error(err);
}

/** A folder that is gone when the test is. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'memwarden-cli-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines of NDJSON. */
export function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The one JSON value of an output. */
export function json(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

/** How many lines an import has stored by now, in this run and before it. */
export function importedByNow(text: string): number {
  const { imported, importedBefore } = json(text);
  return Number(imported) + Number(importedBefore);
}

export const agent = (user: string) => ['--user', user, '--as', 'agent', '--on-behalf-of', user];
export const admin = (user: string) => ['--user', user, '--as', 'admin'];
