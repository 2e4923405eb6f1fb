import { rmSync } from 'node:fs';
import type {} from './global-setup.js';

export default async function globalTeardown(): Promise<void> {
  if (globalThis.memwardenCheckpoints) rmSync(globalThis.memwardenCheckpoints, { recursive: true, force: true });
  await Promise.all((globalThis.memwardenDeployments ?? []).map((deployment) => deployment.stop()));
}
