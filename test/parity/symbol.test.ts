import { BSONSymbol } from 'mongodb';
import { expect, test } from '@jest/globals';
import { describeOnMongoParity } from './describe.js';
import { soundDocument, unspoiled, withoutExpiry } from './documents.js';
import { Random } from './random.js';
import { STRING_FIELDS, type WrittenPolicy } from './rules.js';
import { makeSubject } from './subject.js';
import { NOW } from './values.js';

const READS_ALL: WrittenPolicy = {
  role: 'all',
  rules: [{ id: 'all', action: 'read', subject: 'Memory', reason: 'Everything.' }],
};

describeOnMongoParity('BSON symbols', (store) => {
  // The driver reads a symbol as a string, so the decision alone would not notice.
  test.each([...STRING_FIELDS, 'sensitivity'])(
    'S1: a symbol in %s, which the driver reads as a string, is refused by the query',
    async (field) => {
      const random = new Random(1);
      const optional = { agent_id: 'a', app_id: 'a', session_id: 'a' };
      const twins = ['sound', 'symbol'].map((tag) =>
        withoutExpiry({ ...soundDocument(random, 'alice', tag), ...optional }),
      );
      const symbol = twins[1] as Record<string, unknown>;
      symbol[field] = new BSONSymbol(String(symbol[field]));
      const stored = await store().refill(twins.map((document) => unspoiled('alice', document)));
      expect(stored.map(({ record }) => typeof record[field])).toEqual(['string', 'string']);

      const subject = await makeSubject(store().planned);
      await subject.use([{ file: 'all.yaml', text: JSON.stringify(READS_ALL) }]);
      const access = subject.guard.access({ id: 'p', role: 'all' }, 'alice');
      const query = access.query(access.binding(), [{ action: 'read' }], NOW);
      expect((await store().planned.find(query, 10)).map(({ content }) => content)).toEqual(['sound']);
      expect(await store().planned.count(query)).toBe(1);
    },
  );
});
