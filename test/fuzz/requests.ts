import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;
interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Described {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: object }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, { readonly description: string }>>;
  };
}

/** A request that was made up from a description. */
export interface MadeRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The statuses, and for those of errors the codes, that the description lists. */
  readonly answers: ReadonlyMap<number, readonly string[] | undefined>;
}

/** What a run knows to be there: values that make more of the requests reach what they name. */
export interface Known {
  readonly users: readonly string[];
  readonly ids: readonly string[];
}

const DEEP = 6;

/** Requests to every operation of an OpenAPI document: mostly as its schemas say, at times with something else in a place. */
export function requestsOf(document: Document, known: Known): fc.Arbitrary<MadeRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, described]) => ({ path, method: method.toUpperCase(), described })),
  );
  return fc.oneof(...operations.map((one) => requestOf(document, known, one)));
}

function requestOf(
  document: Document,
  known: Known,
  { path, method, described }: { path: string; method: string; described: Described },
): fc.Arbitrary<MadeRequest> {
  const parameters = described.parameters ?? [];
  const values = parameters.map((parameter) => {
    const value =
      parameter.in === 'path'
        ? pathValue(parameter.name, known)
        : mutated(valueOf(document, parameter.schema, DEEP)).map((one) =>
            typeof one === 'string' ? one : JSON.stringify(one),
          );
    return parameter.in === 'path' ? value : fc.option(value, { nil: undefined, freq: 2 });
  });
  const schema = described.requestBody?.content['application/json']?.schema;
  const body = schema
    ? fc.oneof(
        { weight: 8, arbitrary: mutated(valueOf(document, schema, DEEP)).map((one) => JSON.stringify(one)) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
      )
    : fc
        .option(fc.constant('{}'), { nil: undefined, freq: 1 })
        .map((one) => (one === '{}' && method === 'GET' ? undefined : one));
  return fc.tuple(fc.tuple(...values), body).map(([found, text]) => {
    const given = parameters.map((parameter, n) => ({ parameter, value: found[n] }));
    const query = given
      .filter(({ parameter, value }) => parameter.in === 'query' && value !== undefined)
      .map(
        ({ parameter, value }) =>
          `${encodeURIComponent(parameter.name)}=${encodeURIComponent(String(value).toWellFormed())}`,
      );
    const headers = given
      .filter(({ parameter, value }) => parameter.in === 'header' && value !== undefined)
      .map(({ parameter, value }) => [
        parameter.name,
        String(value)
          .replace(/[^\x20-\x7e]/g, '?')
          .trim() || 'x',
      ]);
    const place = given
      .filter(({ parameter }) => parameter.in === 'path')
      .reduce((at, { parameter, value }) => at.replace(`{${parameter.name}}`, segment(String(value))), path);
    return {
      operation: described.operationId,
      method,
      path: `${place}${query.length > 0 ? `?${query.join('&')}` : ''}`,
      headers: {
        ...(Object.fromEntries(headers) as Record<string, string>),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(text === undefined ? {} : { body: text }),
      answers: answersOf(document, described),
    };
  });
}

// A segment of dots alone is another path to every client of HTTP.
const segment = (value: string) => encodeURIComponent(value.toWellFormed()).replace(/^\.{1,2}$/, 'dots');

function pathValue(name: string, { users, ids }: Known): fc.Arbitrary<string> {
  const likely = fc.constantFrom(...(name === 'user' ? users : ids));
  return fc.oneof(
    { weight: 6, arbitrary: likely },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }) },
  );
}

function valueOf(document: Document, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (typeof schema['$ref'] === 'string') {
    const name = schema['$ref'].slice(schema['$ref'].lastIndexOf('/') + 1);
    return depth === 0 ? fc.constant(null) : valueOf(document, document.components.schemas[name] ?? {}, depth - 1);
  }
  const any = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  if (any) return fc.oneof(...any.map((one) => valueOf(document, one, depth)));
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  switch (schema['type']) {
    case 'string':
      if (schema['format'] === 'date-time')
        return fc
          .date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2100-01-01') })
          .map((date) => date.toISOString());
      return fc.string({
        unit: 'grapheme',
        minLength: Number(schema['minLength'] ?? 0),
        maxLength: Math.min(Number(schema['maxLength'] ?? 40), 40),
      });
    case 'integer':
    case 'number':
      return fc.integer({
        min: Number(schema['minimum'] ?? 0),
        max: Math.min(Number(schema['maximum'] ?? 1_000), 100_000),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(document, (schema['items'] ?? {}) as Schema, depth), {
        minLength: Number(schema['minItems'] ?? 0),
        maxLength: 3,
      });
    case 'object':
      return objectOf(document, schema, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(document: Document, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const required = (schema['required'] ?? []) as string[];
  if (properties.length === 0)
    return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
  const record = Object.fromEntries(properties.map(([name, one]) => [name, valueOf(document, one, depth)]));
  return fc.record(record, { requiredKeys: required });
}

// One place in five requests holds something else than its schema says.
function mutated(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(
      { $ne: null },
      { $where: '1' },
      '',
      null,
      -1,
      1e300,
      '\u0000',
      '\ud800',
      'x'.repeat(5_000),
      [[[[]]]],
    ),
  );
  const spoilt = fc.tuple(value, wrong, fc.nat()).map(([one, other, at]) => {
    if (typeof one !== 'object' || one === null) return other;
    const keys = Object.keys(one);
    const key = keys.length > 0 ? keys[at % keys.length] : 'more';
    return Array.isArray(one) ? [...(one as unknown[]), other] : { ...one, [String(key)]: other };
  });
  return fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: spoilt });
}

function answersOf(
  { components }: Document,
  { responses }: Described,
): ReadonlyMap<number, readonly string[] | undefined> {
  return new Map(
    Object.entries(responses).map(([status, { $ref }]) => {
      const name = $ref?.slice($ref.lastIndexOf('/') + 1);
      return [Number(status), name === undefined ? undefined : components.responses[name]?.description.split(', ')];
    }),
  );
}
