import { PolicyEngine } from '../policy/engine.js';
import { loadPolicyFolder } from '../policy/load.js';
import type { GuardContext } from './context.js';

/** The policies of another folder, to compare them with those in force. @throws MemwardenError policy_invalid */
export function policiesOf(folder: string, { clock, alarms }: GuardContext): Promise<PolicyEngine> {
  const load = () => loadPolicyFolder(folder);
  return PolicyEngine.start({ load, clock, alarms, maxStaleMs: 0, cacheSize: 1_000 });
}
