import { execFileSync, spawnSync } from 'node:child_process';
import { describe, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../tools/verify-audit.py', import.meta.url));

/** Runs a suite where python3 is; where it is not, says so loudly, or fails if MEMWARDEN_REQUIRE_PYTHON is 1. */
export function describeWithPython(name: string, suite: () => void): void {
  let found = true;
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
  } catch {
    found = false;
  }
  if (found) return describe(name, suite);
  const required = process.env['MEMWARDEN_REQUIRE_PYTHON'] === '1';
  if (!required) process.stderr.write(`\n!! SKIPPED for want of python3: ${name}\n\n`);
  (required ? describe : describe.skip)(name, () => {
    test('SKIPPED: python3 is not on the PATH', () => {
      throw new Error('MEMWARDEN_REQUIRE_PYTHON=1, but there is no python3');
    });
  });
}

/** What the stand-alone verifier says of a folder. */
export function pythonVerdict(folder: string, checkpoint?: string): Record<string, unknown> {
  const args = [SCRIPT, folder, '--json', ...(checkpoint === undefined ? [] : ['--checkpoint', checkpoint])];
  const { stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const EXPORT_SCRIPT = fileURLToPath(new URL('../../../tools/verify-export.py', import.meta.url));

/** What the stand-alone verifier of exports says of a manifest. */
export function pythonExportVerdict(manifest: string, keys: string): Record<string, unknown> {
  const { stdout, stderr } = spawnSync('python3', [EXPORT_SCRIPT, manifest, '--keys', keys, '--json'], {
    encoding: 'utf8',
  });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}
