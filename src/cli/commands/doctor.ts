import { diagnoseSettings } from '../../wiring/diagnose.js';
import type { Register } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { withDeployment, type StoreFlags } from '../flags.js';
import { wardenOptions } from '../open.js';
import { assertStore } from '../store-there.js';
import { visibleLines } from '../visible.js';

/** `doctor`: what is wrong with policies and store. */
export const doctor: Register = (program) => {
  const command = withDeployment(program.command('doctor', 'check store, policies, indexes and write concern'));
  program.act<StoreFlags>(command, async ({ io, output }, flags) => {
    const options = wardenOptions(flags, io.env);
    const findings = await diagnoseSettings(options, () => assertStore(options));
    const healthy = findings.every(({ ok }) => ok);
    await output.result({ healthy, findings }, () => {
      const lines = findings.map(({ check, ok, message }) => `${ok ? 'ok   ' : 'WRONG'} ${check}: ${message}`);
      return visibleLines([...lines, healthy ? 'everything is in order' : 'something is wrong'].join('\n'));
    });
    return healthy ? EXIT.ok : EXIT.unhealthy;
  });
};
