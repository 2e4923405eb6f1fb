import { createHash } from 'node:crypto';
import type { OpenAPIV3_1 } from 'openapi-types';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a; }
code, pre { font: 13px/1.45 ui-monospace, monospace; } pre { background: #f4f4f4; padding: .6rem; overflow: auto; }
details { border: 1px solid #ccc; border-radius: 4px; margin: .4rem 0; padding: .3rem .7rem; } summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4.5rem; } td, th { text-align: left; padding: .1rem .8rem .1rem 0; vertical-align: top; }
`;

/** What a browser may do with the page: show it, in this style, and nothing else. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

type Operation = OpenAPIV3_1.OperationObject;
type Shared = NonNullable<OpenAPIV3_1.ComponentsObject['responses']>;
const METHODS = ['get', 'post', 'patch', 'delete'] as const;

/** The description as a page that needs neither a network nor scripts. */
export function pageOf(document: OpenAPIV3_1.Document): string {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => (item?.[method] ? [{ path, method, it: item[method] }] : [])),
  );
  const shared = document.components?.responses ?? {};
  const tags = [...new Set(operations.flatMap(({ it }) => it.tags ?? []))];
  const sections = tags.map((tag) => {
    const some = operations.filter(({ it }) => it.tags?.includes(tag));
    return `<h2>${escaped(tag)}</h2>\n${some.map(({ path, method, it }) => operation(path, method, it, shared)).join('\n')}`;
  });
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) => `<details id="${escaped(name)}"><summary>${escaped(name)}</summary>${json(schema)}</details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(document.info.title)} HTTP API</title>
<style>${STYLE}</style></head><body>
<h1>${escaped(document.info.title)} HTTP API, version ${escaped(document.info.version)}</h1>
${(document.info.description ?? '')
  .split('\n\n')
  .map((text) => `<p>${marked(text)}</p>`)
  .join('\n')}
<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</body></html>
`;
}

function operation(path: string, method: string, it: Operation, shared: Shared): string {
  const parameters = (it.parameters ?? []).flatMap((one) => ('name' in one ? [one] : []));
  const rows = parameters.map(
    ({ name, in: where, required, description = '' }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${escaped(where)}${required ? ', required' : ''}</td><td>${marked(description)}</td></tr>`,
  );
  const body = it.requestBody && 'content' in it.requestBody ? it.requestBody.content['application/json'] : undefined;
  const answers = Object.entries(it.responses ?? {}).map(([status, answer]) => {
    const name = '$ref' in answer ? answer.$ref.slice(answer.$ref.lastIndexOf('/') + 1) : undefined;
    const { description, content = {} } = (name === undefined ? answer : shared[name]) as OpenAPIV3_1.ResponseObject;
    const [first] = Object.values(content);
    const shown = Number(status) < 400 && first?.schema ? json(first.schema) : '';
    return `<tr><td>${escaped(status)}</td><td>${marked(description)}${shown}</td></tr>`;
  });
  return `<details id="${escaped(it.operationId ?? '')}"><summary><b>${method.toUpperCase()}</b> <code>${escaped(path)}</code> ${marked(it.summary ?? '')}</summary>
${it.description === undefined ? '' : `<p>${marked(it.description)}</p>`}
${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}
${body?.schema ? `<p>Body:</p>${json(body.schema)}` : ''}
<p>Answers:</p><table>${answers.join('')}</table></details>`;
}

function json(schema: object): string {
  return `<pre>${escaped(JSON.stringify(schema, null, 1).replace(/#\/components\/schemas\//g, ''))}</pre>`;
}

function marked(text: string): string {
  return escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
