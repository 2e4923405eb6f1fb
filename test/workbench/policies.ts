import { toPolicies, type Policies } from '../../src/workbench/policies.js';

/** A set of policies of texts by file name. */
export function policiesOfTexts(files: Readonly<Record<string, string>>): Policies {
  const texts = Object.entries(files).map(([file, text]) => ({ file, text }));
  return toPolicies({ texts, unread: [] });
}

/** One role with these rules, each a line of YAML flow. */
export function role(name: string, ...rules: readonly string[]): string {
  return `role: ${name}\nrules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`;
}

export const AT = new Date('2026-06-15T00:00:00Z');
