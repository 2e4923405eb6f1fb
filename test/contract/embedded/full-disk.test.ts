import '../../support/fresh-lmdb.js';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWarden, type Principal } from '../../../src/index.js';
import { openEmbedded } from '../../../src/store/embedded/driver.js';
import { RESERVE } from '../../../src/store/embedded/room.js';
import { openEmbeddedKeys } from '../../../src/store/keys/embedded.js';
import { build, type Built } from '../../cli/built.js';

const HOST = fileURLToPath(new URL('../support/full-disk-host.mjs', import.meta.url));
const ADMIN: Principal = { id: 'root', role: 'admin' };
// In blocks of 512 or 1,024 bytes, as the shell has it. No multiple of a page, so that the write which crosses it is cut
// short each time: one that begins at the end is what lmdb does not survive.
const LIMIT = 4_001;

let built: Built;
let folder: string;
const children = new Set<ChildProcess>();
beforeAll(async () => void (built = await build()));
afterAll(() => built.remove());
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'memwarden-full-'))));
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  readonly acknowledged: readonly (readonly [string, number])[];
  readonly refused: readonly Readonly<Record<string, string>>[];
}

/** Starts a program, lets it talk in lines of JSON, and says how it ended. */
function begun(program: string, args: readonly string[], cwd = folder) {
  const env = { PATH: process.env['PATH'], HOME: folder };
  const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  children.add(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const line = async (): Promise<Record<string, never>> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`it ended with ${await ended}: ${errors.slice(-2_000)}`);
    return JSON.parse(value as string) as Record<string, never>;
  };
  return { child, line, ended };
}

/** The same under a limit of the size of each file, at which a commit fails. */
const limited = (args: readonly string[]) =>
  begun('sh', ['-c', `ulimit -f ${LIMIT}; exec "$@"`, 'sh', process.execPath, ...args]);

const libraryOf = ({ main }: Built) => join(dirname(main), '../index.js');

/** That nothing which was acknowledged is lost, the log holds, and a write goes, where there is room. */
async function expectWhole(at: string, acknowledged: Told['acknowledged']): Promise<void> {
  const warden = await createWarden({
    store: { kind: 'embedded', path: join(at, 'data') },
    audit: { checkpoints: join(at, 'checkpoints') },
    keys: { kms: `local:${at}/kms/kek`, ledger: join(at, 'ledger') },
  });
  try {
    expect(acknowledged.length).toBeGreaterThan(10);
    const memory = warden.scope({ id: 'a', role: 'agent', userId: 'alice' }, 'alice');
    for (const [id, number] of acknowledged)
      expect((await memory.get(id))?.content ?? '').toMatch(`number ${number} z`);
    await memory.add('once more');
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
  } finally {
    await warden.close();
  }
}

describe('S25: a commit that fails', () => {
  test('is a typed error to a program that uses the library, which lives on; nothing acknowledged is lost', async () => {
    const host = limited([HOST, libraryOf(built), folder, '6']);
    const told = (await host.line()) as unknown as Told;
    expect(told.refused).toHaveLength(6);
    for (const { code, cause } of told.refused)
      expect(['store_unwritable', 'audit_unavailable:store_unwritable']).toContain(cause ? `${code}:${cause}` : code);
    expect(told.refused.map(({ code }) => code)).toContain('store_unwritable');
    host.child.stdin?.write('\n');
    expect(await host.line()).toHaveProperty('after');
    expect(await host.ended).toBe(0);
    await expectWhole(folder, told.acknowledged);
  });

  test('is an answer of the server, which goes on answering', async () => {
    const server = limited([built.main, 'serve', '--port', '0']);
    let ready: Record<string, never> = {};
    while (ready['event'] !== 'ready') ready = await server.line();
    const key = spawnSync('cat', [join(folder, '.memwarden/admin-key')], { encoding: 'utf8' }).stdout.trim();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const url = `${ready['url']}/v1/users/alice/memories`;
    const answers: [number, string | undefined][] = [];
    let stored = 0;
    while (answers.length < 6 && stored < 2_000) {
      const body = JSON.stringify({ content: `number ${stored} ${'z'.repeat(30_000)}` });
      const response = await fetch(url, { method: 'POST', headers, body });
      const { code } = (await response.json()) as { code?: string };
      if (response.status === 201) stored += 1;
      else answers.push([response.status, code]);
    }
    expect(answers).toContainEqual([507, 'store_unwritable']);
    for (const [status, code] of answers)
      expect(['507 store_unwritable', '503 audit_unavailable']).toContain(`${status} ${code}`);
    expect((await fetch(`${ready['url']}/healthz`)).status).toBe(200);
    server.child.kill('SIGTERM');
    await server.ended;
    const list = ['list', '--user', 'alice', '--as', 'admin', '--all', '--json'];
    const listed = spawnSync(process.execPath, [built.main, ...list], {
      ...{ cwd: folder, encoding: 'utf8' as const, maxBuffer: 1 << 28 },
    });
    const numbers = new Set([...listed.stdout.matchAll(/number (\d+) z/g)].map(([, number]) => Number(number)));
    expect(stored).toBeGreaterThan(10);
    expect([...Array(stored).keys()].filter((number) => !numbers.has(number))).toEqual([]);
    const verify = spawnSync(process.execPath, [built.main, 'audit', 'verify', '--as', 'admin'], { cwd: folder });
    expect(verify.status).toBe(0);
  });
});

