import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MemwardenError } from '../../errors/memwarden-error.js';

/** Which model a process loads, and how. */
export interface ModelSettings {
  /** The folder of the model below `path`, which is also its name where it is fetched from. */
  readonly model: string;
  readonly path: string;
  readonly allowRemote: boolean;
  readonly remoteHost: string | undefined;
  readonly quantized: boolean;
  readonly pooling: 'mean' | 'cls';
}

/** What the process is told. */
export type Order = { readonly load: ModelSettings } | { readonly texts: readonly string[] };
/** What the process answers, one answer to an order; a failure is a fixed phrase. */
export type Answer =
  { readonly loaded: true } | { readonly vectors: readonly Float32Array[] } | { readonly failed: string };

/** What is used of the libraries that run models. */
export interface Library {
  readonly env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    useFSCache: boolean;
    cacheDir: string;
    remoteHost: string;
  };
  readonly pipeline: (
    task: 'feature-extraction',
    model: string,
    options: object,
  ) => Promise<(texts: string[], options: object) => Promise<{ readonly data: ArrayLike<number> }>>;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const PROGRAM = fileURLToPath(new URL('./model-process.js', import.meta.url));
const INSTALL = 'npm install @xenova/transformers';
// What a program needs of its surroundings. Keys and passwords of the server's environment are not among it.
const ENVIRONMENT = [
  'PATH',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'TMP',
  'OMP_NUM_THREADS',
];
// Where models may be fetched: how to get there, and the token of the model hub.
const REMOTE_ENVIRONMENT = ['NODE_EXTRA_CA_CERTS', 'HF_TOKEN', 'HF_ACCESS_TOKEN'];

/**
 * A process of its own that holds a model.
 *
 * A thread would do for not blocking requests, but not for what comes after: onnxruntime-node 1.14, on which
 * `@xenova/transformers` stands, does not load in a second thread once the first has ended (ERR_DLOPEN_FAILED), and
 * with its library held open the whole program falls with a segmentation fault. A process can be ended at any time,
 * also in the middle of native code, takes nobody with it, and sees neither keys nor memories of others.
 */
export class ModelHost {
  readonly #child: ChildProcess;
  #waiting: Waiting | undefined;
  #ended = false;

  constructor(allowRemote: boolean) {
    const names = allowRemote ? [...ENVIRONMENT, ...REMOTE_ENVIRONMENT] : ENVIRONMENT;
    const env = Object.fromEntries(
      names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ) as NodeJS.ProcessEnv;
    this.#child = fork(PROGRAM, [], {
      env,
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (answer) => this.#settle((waiting) => waiting.resolve(answer as Answer)));
    for (const event of ['error', 'exit', 'disconnect'] as const) this.#child.on(event, () => this.#end());
    this.#hold(false);
  }

  /** Whether the process is gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Loads the model.
   *
   * @throws MemwardenError missing_package, embedder_unavailable, embedder_timeout
   */
  async load(settings: ModelSettings, timeoutMs: number): Promise<void> {
    const answer = await this.#ask({ load: settings }, timeoutMs);
    if (!('failed' in answer)) return;
    this.end();
    if (answer.failed === 'package is missing') throw new MemwardenError('missing_package', { install: INSTALL });
    throw new MemwardenError('embedder_unavailable', { reason: answer.failed });
  }

  /**
   * Runs the model on texts; one call at a time.
   *
   * @throws MemwardenError embedder_unavailable, embedder_timeout
   */
  async run(texts: readonly string[], timeoutMs: number): Promise<readonly Float32Array[]> {
    const answer = await this.#ask({ texts }, timeoutMs);
    if ('vectors' in answer) return answer.vectors;
    throw new MemwardenError('embedder_unavailable', { reason: 'failed' in answer ? answer.failed : 'answer' });
  }

  /** Ends the process, whatever it is doing. */
  end(): void {
    this.#child.kill('SIGKILL');
    this.#end();
  }

  // An answer that comes too late would be taken for that of the next order, so the process goes with the wait.
  async #ask(order: Order, timeoutMs: number): Promise<Answer> {
    if (this.#ended) throw gone();
    this.#hold(true);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        timer = setTimeout(() => {
          this.#settle((waiting) => waiting.reject(new MemwardenError('embedder_timeout')));
          this.end();
        }, timeoutMs);
        this.#child.send(order, (error) => (error ? this.#end() : undefined));
      });
    } finally {
      clearTimeout(timer);
      this.#hold(false);
    }
  }

  #end(): void {
    this.#ended = true;
    this.#settle((waiting) => waiting.reject(gone()));
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) how(waiting);
  }

  // A model that nobody asks keeps no program from ending.
  #hold(held: boolean): void {
    const channel = this.#child.channel;
    if (held) {
      this.#child.ref();
      channel?.ref();
    } else {
      this.#child.unref();
      channel?.unref();
    }
  }
}

function gone(): MemwardenError {
  return new MemwardenError('embedder_unavailable', { reason: 'the model process ended' });
}
