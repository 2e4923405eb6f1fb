import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT, type Packed } from './packed.js';

interface Manifest {
  readonly bin: Record<string, string>;
  readonly exports: Record<string, string | { types: string; default: string }>;
}

// Pages for who works on memwarden, not with it.
const REPOSITORY_ONLY = new Set(['docs/benchmarks.md']);

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** What is in the tarball. */
export function describeContents(packed: () => Packed): void {
  describe('the package', () => {
    test('holds only what a user needs', () => {
      const needed =
        /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w/-]+\.(?:js|d\.ts)|policies\/(?:[\w/-]+\.yaml|schema\.json)|examples\/[\w-]+\.ndjson|docs\/(?:architecture|audit|classification|cli|database|errors|export|format|http|identity|keys|mcp|mem0|operations|policies|policy-matrix|record|server|spaces|tenants|threat-model)\.md|tools\/[\w-]+\.py)$/;
      expect(packed().files.filter((file) => !needed.test(file))).toEqual([]);
    });

    test('holds what it needs to run: every policy of the defaults, the example set, licence and readme', () => {
      const wanted = ['agent', 'admin', 'export', 'examples/owner'].map((name) => `policies/${name}.yaml`);
      expect(packed().files).toEqual(
        expect.arrayContaining([...wanted, 'policies/schema.json', 'examples/year.ndjson', 'LICENSE', 'README.md']),
      );
    });

    test('every file that exports and bin name is in it', () => {
      const named = [...Object.values(manifest.exports), ...Object.values(manifest.bin)].flatMap((target) =>
        typeof target === 'string' ? [target] : Object.values(target),
      );
      expect(named.map((path) => path.replace(/^\.\//, '')).filter((path) => !packed().files.includes(path))).toEqual(
        [],
      );
    });

    test('every page that the readme links to is in it', () => {
      const links = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
      const pages = links.map(([, path]) => path as string).filter((path) => path.startsWith('docs/'));
      expect(pages.length).toBeGreaterThan(3);
      expect(pages.filter((path) => !packed().files.includes(path) && !REPOSITORY_ONLY.has(path))).toEqual([]);
    });
  });
}
