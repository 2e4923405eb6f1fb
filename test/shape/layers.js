// The arrows of docs/architecture.md, as one table. eslint.config.js makes lint errors of them, test/shape tests.
import { posix } from 'node:path';

const BOTTOM = ['config', 'metrics', 'errors'];

/**
 * What each folder of src may import beside itself; `warden` and `index` are the files of that name. Imports point
 * down only, and the mechanisms (policy to classify) do not import one another. A folder that is missing may import
 * nothing.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const MAY_IMPORT = {
  cli: [
    'http',
    'mem0',
    'mcp',
    'index',
    'tenants',
    'internals',
    'warden',
    'wiring',
    'identity',
    'memory',
    'compliance',
    'workbench',
    'model',
    ...BOTTOM,
  ],
  // The server; mem0's interface and MCP's are registered with it.
  mem0: ['http', 'internals', 'warden', 'identity', 'memory', 'compliance', 'guard', 'model', ...BOTTOM],
  mcp: ['http', 'internals', 'warden', 'identity', 'memory', 'compliance', 'guard', 'model', ...BOTTOM],
  http: [
    'tenants',
    'internals',
    'warden',
    'identity',
    'memory',
    'compliance',
    'guard',
    'workbench',
    'model',
    ...BOTTOM,
  ],
  index: ['tenants', 'warden', 'identity', 'memory', 'compliance', 'guard', 'model', ...BOTTOM],
  // A warden for each tenant: above wardens, under the doors that are given one of them.
  tenants: ['internals', 'warden', 'wiring', 'identity', 'compliance', 'model', ...BOTTOM],
  // Runs elsewhere: it knows the server by its description alone.
  client: [],
  // What doors may ask of a warden that its users may not.
  internals: ['warden', 'identity', 'memory', 'compliance', 'model', ...BOTTOM],
  warden: [
    'wiring',
    'memory',
    'compliance',
    'guard',
    'policy',
    'store',
    'crypto',
    'search',
    'audit',
    'identity',
    'classify',
    'model',
    ...BOTTOM,
  ],
  // Parts of the composition root.
  wiring: [
    'memory',
    'compliance',
    'guard',
    'policy',
    'store',
    'crypto',
    'search',
    'audit',
    'identity',
    'model',
    ...BOTTOM,
  ],
  memory: ['guard', 'store', 'model', ...BOTTOM],
  compliance: ['guard', 'store', 'crypto', 'identity', 'model', ...BOTTOM],
  // Works on policies alone: it cannot reach data.
  workbench: ['policy', 'model', ...BOTTOM],
  guard: ['policy', 'store', 'search', 'model', ...BOTTOM],
  policy: ['model', ...BOTTOM],
  store: ['model', ...BOTTOM],
  crypto: ['model', ...BOTTOM],
  search: ['model', ...BOTTOM],
  audit: ['model', ...BOTTOM],
  identity: ['model', ...BOTTOM],
  classify: ['model', ...BOTTOM],
  // Options name levels and the clock. The model asks for no options, so that this makes no circle.
  config: ['model', 'metrics', 'errors'],
  model: ['metrics', 'errors'],
  metrics: [],
  errors: [],
};

/**
 * Who outside src/store may import which of its files (invariant 6, S16). What is not named here is the store's own.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const STORE_IMPORTERS = {
  'store/planned': ['guard/'],
  'store/partition': ['guard/'],
  'store/maintenance': [
    'memory/purge',
    'memory/embed',
    'compliance/erase/',
    'compliance/rotate',
    'compliance/encrypt-existing',
  ],
  'store/service': ['warden', 'wiring/'],
  'store/driver': ['warden', 'wiring/'],
  'store/of-tenant/driver': ['wiring/'],
  'store/of-tenant/keys': ['wiring/'],
  'store/embedded/driver': ['warden', 'wiring/'],
  'store/mongodb/driver': ['warden', 'wiring/'],
  'store/mongodb/roles': ['wiring/'],
  'store/mongodb/drop': ['wiring/'],
  'store/keys/embedded': ['wiring/'],
  'store/keys/mongodb': ['wiring/'],
};

/**
 * Packages that one folder alone may import.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const PACKAGE_HOMES = {
  mongodb: 'store',
  mongoose: 'store',
  lmdb: 'store',
  '@casl/ability': 'policy',
  jose: 'identity',
  'openapi-fetch': 'client',
  '@aws-sdk/client-kms': 'crypto',
  '@orama/stemmers': 'search',
  '@orama/stopwords': 'search',
  '@xenova/transformers': 'search',
  '@huggingface/transformers': 'search',
  usearch: 'search',
};

/**
 * Why an import is refused, or undefined where it is allowed.
 *
 * @param {string} importer the importing file, relative to src: `guard/read.ts`
 * @param {string} specifier what it imports, as it is written: `../store/planned.js`
 * @returns {string | undefined}
 */
export function refusal(importer, specifier) {
  const from = layerOf(importer);
  if (!specifier.startsWith('.')) {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    const home = Object.hasOwn(PACKAGE_HOMES, name) ? PACKAGE_HOMES[name] : from;
    return home === from ? undefined : `${name} is imported in src/${home} alone`;
  }
  const file = bare(posix.join(posix.dirname(importer), specifier));
  const to = layerOf(file);
  if (to === from) return undefined;
  if (!MAY_IMPORT[from]?.includes(to)) return `src/${from} may not import src/${to}: imports point down only`;
  if (to !== 'store') return undefined;
  const importers = STORE_IMPORTERS[file] ?? [];
  if (importers.some((place) => (place.endsWith('/') ? importer.startsWith(place) : bare(importer) === place)))
    return undefined;
  return `src/${file}.ts is imported by ${importers.join(', ') || 'the store'} alone (invariant 6, S16)`;
}

/** @param {string} file */
function layerOf(file) {
  return bare(file.split('/')[0] ?? '');
}

/** @param {string} file */
function bare(file) {
  return file.replace(/\.[jt]s$/, '');
}
