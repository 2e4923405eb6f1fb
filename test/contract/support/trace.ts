import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from '@jest/globals';

/** A system call as strace saw it: where in the one order of all processes it began and ended. */
export interface SystemCall {
  readonly pid: string;
  readonly name: string;
  /** The arguments as printed, with the path of a file descriptor. */
  readonly args: string;
  readonly begun: number;
  readonly ended: number;
  readonly failed: boolean;
}

const CALLS =
  'fdatasync,fsync,msync,sync_file_range,pwrite64,pwritev,pwritev2,write,writev,openat,recvmsg,recvfrom,read';

/** Runs a suite where strace is; where it is not, says so loudly, or fails if MEMWARDEN_REQUIRE_STRACE is 1. */
export function describeWithStrace(name: string, suite: () => void): void {
  let found = true;
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
  } catch {
    found = false;
  }
  if (found) return describe(name, suite);
  const required = process.env['MEMWARDEN_REQUIRE_STRACE'] === '1';
  if (!required) process.stderr.write(`\n!! SKIPPED for want of strace: ${name}\n\n`);
  (required ? describe : describe.skip)(name, () => {
    test('SKIPPED: strace is not on the PATH', () => {
      throw new Error('MEMWARDEN_REQUIRE_STRACE=1, but there is no strace');
    });
  });
}

/** Runs commands side by side under one strace, beside a process that runs already, until all of them have ended. */
export async function trace(
  commands: readonly (readonly string[])[],
  file: string,
  attach?: number,
): Promise<SystemCall[]> {
  const quoted = commands.map((words) => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' '));
  const script = `${quoted.join(' & ')} & wait; echo ALL DONE`;
  const options = ['-f', '-y', '-s', '20000', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', file];
  // Without -I it would let nothing end it as long as what it is attached to runs.
  const attached = attach === undefined ? [] : ['-I', '2', '-p', String(attach)];
  const child = spawn('strace', [...options, ...attached, 'sh', '-c', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  // A server that strace is attached to does not end; the end of the commands is seen in the trace.
  if (attach !== undefined) {
    const finished = () => /ALL DONE/.test(readFileSync(file, 'latin1'));
    for (let waited = 0; waited < 300 && child.exitCode === null; waited += 1) {
      await new Promise((done) => setTimeout(done, 200));
      if (finished()) break;
    }
    child.kill('SIGINT');
  }
  await ended;
  return parse(readFileSync(file, 'latin1'));
}

function parse(text: string): SystemCall[] {
  const open = new Map<string, { name: string; args: string; begun: number }>();
  const calls: SystemCall[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest);
    const started = resumed ? open.get(pid) : undefined;
    const fresh = /^(\w+)\((.*)$/.exec(rest);
    if (fresh && rest.endsWith('<unfinished ...>')) {
      open.set(pid, { name: fresh[1] ?? '', args: fresh[2] ?? '', begun: at });
      continue;
    }
    const name = started?.name ?? fresh?.[1];
    if (name === undefined || (resumed && !started)) continue;
    const args = `${started?.args ?? ''}${resumed?.[2] ?? fresh?.[2] ?? ''}`;
    const [, result = '-1'] = /= (-?\d+)[^=]*$/.exec(args) ?? [];
    calls.push({ pid, name, args, begun: started?.begun ?? at, ended: at, failed: result.startsWith('-') });
    open.delete(pid);
  }
  return calls;
}
