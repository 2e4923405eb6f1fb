import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT, type Packed } from './packed.js';

interface Manifest {
  readonly bin: Record<string, string>;
  readonly exports: Record<string, string | { types: string; default: string }>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

// As GitHub and npm name them.
const headingsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** What is in the tarball. */
export function describeContents(packed: () => Packed): void {
  describe('the package', () => {
    test('holds only what a user needs', () => {
      const needed =
        /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w/-]+\.(?:js|d\.ts)|policies\/(?:[\w/-]+\.yaml|schema\.json)|examples\/[\w-]+\.ndjson|docs\/(?:architecture|audit|benchmarks|classification|cli|database|errors|export|format|guarantees|http|identity|keys|mcp|mem0|operations|policies|policy-matrix|record|server|spaces|tenants|threat-model)\.md|tools\/[\w-]+\.py)$/;
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

    test('every page that the readme and the pages link to is in it, and has the heading that a link names', () => {
      const { files } = packed();
      const pages = files.filter((file) => file === 'README.md' || /^docs\/[\w-]+\.md$/.test(file));
      const links = pages.flatMap((page) =>
        [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, target = '']) => [page, target] as const),
      );
      expect(links.filter(([page]) => page === 'README.md').length).toBeGreaterThan(3);
      expect(links.filter(([page]) => page !== 'README.md').length).toBeGreaterThan(20);
      const broken = links.filter(([page, target]) => {
        const [path = '', heading] = target.split('#');
        const file = path === '' ? page : posix.join(posix.dirname(page), path);
        return !files.includes(file) || (heading !== undefined && !headingsOf(textOf(file)).includes(heading));
      });
      expect(broken).toEqual([]);
    });
  });
}
