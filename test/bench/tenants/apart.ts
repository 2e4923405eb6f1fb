import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Gets, Made, Place } from './kept.js';

/** What a process with tenants is asked. */
export type Question =
  | { readonly ask: 'make' }
  | { readonly ask: 'open' }
  | { readonly ask: 'gets'; readonly first: number; readonly tenants: number; readonly count: number }
  | { readonly ask: 'close' };

/** What opening tenants took: their first `get`, in milliseconds, and what each holds. */
export interface Opened {
  readonly times: readonly number[];
  readonly kib: number;
  readonly files: number;
}

/** What it answers. */
export interface Answer {
  readonly made?: Made;
  readonly opened?: Opened;
  readonly gets?: Gets;
  readonly failed?: string;
}

/** Tenants in a process of their own: what one size takes is not seen in the figures of another. */
export class Apart {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(place: Place): Promise<Apart> {
    const script = fileURLToPath(new URL('./process.js', import.meta.url));
    const apart = new Apart(fork(script, [JSON.stringify(place)], { execArgv: ['--expose-gc'] }));
    await apart.#answer();
    return apart;
  }

  async make(): Promise<Made> {
    const { made } = await this.#ask({ ask: 'make' });
    if (!made) throw new Error('nothing was made');
    return made;
  }

  async open(): Promise<Opened> {
    const { opened } = await this.#ask({ ask: 'open' });
    if (!opened) throw new Error('nothing was opened');
    return opened;
  }

  async gets(first: number, tenants: number, count: number): Promise<Gets> {
    const { gets } = await this.#ask({ ask: 'gets', first, tenants, count });
    if (!gets) throw new Error('nothing was read');
    return gets;
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#ask({ ask: 'close' });
    await gone;
  }

  #ask(question: Question): Promise<Answer> {
    const answer = this.#answer();
    this.#child.send(question);
    return answer;
  }

  async #answer(): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const ended = (code: unknown) => reject(new Error(`the process of the tenants ended with code ${String(code)}`));
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        resolve(message as Answer);
      });
    });
    if (answer.failed !== undefined) throw new Error(answer.failed);
    return answer;
  }
}
