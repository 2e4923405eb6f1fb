import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { admin, findServers, hello, READY_LIMIT_MS, type Ready, ServerProcess } from './binary.js';

export interface Deployment {
  kind: 'standalone' | 'replica-set' | 'sharded';
  uri: string;
  processes: ServerProcess[];
  /** Kills every process and removes the data. */
  stop(): Promise<void>;
}

type Add = (name: string, args: string[], ready: Ready) => Promise<ServerProcess>;

const isPrimary: Ready = (reply) => reply.isWritablePrimary === true;
const isMember: Ready = (reply) => isPrimary(reply) || reply.secondary === true;

const COMMON_ARGS = [
  ...['--bind_ip', '127.0.0.1', '--nounixsocket'],
  ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
];

export const startStandalone = (): Promise<Deployment> =>
  deploy('standalone', async (add) => {
    const server = await add('standalone', [], isPrimary);
    await server.start();
    return `mongodb://127.0.0.1:${server.port}/`;
  });

export const startReplicaSet = ({ members }: { members: number }): Promise<Deployment> =>
  deploy('replica-set', async (add) => `mongodb://${await replicaSet(add, 'rs', members)}/?replicaSet=rs`);

/** The administrator of a server that asks who connects. */
export const ADMINISTRATOR = { user: 'administrator', password: 'of-this-test-alone' } as const;

/** A replica set of one whose server asks who connects; `uri` is its administrator's. */
export const startAuthorized = (): Promise<Deployment> =>
  deploy('replica-set', async (add, root) => {
    const keyFile = join(root, 'members.key');
    writeFileSync(keyFile, randomBytes(48).toString('base64'), { mode: 0o600 });
    let port = 0;
    const listening: Add = async (...server) => {
      const added = await add(...server);
      ({ port } = added);
      return added;
    };
    const hosts = await replicaSet(listening, 'rs', 1, ['--keyFile', keyFile]);
    const { user, password } = ADMINISTRATOR;
    // The first user may be made by whoever is on the server's own host.
    await admin(port, (db) => db.command({ createUser: user, pwd: password, roles: ['root'] }));
    return `mongodb://${user}:${password}@${hosts}/?replicaSet=rs&authSource=admin`;
  });

export const startSharded = ({ shards }: { shards: number }): Promise<Deployment> =>
  deploy('sharded', async (add) => {
    const names = Array.from({ length: shards }, (_, index) => `shard${index}`);
    const [config, ...hosts] = await settleAll([
      replicaSet(add, 'config', 1, ['--configsvr']),
      // A router tells of a change once every shard wrote something later; an idle one does so every 10 s by default.
      ...names.map((name) => replicaSet(add, name, 1, ['--shardsvr', '--setParameter', 'periodicNoopIntervalSecs=1'])),
    ]);
    const mongos = await add('mongos', ['--configdb', `config/${config}`], isPrimary);
    await mongos.start();
    for (const [index, name] of names.entries()) {
      await admin(mongos.port, (db) => db.command({ addShard: `${name}/${hosts[index]}` }));
    }
    return `mongodb://127.0.0.1:${mongos.port}/`;
  });

/** Starts a set and returns its hosts, once one member is the primary and every other one a secondary. */
async function replicaSet(add: Add, name: string, count: number, role: string[] = []): Promise<string> {
  // A lone member is a secondary only on its way to being the primary.
  const ready = count > 1 ? isMember : isPrimary;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const set = await settleAll(indexes.map((index) => add(`${name}-${index}`, ['--replSet', name, ...role], ready)));
  await settleAll(set.map((server) => server.start(() => true)));
  const hosts = set.map((server) => `127.0.0.1:${server.port}`);
  const members = hosts.map((host, _id) => ({ _id, host }));
  const config = { _id: name, members, ...(role.includes('--configsvr') && { configsvr: true }) };
  await admin(set[0]!.port, (db) => db.command({ replSetInitiate: config }));
  for (const deadline = Date.now() + READY_LIMIT_MS; ; await sleep(100)) {
    const replies = await Promise.all(set.map(async ({ port }) => (await hello(port)) ?? {}));
    if (replies.some(isPrimary) && replies.every(isMember)) return hosts.join(',');
    if (Date.now() > deadline) throw new Error(`replica set ${name} did not settle within ${READY_LIMIT_MS} ms`);
  }
}

/** Promise.all, but a failure is thrown only once the others have settled too: nothing may start after the stop. */
async function settleAll<T>(promises: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function deploy(
  kind: Deployment['kind'],
  build: (add: Add, root: string) => Promise<string>,
): Promise<Deployment> {
  const servers = await findServers();
  if (servers.kind !== 'local') throw new Error(`a ${kind} deployment needs a mongod of this machine`);
  const root = mkdtempSync(join(tmpdir(), 'memwarden-mongo-'));
  const guard = startGuard(root);
  const processes: ServerProcess[] = [];
  const report = () => guard.write(`${processes.flatMap(({ pid }) => pid ?? []).join(' ')}\n`);

  const add: Add = async (name, args, ready) => {
    const program = name === 'mongos' ? servers.mongos : servers.mongod;
    if (!program) throw new Error(`a ${kind} deployment needs ${name}`);
    const dbpath = join(root, name);
    mkdirSync(dbpath);
    const storage = name === 'mongos' ? [] : ['--dbpath', dbpath, '--wiredTigerCacheSizeGB', '0.25'];
    const port = await freePort();
    const command = [program, ...args, ...storage, ...COMMON_ARGS, '--port', String(port)];
    const server = new ServerProcess(name, port, dbpath, command, ready, report);
    processes.push(server);
    return server;
  };

  const stop = async () => {
    await Promise.all(processes.map((server) => server.kill()));
    rmSync(root, { recursive: true, force: true });
    guard.end();
  };

  try {
    return { kind, uri: await build(add, root), processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts a process that reads lines of live process ids and, at the end of its input, kills those of the last line.
 * The input ends however this process ends. An exit handler would not do: a SIGKILL runs none, and Jest gives tests a
 * copy of `process` whose handlers never run.
 */
function startGuard(root: string): Socket {
  const script = 'while read -r line; do live=$line; done; kill -9 $live; sleep 1; rm -rf "$0"';
  const guard = spawn('sh', ['-c', script, root], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.on('error', () => {}).unref();
  const input = guard.stdin as Socket;
  input.on('error', () => {}).unref();
  return input;
}

const taken = new Set<number>();

/** Stays below the ports that systems give to outgoing connections, so that one is still free at a restart. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    if (taken.has(port)) continue;
    taken.add(port);
    const server = createServer();
    const isFree = await new Promise<boolean>((done) => {
      server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true));
    });
    if (!isFree) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}
