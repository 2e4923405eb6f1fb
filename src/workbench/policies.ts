import type { Issue } from '../errors/memwarden-error.js';
import { policiesOf, readPolicyFolder, type PolicyFolder, type PolicyText } from '../policy/load.js';
import type { PolicySet, RolePolicy } from '../policy/policy-set.js';
import { policyFile, type PolicyFile } from '../policy/schema.js';
import { readYaml } from '../policy/yaml-source.js';

export { readPolicyFolder };

/** A place in a file, counted from 1. */
export type Place = Pick<Issue, 'file' | 'line' | 'column'>;

/** The file of one role: what it means, what is written there, and where. */
export interface RoleSource {
  readonly file: string;
  readonly text: string;
  readonly policy: RolePolicy;
  /** As it is written; the rules stand in the order of `policy.rules`. */
  readonly written: PolicyFile;
  /** Where a path of it stands; `atKey` points at the key instead of the value. */
  readonly place: (path: readonly PropertyKey[], atKey?: boolean) => Place;
}

/** A set of policies together with its files. */
export interface Policies {
  readonly set: PolicySet;
  /** Ordered by role. */
  readonly roles: readonly RoleSource[];
}

/**
 * Reads a folder of policies.
 *
 * @throws MemwardenError policy_invalid with every fault of every file
 */
export async function readPolicies(folder: string): Promise<Policies> {
  return toPolicies(await readPolicyFolder(folder));
}

/** @throws MemwardenError policy_invalid with every fault of every file */
export function toPolicies(folder: PolicyFolder): Policies {
  const set = policiesOf(folder);
  const roles = folder.texts.flatMap((one) => sourceOf(one, set) ?? []);
  return { set, roles: roles.sort((a, b) => (a.policy.role < b.policy.role ? -1 : 1)) };
}

/** A set of policies as data, as the mutants are. @throws MemwardenError policy_invalid */
export function setOf(files: readonly PolicyFile[]): PolicySet {
  return policiesOf({
    texts: files.map((file) => ({ file: `${file.role}.yaml`, text: JSON.stringify(file) })),
    unread: [],
  });
}

// Everything was loaded already: what is no policy has been refused.
function sourceOf({ file, text }: PolicyText, set: PolicySet): RoleSource | undefined {
  const source = readYaml(file, text);
  if (!('value' in source)) return undefined;
  const written = policyFile.parse(source.value);
  const policy = set.roles.get(written.role);
  if (!policy) return undefined;
  return {
    file,
    text,
    policy,
    written,
    place: (path, atKey) => {
      const { line, column } = source.issue(path, '', '', atKey);
      return { file, line, column };
    },
  };
}
