import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mem0 } from '../../../src/mem0/index.js';
import { receiver, stall, status, type Receiver } from '../../mem0/receiver.js';
import { startedServer, type Started } from './running.js';

describe('A server that is told where webhooks may go', () => {
  let hooks: Receiver;
  let server: Started;
  beforeEach(async () => {
    hooks = await receiver();
    server = await startedServer([mem0], {
      'mem0.webhooks.allow': [hooks.origin],
      'mem0.webhooks.timeoutMs': 1_000,
      'mem0.webhooks.retryMs': [60_000],
      'metrics.port': 0,
    });
  });
  afterEach(async () => {
    await server.end();
    await hooks.close();
  });

  const send = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Token ${server.key}`, 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  const addOne = () =>
    send('POST', '/v3/memories/add/', { messages: [{ role: 'user', content: 'tea' }], user_id: 'alice' });
  async function hook(): Promise<void> {
    const { project_id } = await send('GET', '/v1/ping/');
    const body = { name: 'w', url: `${hooks.origin}/`, event_types: ['memory_add'] };
    expect(await send('POST', `/api/v1/webhooks/projects/${String(project_id)}/`, body)).toMatchObject({
      is_active: true,
    });
  }
  async function metric(line: RegExp): Promise<void> {
    for (;;) {
      const text = await (await fetch(`${String(server.metricsUrl)}/metrics`)).text();
      if (line.test(text)) return;
      await sleep(10);
    }
  }

  test('delivers them, and counts what became of them without a word of whose they were', async () => {
    hooks.next.push(status(200), status(404));
    await hook();
    await addOne();
    await addOne();
    await metric(/^memwarden_webhook_deliveries_total\{outcome="delivered"\} 1$/m);
    await metric(/^memwarden_webhook_deliveries_total\{outcome="failed"\} 1$/m);
    await metric(/^memwarden_webhook_attempts_total\{result="client_error"\} 1$/m);
    await metric(/^memwarden_webhook_waiting 0$/m);
    const text = await (await fetch(`${String(server.metricsUrl)}/metrics`)).text();
    expect(text).not.toContain('alice');
    expect(text).not.toContain(hooks.origin);
  });

  test('ends in bounded time while a receiver stalls and a delivery waits for its next attempt', async () => {
    hooks.next.push(status(500));
    hooks.always = stall;
    await hook();
    await addOne();
    await hooks.until(1);
    await addOne();
    await hooks.until(2);
    expect(await server.stop()).toBe(true);
  });
});
