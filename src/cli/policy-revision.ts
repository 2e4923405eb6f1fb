import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { badArgument } from './failure.js';

const run = promisify(execFile);
const LARGEST = 1024 * 1024;
const POLICY = /^100(?:644|755) blob ([0-9a-f]{40,64})\t(.+\.ya?ml)$/;

/**
 * Works with a folder of policies: one that is there, or as it stood at a git revision (`REV`, or `REV:FOLDER`), which is
 * written out to a folder of its own for the time.
 *
 * @param given what the command line names
 * @param argument its name, for the error
 * @param otherwise the folder of a revision that names none
 */
export async function withPolicyFolder<T>(
  given: string,
  argument: string,
  otherwise: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  if (await isFolder(given)) return work(given);
  const [, revision = given, named = otherwise] = /^([^:]+):(.+)$/.exec(given) ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'memwarden-policies-'));
  try {
    for (const [name, text] of await filesAt(revision, named, argument)) await writeFile(join(folder, name), text);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function filesAt(revision: string, folder: string, argument: string): Promise<[name: string, text: Buffer][]> {
  if (revision.startsWith('-')) throw badArgument(argument, 'not a revision');
  try {
    const top = (await git(['rev-parse', '--show-toplevel'], process.cwd())).toString().replace(/\n$/, '');
    const commit = await git(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], top);
    const path = relative(top, resolve(await realpath('.'), folder))
      .split(sep)
      .join('/');
    const tree = `${commit.toString().trim()}:${path}`;
    const entries = (await git(['ls-tree', '-z', tree], top)).toString().split('\0');
    const blobs = entries.flatMap((entry) => {
      const [, id, name] = POLICY.exec(entry) ?? [];
      return id !== undefined && name !== undefined && !/[/\\]/.test(name) ? [{ id, name }] : [];
    });
    return await Promise.all(
      blobs.map(async ({ id, name }): Promise<[string, Buffer]> => [name, await git(['cat-file', 'blob', id], top)]),
    );
  } catch {
    // What git says may quote what was typed.
    throw badArgument(
      argument,
      'neither a folder nor a git revision that has the folder; write REVISION:FOLDER, or name the folder with --policies',
    );
  }
}

// No shell: what is typed is an argument and nothing else.
async function git(argv: readonly string[], cwd: string): Promise<Buffer> {
  const { stdout } = await run('git', [...argv], { cwd, encoding: 'buffer', maxBuffer: LARGEST, timeout: 30_000 });
  return stdout;
}