const tiny = mkdtempSync(join(tmpdir(), 'memwarden-tiny-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', tiny]).status === 0;
afterAll(() => {
  if (isMounted) spawnSync('umount', [tiny]);
  rmSync(tiny, { recursive: true, force: true });
});
if (!isMounted) process.stderr.write('SKIPPED: no file system can be mounted here; full disks are not tested\n');

(isMounted ? describe : describe.skip)('S25: a disk without room', () => {
  const free = () => {
    const { bavail, bsize } = statfsSync(tiny);
    return bavail * bsize;
  };
  const ballast = join(tiny, 'ballast');
  const fill = (left: number) => writeFileSync(ballast, Buffer.alloc(free() - left));
  afterEach(() => rmSync(ballast, { force: true }));

  test('is a typed error while it lasts; the same process writes again once there is room, and nothing is lost', async () => {
    fill(RESERVE + 2 * 1024 ** 2);
    const host = begun(process.execPath, [HOST, libraryOf(built), tiny, '4']);
    const told = (await host.line()) as unknown as Told;
    expect(told.refused.map(({ code, cause }) => cause ?? code)).toEqual(Array(4).fill('store_unwritable'));
    rmSync(ballast);
    host.child.stdin?.write('\n');
    expect(await host.line()).toEqual({ after: 'added' });
    expect(await host.ended).toBe(0);
    await expectWhole(tiny, told.acknowledged);
  });

  test('is told at the opening of a store and of keys, before a map of locks is made that the disk cannot hold', async () => {
    fill(0);
    const opening = [() => openEmbedded({ path: join(tiny, 'new') }), () => openEmbeddedKeys(join(tiny, 'keys'))];
    for (const open of opening) await expect(open()).rejects.toMatchObject({ code: 'store_unwritable' });
    rmSync(ballast);
    for (const open of opening) await (await open()).close();
  });

  test('of files beside the store ends no process: sink, ledger, checkpoints and exports', async () => {
    const apart = join(tiny, 'apart');
    mkdirSync(apart);
    const warden = await createWarden({
      store: { kind: 'embedded', path: join(folder, 'data') },
      audit: { checkpoints: join(apart, 'checkpoints'), sinks: [{ kind: 'file', path: join(apart, 'sink') }] },
      keys: { kms: `local:${folder}/kms/kek`, ledger: join(apart, 'ledger') },
    });
    const unheard: unknown[] = [];
    const hear = (error: unknown) => void unheard.push(error);
    process.on('unhandledRejection', hear);
    try {
      const memory = warden.scope({ id: 'a', role: 'agent', userId: 'alice' }, 'alice');
      await memory.add('before');
      fill(0);
      await memory.add('x'.repeat(10_000));
      const order = { users: 'all', out: join(apart, 'out.ndjson') } as const;
      await expect(warden.export(ADMIN, order)).rejects.toThrow();
      await expect(warden.keys.erase(ADMIN, 'bob')).rejects.toThrow();
      await expect(warden.audit(ADMIN).checkpoint()).rejects.toThrow();
      rmSync(ballast);
      expect(await warden.export(ADMIN, order)).toMatchObject({ complete: true, memories: 2 });
      expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
      await new Promise((done) => setImmediate(done));
      expect(unheard).toEqual([]);
    } finally {
      await warden.close();
      process.off('unhandledRejection', hear);
    }
  });
});
