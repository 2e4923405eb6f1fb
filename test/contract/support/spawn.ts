import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Place } from './place.js';

/** What a child process is told to do, and on which store. */
export interface Order {
  readonly place: Place;
  readonly task: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A child process with a driver of its own. */
export interface Child {
  readonly process: ChildProcess;
  /** What it has printed so far, line by line. */
  readonly lines: string[];
  /** How it ended; both are null only for one that could not be started. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Waits for a line that a test accepts. */
  line(accepts: (line: string) => boolean): Promise<string>;
  /** Gives it a line to read. */
  tell(text: string): void;
}

// The compiled tests (npm run chaos) start the compiled child; Jest's start its source.
const compiled = import.meta.url.endsWith('.js');
const LOADER = ['--import', new URL('./typescript-loader.mjs', import.meta.url).href];

/** The command line of a child, for those who start it under something else. */
export function commandOf(order: Order): string[] {
  const program = fileURLToPath(new URL(compiled ? './child.js' : './child.ts', import.meta.url));
  return [process.execPath, ...(compiled ? [] : LOADER), program, JSON.stringify(order)];
}

/** Starts a child process on a store. */
export function start(order: Order): Child {
  const [program = '', ...args] = commandOf(order);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const read = new Promise<void>((done) => reader.once('close', done));
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child
      .once('exit', (code, signal) => done({ code, signal }))
      .once('error', () => done({ code: null, signal: null }));
  });
  const line = (accepts: (line: string) => boolean) =>
    new Promise<string>((done, fail) => {
      const look = () => {
        const found = lines.find(accepts);
        if (found === undefined) return;
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      look();
      void read.then(() => fail(new Error(`the child ended after: ${lines.slice(-5).join(' | ')}`)));
    });
  const ended = Promise.all([exit, read]).then(([how]) => how);
  return { process: child, lines, ended, line, tell: (text) => void child.stdin.write(`${text}\n`) };
}
