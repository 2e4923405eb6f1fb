import type {} from './global-setup.js';

export default async function globalTeardown(): Promise<void> {
  await Promise.all((globalThis.memwardenDeployments ?? []).map((deployment) => deployment.stop()));
}
