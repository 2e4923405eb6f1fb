import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Alarms } from '../../../src/metrics/alarms.js';
import { LEVELS, type Level } from '../../../src/model/levels.js';
import { compareText } from '../../../src/model/text.js';
import { openEmbedding } from '../../../src/search/embedder/open.js';
import { QuerySemantics } from '../../../src/search/vectors/semantics.js';
import { startEmbeddingServer, type EmbeddingServer } from '../../support/embedding-server.js';
import { outcome } from '../../support/warden.js';

let server: EmbeddingServer;
beforeAll(async () => {
  server = await startEmbeddingServer(8, ['food=vegetarian']);
});
afterAll(() => server.close());

const open = (maxLevel?: Level) => {
  const options = { kind: 'http', url: server.url, model: 'm', disclose: maxLevel ? { maxLevel } : {} } as const;
  return openEmbedding(options, new Alarms(), () => new Date());
};

describe('The vector of a query', () => {
  test('S27: the words of a query leave as a private memory does, and else are not sent', async () => {
    for (const maxLevel of [undefined, ...LEVELS]) {
      server.texts.length = 0;
      const semantics = new QuerySemantics(open(maxLevel), () => new Date());
      const leaves = maxLevel === 'private' || maxLevel === 'sensitive';
      const sent = await outcome(() => semantics.embedQuery('food'));
      expect(sent instanceof Float32Array ? 'sent' : sent).toBe(leaves ? 'sent' : 'embedder_unavailable');
      expect(server.texts).toEqual(leaves ? ['food'] : []);
      expect(semantics.recipient).toBe(leaves ? new URL(server.url).origin : undefined);
    }
  });

  test('finds by meaning what shares no word with it', async () => {
    const embedding = open('private');
    const { embedder } = embedding;
    const semantics = new QuerySemantics(embedding, () => new Date());
    const side = semantics.makeSide();
    const texts = ['vegetarian', 'bank', 'paris'];
    const vectors = await embedder.embed(texts, 'passage');
    vectors.forEach((vector, i) => side.set(texts[i] as string, embedder.modelId, vector));
    const [first] = side.top(await semantics.embedQuery('food'), 3, compareText);
    expect(first).toMatchObject({ id: 'vegetarian', cosine: expect.closeTo(1, 5) });
  });
});
