import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { loadServerConfig } from '../../src/config/serve/load.js';
import { toSettings } from '../../src/config/options.js';
import { wardenOptionsOf } from '../../src/config/serve/warden-options.js';
import { build, type Built } from '../cli/built.js';
import { sender } from '../support/http.js';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { container, type Container, type RunningCommand } from './container.js';
import { image } from './image.js';

const IMAGE = image();
const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a server is ready; fails where it ends before. */
async function ready({ url }: Container, { ended }: RunningCommand): Promise<void> {
  let over: string | undefined;
  void ended.then(({ code, out, err }) => (over = `ended with ${code}: ${out}${err}`));
  while (over === undefined) {
    const answer = await fetch(`${url}/readyz`, { headers: { connection: 'close' } }).catch(() => undefined);
    if (answer?.status === 200) return;
    await pause(50);
  }
  throw new Error(over);
}

/** An export over HTTP, from its order to its file. */
async function exported({ url }: Container, key: string): Promise<string> {
  const send = sender(url, key);
  const close = { headers: { connection: 'close' } };
  await send('POST', '/v1/users/alice/memories', { body: { content: 'Alice blogs.', level: 'public' }, ...close });
  const { body } = await send('POST', '/v1/exports', { body: { users: ['alice'] }, ...close });
  while ((await send('GET', `/v1/exports/${body.id}`, close)).body.state === 'running') await pause(20);
  return (await send('GET', `/v1/exports/${body.id}/file`, close)).text;
}

describe('The image', () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built.remove());

  async function lives(place: Container): Promise<void> {
    const before = place.files();
    const server = place.start(IMAGE.command);
    try {
      await ready(place, server);
      expect(await place.start(IMAGE.healthCheck).ended).toEqual({ code: 0, out: '', err: '' });
      const key = readFileSync(join(place.volume, 'admin-key'), 'utf8').trim();
      expect(await exported(place, key)).toContain('Alice blogs.');
    } finally {
      server.child.kill('SIGTERM');
    }
    const { code, err } = await server.ended;
    expect([code, err]).toEqual([0, '']);
    // The root file system may be read-only.
    expect(place.files()).toEqual(before);
    // Nothing answers: the health check says so.
    expect((await place.start(IMAGE.healthCheck).ended).code).toBe(1);
  }

  test('starts with its command, is healthy, exports, writes to its volume alone, and ends with 0 at SIGTERM', async () => {
    expect([IMAGE.volume, IMAGE.copied]).toEqual([
      '/var/lib/memwarden',
      ['package.json', 'node_modules', 'policies', 'dist'],
    ]);
    const place = await container(built);
    try {
      await lives(place);
    } finally {
      place.remove();
    }
  }, 60_000);

  describeOnTypicalMongo('as compose.yaml starts it', ({ uri }) => {
    const [database, keyDatabase] = [freshDatabase(uri), freshDatabase(uri)];
    afterAll(() => Promise.all([database.drop(), keyDatabase.drop()]));

    test('migrates with its command there, and then lives as it does without', async () => {
      const { migrate, memwarden } = compose();
      // The names of the databases are ours: those of the file would be shared by all who run the tests.
      const place = await container(built, {
        ...memwarden.environment,
        MONGODB_URI: database.uri,
        MEMWARDEN_KEYS_URI: keyDatabase.uri,
      });
      try {
        expect(await place.start(migrate.command ?? []).ended).toMatchObject({ code: 0, err: '' });
        await lives(place);
      } finally {
        place.remove();
      }
    }, 60_000);
  });
});

interface Service {
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

function compose(): { readonly migrate: Service; readonly memwarden: Service } {
  return (parse(file('compose.yaml'), { merge: true }) as { services: ReturnType<typeof compose> }).services;
}

interface PodContainer {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom?: readonly { readonly secretRef: { readonly name: string } }[];
}

/** The containers of the pods, and what the secret that the file tells one to make holds. */
function kubernetes(): { readonly containers: readonly PodContainer[]; readonly secret: Record<string, string> } {
  const text = file('deploy/kubernetes/memwarden.yaml');
  const [deployment] = parseAllDocuments(text, { merge: true })
    .map((document) => document.toJS() as { kind: string; spec: { template: { spec: Pod } } })
    .filter(({ kind }) => kind === 'Deployment');
  interface Pod {
    readonly containers: readonly PodContainer[];
    readonly initContainers: readonly PodContainer[];
  }
  const pod = deployment?.spec.template.spec;
  const secret = [...text.matchAll(/--from-literal=([A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [
    name,
    value === '...'
      ? 'mongodb://mongo.example:27017/memwarden?replicaSet=rs0'
      : value.replace('...', 'https://vault.example/v1/transit/keys/memwarden'),
  ]);
  return {
    containers: [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])],
    secret: Object.fromEntries(secret) as Record<string, string>,
  };
}

/** The settings of a server that is started so, as the server itself checks them. */
function checked(command: readonly string[], environment: Readonly<Record<string, string>>) {
  const [node, main, serve, ...argv] = command;
  expect([node, main, serve]).toEqual(['node', 'dist/cli/main.js', 'serve']);
  const flags: Record<string, unknown> = {};
  for (let at = 0; at < argv.length; at += 1) {
    const name = (argv[at] ?? '').replace(/^--/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const value = argv[at + 1]?.startsWith('--') === false ? argv[(at += 1)] : true;
    flags[name] = name === 'port' ? Number(value) : value;
  }
  const config = loadServerConfig({ flags, environment: { ...IMAGE.env, ...environment } });
  return { config, settings: toSettings(wardenOptionsOf(config)) };
}

describe('What the files of a deployment say to the server', () => {
  test('passes its own checks in compose.yaml, and is what they mean', () => {
    const { memwarden, migrate } = compose();
    expect(memwarden.environment).toEqual(migrate.environment);
    const { config, settings } = checked(memwarden.command ?? IMAGE.command, memwarden.environment);
    expect(config).toMatchObject({ host: '0.0.0.0', port: 8420, behindProxy: true });
    expect(settings.store).toMatchObject({ kind: 'mongodb', uri: 'mongodb://mongo:27017/memwarden?replicaSet=rs0' });
    expect(() => checked(IMAGE.command, { ...memwarden.environment, MEMWARDEN_NO_SUCH: '1' })).toThrow();
  });

  test('passes its own checks in the manifest of Kubernetes, in every container of it', () => {
    const { containers, secret } = kubernetes();
    expect(containers.map(({ name }) => name)).toEqual(['migrate', 'memwarden']);
    expect(Object.keys(secret)).toEqual(['MONGODB_URI', 'MEMWARDEN_KMS']);
    for (const { name, command, args, env = [] } of containers) {
      expect(command).toBeUndefined();
      const environment = { ...secret, ...Object.fromEntries(env.map((one) => [one.name, one.value])) };
      const serving = name === 'migrate' ? IMAGE.command : (args ?? IMAGE.command);
      const { settings } = checked(serving, environment);
      expect(settings.store.kind).toBe('mongodb');
      expect(settings.keys.ledger.startsWith(`${IMAGE.volume}/`)).toBe(true);
      if (name === 'migrate') expect(args).toEqual(compose().migrate.command);
    }
  });
});
