import '../support/fresh-lmdb.js';
import { afterEach, expect, test } from '@jest/globals';
import { startEmbeddingServer, type EmbeddingServer } from '../support/embedding-server.js';
import { ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';

let server: EmbeddingServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describeOnEachStore('Where the log cannot be written', (open) => {
  test('S24, S27, G18: no text leaves and nothing is released; sensitive text and raised text never leave', async () => {
    server = await startEmbeddingServer(8);
    const { warden, watch } = await open({
      embedder: { kind: 'http', url: server.url, model: 'm', disclose: { maxLevel: 'private' } },
    });
    const admin = warden.scope(ADMIN, 'alice');
    const { id } = await admin.add({ content: 'a plain boat' });
    await admin.add({ content: 'She takes insulin', level: 'public' });
    await admin.add({ content: 'a secret garden', level: 'sensitive' });
    await admin.update(id, { content: 'the boat, and metformin' });
    await warden.embed();
    expect(server.texts).toEqual(['a plain boat']);
    watch.append = () => {
      throw new Error('full');
    };
    const before = server.texts.length;
    const calls = [
      () => admin.search('boat'),
      () => admin.search('boat', { mode: 'semantic' }),
      () => admin.context('boat'),
      () => admin.add('another boat'),
      () => admin.get(id),
      () => admin.list(),
      () => admin.count(),
      () => admin.explain(id),
      () => admin.history(id),
      () => warden.embed(),
      () => warden.audit(ADMIN).query(),
    ];
    for (const call of calls) expect(await outcome(call)).toBe('audit_unavailable');
    expect(server.texts).toHaveLength(before);
  });

  test('the log is shown to nobody but who may audit, and a refused look is recorded', async () => {
    const { warden } = await open();
    const trail = warden.audit(agentOf('alice'));
    const calls = [
      () => trail.query(),
      () => trail.report('alice'),
      () => trail.verify(),
      () => trail.checkpoint(),
      () => trail.dump('/nonexistent'),
      () => trail.prune(new Date()),
    ];
    for (const call of calls) expect(await outcome(call)).toBe('forbidden');
    expect(await warden.audit(ADMIN).query({ outcome: 'denied' })).toHaveLength(calls.length);
  });

  test('S27: nothing leaves for a call that is refused, nor without `disclose`', async () => {
    server = await startEmbeddingServer(8);
    const embedder = { kind: 'http', url: server.url, model: 'm' } as const;
    const { warden } = await open({ embedder });
    await warden.scope(ADMIN, 'alice').add('x');
    expect(await outcome(() => warden.scope(ADMIN, 'alice').search('x', { mode: 'semantic' }))).toBe(
      'embedder_unavailable',
    );
    const { warden: other } = await open({ embedder: { ...embedder, disclose: { maxLevel: 'sensitive' } } });
    expect(await outcome(() => other.scope(agentOf('bob'), 'alice').search('my secret'))).toBe('forbidden');
    expect(await outcome(() => other.scope(agentOf('bob'), 'alice').add('my secret'))).toBe('forbidden');
    expect(server.texts).toEqual([]);
  });
});
