import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { authenticating } from '../../src/identity/authenticate.js';
import { servicesOf } from '../../src/internals.js';
import { speakOverStdio } from '../../src/mcp/stdio.js';
import { createWarden, type Warden } from '../../src/warden.js';
import type { WardenOptions } from '../../src/config/options.js';
import type { NewCredential } from '../../src/compliance/credential-admin.js';
import { build, type Built } from '../cli/built.js';
import { cli } from '../cli/in-process.js';
import { codeOf, data, ERAS, nameOf, type Era } from './support.js';

const ADMIN = { id: 'boss', role: 'admin' };

describe('memwarden mcp', () => {
  let built: Built;
  let folder: string;
  let warden: Warden;
  let key: string;
  const env = (given: Record<string, string>) => ({ PATH: process.env['PATH'] ?? '', ...given });
  const options = (): WardenOptions => {
    const path = join(folder, '.memwarden');
    return {
      store: { kind: 'embedded', path: join(path, 'data') },
      keys: { kms: `local:${join(path, 'keys', 'kek')}`, store: { kind: 'embedded', path: join(path, 'keystore') } },
    };
  };
  const keyFor = async (credential: NewCredential) => (await warden.credentials.create(ADMIN, credential)).key;

  beforeAll(async () => {
    built = await build();
    folder = mkdtempSync(join(tmpdir(), 'memwarden-mcp-'));
    // A server of the same host has the store open at the same time.
    warden = await createWarden(options());
    key = await keyFor({ role: 'agent', users: ['alice'] });
    await warden.scope(ADMIN, 'alice').add('alice keeps bees');
    await warden.scope(ADMIN, 'bob').add('bob keeps wasps');
  });
  afterAll(async () => {
    await warden.close();
    await built.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function client(
    args: readonly string[],
    given: Record<string, string>,
    era: Era = 'legacy',
  ): Promise<{ client: Client; err: () => string; pid: number }> {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [built.main, 'mcp', ...args],
      cwd: folder,
      env: env(given),
      stderr: 'pipe',
    });
    let err = '';
    (transport.stderr as Readable).on('data', (chunk: Buffer) => (err += chunk.toString()));
    const one = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: era } });
    await one.connect(transport);
    return { client: one, err: () => err, pid: transport.pid ?? 0 };
  }

  // A process that is spoken to by hand.
  function spoken(
    lines: readonly unknown[],
    given: Record<string, string>,
    args: readonly string[] = [],
    answers = lines.length,
  ): Promise<{ code: number | null; out: string; err: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [built.main, 'mcp', ...args], { cwd: folder, env: env(given) });
      let out = '';
      let err = '';
      const end = () => out.split('\n').length > answers && child.stdin.end();
      child.stdout.on('data', (chunk: Buffer) => ((out += chunk.toString()), end()));
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      child.stdin.on('error', () => undefined);
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
      for (const line of lines) child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
      if (answers === 0) child.stdin.end();
    });
  }

  test.each(ERAS.map((era) => [nameOf(era), era] as const))(
    'speaks %s as the holder of the key: adds, finds, reads, changes, deletes and explains that user\u2019s memories',
    async (_name, era) => {
      const { client: alice, err } = await client([], { MEMWARDEN_API_KEY: key }, era);
      expect((await alice.listTools()).tools).toHaveLength(8);
      const { memory } = await data(alice, 'memory_add', { content: 'alice sails at weekends' });
      const { hits } = await data(alice, 'memory_search', { query: 'sails' });
      expect(hits[0]!.memory).toEqual(memory);
      expect((await data(alice, 'memory_get', { id: memory.id })).memory).toEqual(memory);
      expect((await alice.readResource({ uri: `memory://${memory.id}` })).contents).toHaveLength(1);
      await data(alice, 'memory_update', { id: memory.id, content: 'alice rows at weekends' });
      expect((await data(alice, 'memory_explain', { id: memory.id })).allowed).toBe(true);
      expect((await data(alice, 'memory_list')).memories).toHaveLength(2);
      expect((await alice.listResources()).resources).toHaveLength(2);
      await data(alice, 'memory_delete', { id: memory.id });
      expect(await codeOf(alice, 'memory_get', { id: memory.id })).toBe('not_found');
      expect(await codeOf(alice, 'memory_list', { user_id: 'bob' })).toBe('invalid_argument');
      await alice.close();
      expect(err()).toBe('memwarden mcp: not_found\nmemwarden mcp: invalid_argument\n');
    },
  );

  test('a key for several users names one on the command line, and reaches no other', async () => {
    const several = await keyFor({ role: 'agent', users: ['alice', 'bob'] });
    const { client: bob } = await client(['--on-behalf-of', 'bob'], { MEMWARDEN_API_KEY: several });
    expect((await data(bob, 'memory_list')).memories).toMatchObject([{ userId: 'bob' }]);
    await bob.close();
    const none = await spoken([], { MEMWARDEN_API_KEY: several }, [], 0);
    expect([none.code, none.out]).toEqual([2, '']);
    const other = await spoken([], { MEMWARDEN_API_KEY: several }, ['--on-behalf-of', 'carol'], 0);
    expect([other.code, other.out]).toEqual([3, '']);
    const refused = await warden.audit(ADMIN).query({ outcome: 'denied' });
    expect(refused.at(-1)).toMatchObject({ door: 'mcp', act: 'on_behalf_of' });
  });

  test('the key comes from the environment or a file, never from the command line, and a wrong one is refused', async () => {
    const file = join(folder, 'key');
    writeFileSync(file, `${key}\n`);
    chmodSync(file, 0o600);
    const { client: alice } = await client(['--api-key-file', file], {});
    expect((await data(alice, 'memory_list')).memories).toHaveLength(1);
    await alice.close();
    const wrong = `${key.slice(0, -4)}AAAA`;
    const refused = await spoken([], { MEMWARDEN_API_KEY: wrong }, [], 0);
    expect([refused.code, refused.out]).toEqual([3, '']);
    expect(refused.err).not.toContain(wrong.slice(16));
    // These are refused before a store is opened.
    for (const [given, args, code] of [
      [{}, [], 3],
      [{ MEMWARDEN_API_KEY: key }, ['--api-key-file', file], 2],
      [{ MEMWARDEN_API_KEY_FILE: join(folder, 'no-such-file') }, [], 2],
      [{}, ['--api-key', key], 2],
      [{}, [key], 2],
    ] as const) {
      const ended = await cli(['mcp', ...args], { env: given });
      expect([args, ended.exit, ended.out]).toEqual([args, code, '']);
      expect(ended.err).not.toContain(key.slice(16));
    }
  });

  test('a key that is revoked is refused at the next request of the same connection', async () => {
    const brief = await keyFor({ role: 'agent', users: ['alice'] });
    const { client: alice } = await client([], { MEMWARDEN_API_KEY: brief });
    expect((await data(alice, 'memory_list')).memories).toHaveLength(1);
    for (const { id, prefix } of await warden.credentials.list(ADMIN))
      if (brief.includes(prefix)) await warden.credentials.revoke(ADMIN, id);
    expect(await codeOf(alice, 'memory_list')).toBe('unauthenticated');
    const refused = await warden.audit(ADMIN).query({ outcome: 'denied' });
    expect(refused.at(-1)).toMatchObject({ door: 'mcp', act: 'authenticate' });
    await expect(alice.listTools()).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    await expect(alice.listResources()).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    await alice.close();
  });

  test('stdout carries the protocol alone, stderr no content, and the process ends when stdin does', async () => {
    const hello = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    };
    const tool = (id: number, name: string, args: unknown) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: args },
    });
    const { code, out, err } = await spoken(
      [
        'swordfish is no JSON',
        { swordfish: 'is no message' },
        hello,
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        tool(2, 'memory_add', { content: 'swordfish for dinner' }),
        tool(3, 'memory_get', { id: 'swordfish' }),
        '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"memory_list","arguments":{"__proto__":{"x":1}}}}',
        tool(5, 'memory_list', { swordfish: 1 }),
        tool(6, 'swordfish', {}),
        [tool(7, 'memory_list', {}), tool(8, 'memory_list', {})],
      ],
      { MEMWARDEN_API_KEY: key },
      [],
      6,
    );
    expect(code).toBe(0);
    const messages = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { jsonrpc: string; id: number; result?: { isError?: boolean } });
    expect(messages.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true);
    expect(messages.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(
      messages
        .filter(({ result }) => result?.isError)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([3, 5]);
    expect(err).toMatch(/^(?:memwarden mcp: [a-z_]+\n)+$/);
    expect(err).not.toContain('swordfish');
  });

  test('a write that is under way when the input ends is ended before the store may be closed', async () => {
    const own = await createWarden(options());
    const input = new PassThrough();
    const output = new PassThrough();
    const { apiKeys, refusals } = servicesOf(own);
    const real = authenticating(apiKeys);
    let asked = 0;
    const served = speakOverStdio({
      warden: own,
      // The first look is that of the start, the second that of the write.
      authenticate: async (authorization) => {
        const caller = await real(authorization);
        asked += 1;
        if (asked === 2) input.end();
        return caller;
      },
      refusals,
      credential: key,
      input,
      output: output.resume(),
      failed: () => undefined,
    });
    const params = { name: 'memory_add', arguments: { content: 'late', category: 'late' } };
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
    await served;
    await own.close();
    expect(await warden.scope(ADMIN, 'alice').count({ category: 'late' })).toBe(1);
    const records = (await warden.audit(ADMIN).query({})).filter(({ door }) => door === 'mcp');
    expect(records.at(-1)).toMatchObject({ action: 'create', phase: 'result', outcome: 'allowed' });
    expect(asked).toBe(2);
  });
});
