import { describe, expect, test } from '@jest/globals';
import { cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../../src/config/options.js';
import { MemwardenError } from '../../../src/errors/memwarden-error.js';
import { ReadinessProbe } from '../../../src/http/serve/readiness.js';
import { servicesOf } from '../../../src/internals.js';
import { inFolder } from '../../cli/in-process.js';
import { startedServer } from './running.js';

const readyz = async (url: string) => {
  const answer = await fetch(`${url}/readyz`, { headers: { connection: 'close' } });
  return [answer.status, (await answer.json()) as unknown] as const;
};
const OK = { policies: 'ok', store: 'ok', audit: 'ok', running: 'ok' };

describe('/readyz', () => {
  test('S5: is red while a failed reload of the policies is served from the last good set, and says so alone', async () => {
    await inFolder(async (folder) => {
      const policies = join(folder, 'policies');
      cpSync(PACKAGED_POLICIES, policies, { recursive: true });
      let now = Date.UTC(2026, 0, 1);
      const server = await startedServer([], { policies }, { clock: () => new Date(now) });
      try {
        expect(await readyz(server.url)).toEqual([200, { ready: true, checks: OK }]);
        writeFileSync(join(policies, 'agent.yaml'), 'role: agent\nrules: 5\n');
        await server.warden.reloadPolicies().catch(() => undefined);
        now += 5_000;
        expect(await readyz(server.url)).toEqual([503, { ready: false, checks: { ...OK, policies: 'failed' } }]);
      } finally {
        await server.end();
      }
    });
  });

  test('asks at most once in 2 seconds, however often it is asked', async () => {
    let now = Date.UTC(2026, 0, 1);
    const server = await startedServer([], {}, { clock: () => new Date(now) });
    try {
      const { values } = servicesOf(server.warden);
      const written = async () => (await values.get('readiness', 'written'))?.value;
      await Promise.all(Array.from({ length: 20 }, () => readyz(server.url)));
      expect(await written()).toBe('1');
      now += 2_000;
      await readyz(server.url);
      expect(await written()).toBe('2');
    } finally {
      await server.end();
    }
  });

  test('is red where the store cannot be written', async () => {
    let now = Date.UTC(2026, 0, 1);
    const server = await startedServer([], {}, { clock: () => new Date(now) });
    try {
      const services = servicesOf(server.warden);
      let fails = true;
      const add: typeof services.values.add = (...args) =>
        fails ? Promise.reject(new MemwardenError('store_unavailable')) : services.values.add(...args);
      const probe = new ReadinessProbe(server.warden, {
        ...services,
        values: Object.assign(Object.create(services.values), { add }),
      });
      expect(await probe.ask()).toEqual({ ready: false, checks: { ...OK, store: 'failed' } });
      fails = false;
      now += 2_000;
      expect(await probe.ask()).toEqual({ ready: true, checks: OK });
    } finally {
      await server.end();
    }
  });

  test('G18: is red once the audit log was not written, and green again when a record of its own is', async () => {
    let fails = false;
    const collector = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(fails ? 503 : 200).end());
    });
    await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
    let now = Date.UTC(2026, 0, 1);
    const audit = { 'audit.sinks': [{ kind: 'http', url, required: true }], 'audit.timeoutMs': 200 };
    const server = await startedServer([], audit, { clock: () => new Date(now) });
    const ask = async () => {
      now += 2_000;
      return readyz(server.url);
    };
    try {
      expect(await ask()).toEqual([200, { ready: true, checks: OK }]);
      fails = true;
      // Nothing was asked of the log since: it is as well as it was.
      expect(await ask()).toEqual([200, { ready: true, checks: OK }]);
      const alice = server.warden.scope({ id: 'boss', role: 'admin' }, 'alice');
      await expect(alice.list()).rejects.toMatchObject({ code: 'audit_unavailable' });
      expect(await ask()).toEqual([503, { ready: false, checks: { ...OK, audit: 'failed' } }]);
      fails = false;
      let answer = await ask();
      // The sink tries again when its time has come.
      for (let tried = 0; tried < 50 && answer[0] !== 200; tried += 1) {
        await new Promise((done) => setTimeout(done, 100));
        answer = await ask();
      }
      expect(answer).toEqual([200, { ready: true, checks: OK }]);
    } finally {
      await server.end();
      await new Promise((done) => collector.close(done));
    }
  });

  test('an idle log is tried with a record of its own every five minutes, and no more often', async () => {
    let now = Date.UTC(2026, 0, 1);
    const server = await startedServer([], {}, { clock: () => new Date(now) });
    const records = () => server.warden.auditCounters.records;
    try {
      await readyz(server.url);
      const before = records();
      now += 299_000;
      await readyz(server.url);
      expect(records()).toBe(before);
      now += 2_000;
      await readyz(server.url);
      expect(records()).toBe(before + 1);
    } finally {
      await server.end();
    }
  });
});
