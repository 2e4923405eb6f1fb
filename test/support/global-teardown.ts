import type {} from './global-setup.js';
import { removeScratch } from './scratch.js';

export default async function globalTeardown(): Promise<void> {
  await Promise.all((globalThis.memwardenDeployments ?? []).map((deployment) => deployment.stop()));
  if (globalThis.memwardenScratch) removeScratch(globalThis.memwardenScratch);
}
