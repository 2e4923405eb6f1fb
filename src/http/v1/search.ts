import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Explainable } from '../../memory/scoped-memory.js';
import type { ContextOptions, SearchOptions } from '../../memory/searching.js';
import { operation, type Operations } from './operation.js';
import { explanation, explainBody } from './schemas/explanation.js';
import { user } from './schemas/memory.js';
import { contextBody, foundContext, found, searchBody } from './schemas/search.js';

/** What a search may answer beside. */
export const OF_SEARCHES = [
  'embedder_missing',
  'embedder_unavailable',
  'embedder_timeout',
  'embedder_busy',
  'embedder_refused',
  'owner_key_required',
] as const;

/** Finding memories by what they say, and saying why one is seen or not. */
export const searchOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'searchMemories',
    method: 'POST',
    path: '/v1/users/{user}/memories/search',
    tag: 'memories',
    summary: 'The memories that answer a query best.',
    description: 'Scores are absolute, from 0 to 1, and depend on nothing that the principal may not read.',
    params: user,
    body: searchBody,
    answers: { 200: { description: 'The hits, the best first.', schema: found } },
    problems: OF_SEARCHES,
    async handle({ memory, body: { query, ...options } }) {
      return { hits: await memory.search(query, options as SearchOptions) };
    },
  });

  operation(app, parts, {
    id: 'makeContext',
    method: 'POST',
    path: '/v1/users/{user}/context',
    tag: 'memories',
    summary: 'The memories for a prompt, as text that marks them as data.',
    params: user,
    body: contextBody,
    answers: { 200: { description: 'The text, and the memories that it tells.', schema: foundContext } },
    problems: OF_SEARCHES,
    handle: ({ memory, body: { query, ...options } }) => memory.context(query, options as ContextOptions),
  });

  operation(app, parts, {
    id: 'explain',
    method: 'POST',
    path: '/v1/users/{user}/explain',
    tag: 'memories',
    summary: 'Why an action on a memory is allowed or denied: which rule decided, and why the others did not.',
    description:
      'Of a stored memory by its `id`, or of a `record` that is handed in, with the names of docs/record.md.',
    params: user,
    body: explainBody,
    answers: { 200: { description: 'The decision.', schema: explanation } },
    problems: ['not_found'],
    handle({ memory, body: { id, record, action } }) {
      if ((id === undefined) === (record === undefined))
        throw new MemwardenError('invalid_argument', { argument: 'body.id' });
      const what = id ?? ({ record } as Explainable);
      return memory.explain(what, action);
    },
  });
};
