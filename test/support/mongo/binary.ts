import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Db, MongoClient } from 'mongodb';

/** What the MongoDB suites may run on; a given server may be wiped by them, local ones are started by the harness. */
export type Servers =
  { kind: 'given'; uri: string } | { kind: 'local'; mongod: string; mongos: string | undefined } | { kind: 'none' };

export interface Hello {
  isWritablePrimary?: boolean;
  secondary?: boolean;
}
export type Ready = (hello: Hello) => boolean;

export const READY_LIMIT_MS = 120_000;
const DOWNLOAD_LIMIT_MS = 60_000;

/** Looks for a server: the given URI, then `MONGOD`, the PATH and a download. Throws if MONGOD or MONGOS names no program. */
export async function findServers(): Promise<Servers> {
  const uri = process.env['MEMWARDEN_TEST_MONGODB_URI'];
  if (uri) return { kind: 'given', uri };
  const mongod = locate('MONGOD', 'mongod') ?? (await download());
  return mongod ? { kind: 'local', mongod, mongos: locate('MONGOS', 'mongos') } : { kind: 'none' };
}

function locate(variable: string, program: string): string | undefined {
  const named = process.env[variable];
  const found = onPath(named || program);
  // A wrong name must not end in skipped suites.
  if (named && !found) throw new Error(`${variable} names "${named}", which is no program that can be run`);
  return found;
}

function onPath(program: string): string | undefined {
  if (program.includes(sep)) return isProgram(resolve(program)) ? resolve(program) : undefined;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function download(): Promise<string | undefined> {
  // In a process of its own, so that a download that hangs can be ended and does not keep Jest from exiting.
  const script = `require(process.argv[1]).MongoBinary.getPath().then((path) => console.log('\\n' + path))`;
  try {
    const library = createRequire(import.meta.url).resolve('mongodb-memory-server-core');
    const limits = { timeout: DOWNLOAD_LIMIT_MS, killSignal: 'SIGKILL' } as const;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, library], limits);
    // The library prints its progress to stdout; the path is the last line.
    const path = stdout.trim().split('\n').at(-1);
    return path && isProgram(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** One mongod or mongos; it keeps its port and dbpath from one start to the next. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly port: number,
    readonly dbpath: string,
    private readonly command: readonly string[],
    private readonly ready: Ready,
    private readonly onChange: () => void,
  ) {}

  /** Undefined while the process is not running. */
  get pid(): number | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  /** Starts the process and waits until `ready` accepts its hello. */
  async start(ready: Ready = this.ready): Promise<void> {
    const log = join(this.dbpath, 'log');
    const output = openSync(log, 'a');
    const [program = '', ...args] = this.command;
    const child = spawn(program, args, { stdio: ['ignore', output, output] });
    closeSync(output);
    child.unref();
    this.child = child;
    this.ended = new Promise((done) => child.once('exit', done).once('error', done)).then(this.onChange);
    this.onChange();
    for (const deadline = Date.now() + READY_LIMIT_MS; ; await sleep(100)) {
      const reply = await hello(this.port);
      if (reply && this.pid !== undefined && ready(reply)) return;
      if (this.pid !== undefined && Date.now() < deadline) continue;
      throw new Error(`${this.name} did not get ready; its last output:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
    }
  }

  /** Sends the signal and, unless it only pauses or resumes the process, waits for its end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.pid === undefined) return;
    this.child?.ref();
    this.child?.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.ended;
  }

  /** Starts the process again on its port and data, after a clean end if it still runs. */
  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    await this.start();
  }
}

/** What the server on this port says of itself; undefined while none answers. */
export const hello = (port: number): Promise<Hello | undefined> =>
  admin<Hello>(port, (db) => db.command({ hello: 1 }), 5_000).catch(() => undefined);

/** Runs the work on the admin database of the server on this port, whatever set or cluster it belongs to. */
export async function admin<T>(
  port: number,
  work: (db: Db) => Promise<T>,
  serverSelectionTimeoutMS = 30_000,
): Promise<T> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, { serverSelectionTimeoutMS });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
}
