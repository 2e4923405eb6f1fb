import { parseArgs } from 'node:util';
import { crypto } from './crypto/suite.js';
import { audit } from './audit.js';
import { classifying } from './classify.js';
import { decision } from './decision.js';
import { eachUser } from './each-user.js';
import { exporting } from './export.js';
import { Figures, progress } from './figures.js';
import { guard } from './guard.js';
import { http } from './http/suite.js';
import { importing } from './import.js';
import { locomo } from './locomo-suite.js';
import { policy } from './policy.js';
import { reload } from './reload.js';
import { retrieval } from './retrieval.js';
import { scale } from './scale.js';
import { search } from './search.js';
import { meaning } from './search/meaning.js';
import { vectors } from './search/vectors.js';
import { shadow } from './shadow.js';
import type { Suite } from './suite.js';
import { sharedSearch } from './shared-search.js';
import { databaseTenants, sharedTenants } from './tenants/stores.js';
import { tenants } from './tenants/suite.js';

const SUITES: Readonly<Record<string, Suite>> = {
  audit,
  decision,
  export: exporting,
  http,
  guard,
  scale,
  import: importing,
  locomo,
  crypto,
  policy,
  retrieval,
  search,
  classify: classifying,
  shadow,
  reload,
  vectors,
  meaning,
  tenants,
  shared: sharedSearch,
  'tenants-shared': sharedTenants,
  'tenants-database': databaseTenants,
  'each-user': eachUser,
};
const USAGE = `npm run bench -- SUITE [--json] [--quick]\nsuites: ${Object.keys(SUITES).join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
});
const [name = '', ...rest] = positionals;
const suite = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;
if (!suite || rest.length > 0) {
  progress(USAGE);
  process.exit(2);
}
const figures = new Figures();
await suite(figures, { quick: values.quick });
process.stdout.write(values.json ? `${JSON.stringify(figures.toFlat())}\n` : `${figures.toTable()}\n`);
