import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWarden, type Warden } from '../../warden.js';
import { PACKAGED_POLICIES } from '../../config/options.js';
import type { Register } from '../command.js';
import { explainingPolicies } from '../demo/explaining-policies.js';
import { nextSteps } from '../demo/next-steps.js';
import { tellOfRoles } from '../demo/roles-story.js';
import { tellOfUsers } from '../demo/users-story.js';

/** `demo`: what the product does, in a temporary folder that is gone afterwards. */
export const demo: Register = (program) => {
  program.act(program.command('demo', 'show what memwarden does; leaves nothing behind'), async ({ output }) => {
    const folder = await mkdtemp(join(tmpdir(), 'memwarden-demo-'));
    try {
      await withStore(join(folder, 'users'), PACKAGED_POLICIES, (warden) => tellOfUsers(warden, output));
      const policies = await explainingPolicies(join(folder, 'policies'));
      await withStore(join(folder, 'year'), PACKAGED_POLICIES, (warden) =>
        withStore(join(folder, 'questions'), policies, (explaining) => tellOfRoles(warden, explaining, output)),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await output.people(nextSteps());
    return undefined;
  });
};

async function withStore(path: string, policies: string, tell: (warden: Warden) => Promise<void>): Promise<void> {
  const warden = await createWarden({
    store: { kind: 'embedded', path },
    policies,
    audit: { checkpoints: join(path, 'checkpoints'), door: 'cli' },
  });
  try {
    await tell(warden);
  } finally {
    await warden.close();
  }
}
