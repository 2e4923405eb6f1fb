// npm run fuzz -- --requests 20000 [--seed 1]: made-up requests to the HTTP API; ends in error where one answers 5xx.
import { parseArgs } from 'node:util';
import { v1 } from '../../src/http/v1/index.js';
import { serve } from '../support/server.js';
import { fuzz } from './run.js';
import { targetOf } from './target.js';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const served = await serve([v1], { policies: 'policies' }, { wait: () => Promise.resolve() });
try {
  const report = await fuzz(await targetOf(served), Number(values.requests), Number(values.seed));
  console.log(JSON.stringify({ ...report, faults: report.faults.length }, undefined, 2));
  for (const fault of report.faults.slice(0, 20)) console.log(fault);
  if (report.faults.length > 0) process.exitCode = 1;
} finally {
  await served.close();
}
