import type { FastifyInstance } from 'fastify';
import { MemwardenError } from '../errors/memwarden-error.js';
import { jsonFlaw, valuesIn } from './json-flaw.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

/**
 * Has a server take bodies of JSON and nothing else: valid UTF-8, no key twice, no key of a prototype, not too deep,
 * and no more keys, items and values than can be checked in a moment. A body of no bytes is none.
 */
export function takeJson(app: FastifyInstance, maxDepth: number): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
    const [, charset = 'utf-8'] = CHARSET.exec(type) ?? [];
    if (!/^utf-?8$/i.test(charset) || encoding.toLowerCase() !== 'identity')
      return void done(new MemwardenError('unsupported_media_type'), undefined);
    if (body.length === 0) return void done(null, undefined);
    const text = decoded(body);
    if (text === undefined)
      return void done(new MemwardenError('request_malformed', { reason: 'not UTF-8' }), undefined);
    const flaw = jsonFlaw(text, maxDepth, valuesIn(request.routeOptions.bodyLimit));
    if (flaw) return void done(flaw, undefined);
    void parse(request, text, (error, value) => {
      if (error) done(new MemwardenError('request_malformed', { reason: reasonFor(text) }), undefined);
      else done(null, value);
    });
  });
}

// The parser says no more than that it does not take a text.
function reasonFor(text: string): string {
  try {
    JSON.parse(text);
    return 'a key that is not taken: __proto__, or constructor with a prototype';
  } catch {
    return 'not JSON';
  }
}

function decoded(body: Buffer): string | undefined {
  try {
    return UTF8.decode(body);
  } catch {
    return undefined;
  }
}
