import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { node, npm, ROOT, type Packed } from './packed.js';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

const PROGRAM = `
import { createClient, type Client, type Memory as WireMemory } from 'memwarden/client';
import { createWarden, isMemwardenError, LEVELS, type Memory, type Principal, type WardenOptions } from 'memwarden';

const options: WardenOptions = { store: { kind: 'embedded', path: './data' } };
const agent: Principal = { id: 'assistant', role: 'agent', userId: 'alice' };

const warden = await createWarden(options);
const memories = warden.scope(agent, 'alice');
const added: Memory = await memories.add('Alice is vegetarian.', { level: 'private' });
const found: Memory | null = await memories.get(added.id);
let refused = '';
try {
  await warden.scope(agent, 'bob').list();
} catch (error) {
  if (isMemwardenError(error, 'forbidden')) refused = error.code;
}
await warden.close();
// Nothing listens there: the client is compiled and tried, what it does is shown over a socket in test/http.
const client: Client = createClient({ baseUrl: 'http://127.0.0.1:9', key: 'mw_x_y' });
const answer = await client
  .GET('/v1/users/{user}/memories/{id}', { params: { path: { user: 'alice', id: added.id } } })
  .catch(() => undefined);
const wire: WireMemory | undefined = answer?.data;
console.log(JSON.stringify([found?.content, refused, LEVELS, wire === undefined]));
`;

// Each line after the first must be an error: a forgotten principal or user does not compile.
const MISTAKES = `
import { createWarden, type Principal } from 'memwarden';
import { createClient } from 'memwarden/client';
const warden = await createWarden();
const agent: Principal = { id: 'assistant', role: 'agent' };
// @ts-expect-error no user
warden.scope(agent);
// @ts-expect-error no principal
warden.scope('alice');
// @ts-expect-error no role
warden.scope({ id: 'assistant' }, 'alice');
// @ts-expect-error a deletion without a filter
await warden.scope(agent, 'alice').deleteMany();
// @ts-expect-error deleteAll takes nothing
await warden.scope(agent, 'alice').deleteAll({ category: 'work' });
// @ts-expect-error no such level
await warden.scope(agent, 'alice').add('text', { level: 'secret' });
// @ts-expect-error reading across users
warden.list();
// @ts-expect-error no such path
await createClient({ baseUrl: '', key: '' }).GET('/v1/memories');
`;

function canInstall(): boolean {
  try {
    npm(['view', 'mongodb', 'version', '--fetch-retries=0', '--fetch-timeout=10000'], ROOT);
    return true;
  } catch {
    const rule = '!'.repeat(110);
    const lines = [
      'The package CONSUMER suite is SKIPPED: the npm registry cannot be reached.',
      'Nothing shows here that the package installs.',
    ];
    process.stderr.write(`\n${[rule, ...lines.map((line) => `!! ${line}`), rule].join('\n')}\n\n`);
    return false;
  }
}

/** What a project has that installs the tarball from a registry. */
export function describeConsumer(packed: () => Packed): void {
  const name = 'a project that installs the package';
  const [on, title] = canInstall()
    ? [describe, name]
    : [describe.skip, `SKIPPED, the npm registry cannot be reached: ${name}`];
  on(title, () => {
    let consumer: string;

    // What the compiler complains of; asked once, for it takes its time.
    let complaints: string | undefined;
    const compile = (): string => (complaints ??= output(() => node([TSC, '-p', '.'], consumer)));

    beforeAll(() => {
      consumer = join(packed().folder, 'consumer');
      mkdirSync(consumer);
      const write = (name: string, text: string) => writeFileSync(join(consumer, name), text);
      write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
      write('main.ts', PROGRAM);
      write('mistakes.ts', MISTAKES);
      const compilerOptions = {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        skipLibCheck: false,
        outDir: 'out',
      };
      const typeRoots = [join(ROOT, 'node_modules/@types')];
      write('tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, typeRoots, types: ['node'] } }));
      npm(['install', '--prefer-offline', '--no-audit', '--no-fund', packed().tarball], consumer);
    }, 600_000);

    test('compiles against its types, libraries checked, and what must not compile does not', () => {
      expect(compile()).toBe('');
    }, 120_000);

    test('runs: adds, reads, and is refused another user', () => {
      compile();
      const said = node(['out/main.js'], consumer);
      expect(JSON.parse(said)).toEqual(['Alice is vegetarian.', 'forbidden', ['public', 'private', 'sensitive'], true]);
    }, 120_000);

    test('reaches the schema of policies, and nothing inside the package', () => {
      const ask = (name: string) =>
        node(['--input-type=module', '-e', `console.log(import.meta.resolve('${name}'))`], consumer);
      expect(ask('memwarden/schema/policy.json')).toMatch(/policies\/schema\.json\s*$/);
      for (const inside of [
        'memwarden/dist/warden.js',
        'memwarden/dist/guard/guard.js',
        'memwarden/dist/store/mongodb/driver.js',
      ]) {
        expect(() => ask(inside)).toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
      }
    });

    test('gets one copy of the mongodb driver, for overrides of this project are not its own', () => {
      const { version } = JSON.parse(readFileSync(join(consumer, 'node_modules/mongodb/package.json'), 'utf8')) as {
        version: string;
      };
      const pinned = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
        dependencies: Record<string, string>;
      };
      expect(version).toBe(pinned.dependencies['mongodb']);
      expect(() => readFileSync(join(consumer, 'node_modules/mongoose/node_modules/mongodb/package.json'))).toThrow(
        /ENOENT/,
      );
    });
  });
}

function output(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}
