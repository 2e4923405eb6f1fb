import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WardenOptions } from '../../src/config/options.js';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { ERRORS, type ErrorCode } from '../../src/errors/table.js';
import type { Doors } from './acts.js';

/** What a process is told at its start. */
export interface Given {
  readonly warden: WardenOptions;
}

/** A call that a process is asked to make. */
export interface Asked {
  readonly tenant: string;
  /** The member of a warden, and what it is called with where it is a function. */
  readonly door: readonly [keyof Doors, ...unknown[]];
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly n: number;
  readonly value?: unknown;
  readonly code?: string;
}

const LOADER = new URL('../contract/support/typescript-loader.mjs', import.meta.url).href;

/** A process with wardens of its own over tenants that share a store. */
export class Apart {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.n)?.(answer);
      this.#waiting.delete(answer.n);
    });
    child.once('exit', () => {
      for (const [n, tell] of this.#waiting) tell({ n, code: 'the process has ended' });
      this.#waiting.clear();
    });
  }

  static async start(given: Given): Promise<Apart> {
    const script = fileURLToPath(new URL('./process.ts', import.meta.url));
    const child = fork(script, [JSON.stringify(given)], { execArgv: ['--import', LOADER], serialization: 'advanced' });
    const apart = new Apart(child);
    const { code } = await new Promise<Answer>((resolve) => apart.#waiting.set(0, resolve));
    if (code !== undefined) throw new Error(code);
    return apart;
  }

  /** The warden of a tenant in that process. Errors come back by their codes. */
  warden(tenant: string): Doors {
    const of = (door: Asked['door']) =>
      new Proxy(
        {},
        {
          get:
            (_, method) =>
            (...args: unknown[]) =>
              this.#ask({ tenant, door, method: String(method), args }),
        },
      );
    const doors = {
      scope: (...given: unknown[]) => of(['scope', ...given]),
      space: (...given: unknown[]) => of(['space', ...given]),
      keys: of(['keys']),
    };
    return doors as unknown as Doors;
  }

  async #ask(asked: Asked): Promise<unknown> {
    const n = (this.#last += 1);
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(n, resolve));
    this.#child.send({ n, ...asked });
    const { value, code } = await answer;
    if (code === undefined) return value;
    throw code in ERRORS ? new MemwardenError(code as ErrorCode) : new Error(code);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }
}
