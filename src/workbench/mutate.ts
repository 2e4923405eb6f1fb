import { z } from 'zod';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { PolicyFolder } from '../policy/load.js';
import type { PolicySet } from '../policy/policy-set.js';
import { allShapeIssues, NAMING_KEYS } from '../policy/shape-issues.js';
import { readYaml } from '../policy/yaml-source.js';
import type { CaseFile } from './cases/case-file.js';
import { EQUIVALENTS } from './cases/folder.js';
import { casesOf } from './cases/run.js';
import { mutantsOf, type Mutant } from './mutants.js';
import { setOf, type Policies } from './policies.js';

/** A mutant that is said to change nothing, and why. */
export interface Equivalent {
  readonly mutant: string;
  readonly reason: string;
}

/** What became of the mutants of a set. */
export interface Mutation {
  readonly killed: number;
  /** Mutants that every test passes on. */
  readonly survivors: readonly string[];
  readonly equivalent: readonly Equivalent[];
  /** What is said to be equivalent and was killed, or is no mutant of these policies. */
  readonly mistaken: readonly string[];
  /** Mutants that do not load; the loader kills them. */
  readonly refused: number;
}

const shape = z.strictObject({
  mutants: z.array(z.strictObject({ mutant: z.string().min(1), reason: z.string().min(10) })),
});

/**
 * Reads the list of equivalent mutants in a folder of tests; none where there is no such file.
 *
 * @throws MemwardenError policy_invalid
 */
export function equivalentsOf({ texts }: PolicyFolder): readonly Equivalent[] {
  const text = texts.find(({ file }) => file === EQUIVALENTS);
  if (!text) return [];
  const source = readYaml(text.file, text.text);
  if (!('value' in source)) throw new MemwardenError('policy_invalid', {}, source);
  const parsed = shape.safeParse(source.value, NAMING_KEYS);
  const issues = [...source.faults, ...(parsed.success ? [] : allShapeIssues(source, parsed.error.issues))];
  if (!parsed.success || issues.length > 0) throw new MemwardenError('policy_invalid', {}, issues);
  return parsed.data.mutants;
}

/**
 * Changes the policies, one slip at a time, and runs their tests on each change.
 *
 * @param onProgress called with the number of mutants tried and of all
 */
export async function mutate(
  { roles }: Policies,
  files: readonly CaseFile[],
  equivalents: readonly Equivalent[],
  onProgress: (tried: number, all: number) => void = () => undefined,
): Promise<Mutation> {
  const sources = roles.map(({ written }) => written);
  const mutants = sources.flatMap(mutantsOf);
  const survivors: string[] = [];
  let killed = 0;
  let refused = 0;
  for (const [i, mutant] of mutants.entries()) {
    const set = load(mutant, sources);
    if (!set) refused += 1;
    else if (await isKilled(set, files, mutant.role)) killed += 1;
    else survivors.push(mutant.name);
    onProgress(i + 1, mutants.length);
  }
  const named = new Set(equivalents.map(({ mutant }) => mutant));
  return {
    killed,
    refused,
    survivors: survivors.filter((name) => !named.has(name)),
    equivalent: equivalents.filter(({ mutant }) => survivors.includes(mutant)),
    mistaken: [...named].filter((name) => !survivors.includes(name)),
  };
}

function load({ file }: Mutant, sources: readonly Mutant['file'][]): PolicySet | undefined {
  try {
    return setOf(sources.map((one) => (one.role === file.role ? file : one)));
  } catch (error) {
    if (isMemwardenError(error, 'policy_invalid')) return undefined;
    throw error;
  }
}

async function isKilled(set: PolicySet, files: readonly CaseFile[], role: string): Promise<boolean> {
  for await (const { ok } of casesOf(set, files, role)) if (!ok) return true;
  return false;
}
