import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MAY_IMPORT, refusal, STORE_IMPORTERS } from './layers.js';
import { importsOf, SRC, sourceFiles, target } from './source.js';

const files = sourceFiles();
const imports = files.flatMap(importsOf);

describe('invariant 6: the arrows between layers', () => {
  test('invariant 6: no file of src imports what its layer may not', () => {
    const refused = imports.flatMap(({ importer, specifier }) => {
      const reason = refusal(importer, specifier);
      return reason ? [`${importer} imports ${specifier}: ${reason}`] : [];
    });
    expect(refused).toEqual([]);
    // The scan saw the sources: a scan of nothing would find nothing wrong.
    expect(imports.length).toBeGreaterThan(200);
    expect(imports).toContainEqual({ importer: 'wiring/stores.ts', specifier: '../store/mongodb/driver.js' });
  });

  test('invariant 6: every folder of src stands in the table of arrows', () => {
    const layers = new Set(files.map(({ path }) => path.replace(/(\/.*|\.ts)$/, '')));
    expect([...layers].filter((layer) => !Object.hasOwn(MAY_IMPORT, layer))).toEqual([]);
  });

  test('invariant 6: every relative import names a file that is there, so that none escapes the table', () => {
    const missing = imports.filter((one) => {
      const file = target(one);
      return file !== undefined && !existsSync(join(SRC, `${file}.ts`));
    });
    expect(missing).toEqual([]);
  });

  test('invariant 6: no module is imported by a name that is computed', () => {
    const computed = files.filter(({ text }) => /\bimport\(\s*[^'"\s)]|\brequire\(/.test(text)).map(({ path }) => path);
    expect(computed).toEqual([]);
  });

  test.each([
    ['policy/engine.ts', '../store/planned.js'],
    ['store/embedded/reads.ts', '../../policy/binding.js'],
    ['guard/read.ts', '../store/mongodb/reads.js'],
    ['guard/read.ts', '../store/maintenance.js'],
    ['guard/read.ts', '../store/driver.js'],
    ['guard/read.ts', '../memory/input.js'],
    ['guard/read.ts', '../warden.js'],
    ['guard/read.ts', '../model/unknown/../../store/service.js'],
    ['memory/scoped-memory.ts', '../store/planned.js'],
    ['memory/scoped-memory.ts', '../store/maintenance.js'],
    ['memory/purge.ts', '../store/planned.js'],
    ['memory/purge-later.ts', '../store/maintenance.js'],
    ['cli/list.ts', '../guard/guard.js'],
    ['cli/list.ts', '../store/planned.js'],
    ['index.ts', './store/driver.js'],
    ['index.ts', './policy/engine.js'],
    ['warden.ts', './cli/main.js'],
    ['warden.ts', './store/mongodb/reads.js'],
    ['warden.ts', './store/planned.js'],
    ['model/plan.ts', '../config/options.js'],
    ['model/plan.ts', '../policy/binding.js'],
    ['errors/table.ts', '../model/levels.js'],
    ['crypto/signing-keys.ts', '../audit/auditor.js'],
    ['audit/auditor.ts', '../store/service.js'],
    ['audit/auditor.ts', '../policy/engine.js'],
    ['audit/auditor.ts', '../crypto/signing-keys.js'],
    ['guard/read.ts', 'mongodb'],
    ['memory/input.ts', 'mongoose'],
    ['warden.ts', 'lmdb'],
    ['guard/access.ts', '@casl/ability'],
    ['guard/access.ts', '@casl/ability/extra'],
    ['elsewhere/new.ts', '../model/plan.js'],
  ])('invariant 6: %s may not import %s', (importer, specifier) => {
    expect(refusal(importer, specifier)).toBeDefined();
  });

  test.each([
    ['guard/read.ts', '../store/planned.js'],
    ['memory/purge.ts', '../store/maintenance.js'],
    ['warden.ts', './store/service.js'],
    ['store/mongodb/reads.ts', 'mongodb'],
    ['policy/binding.ts', '@casl/ability/extra'],
    ['cli/main.ts', '../index.js'],
  ])('invariant 6: %s may import %s', (importer, specifier) => {
    expect(refusal(importer, specifier)).toBeUndefined();
  });
});

describe('S16: three interfaces of the store', () => {
  const importers = (file: string) => [
    ...new Set(
      imports.filter((one) => target(one) === file && !one.importer.startsWith('store/')).map((one) => one.importer),
    ),
  ];

  test('S16: planned queries are imported by the guard alone', () => {
    const found = importers('store/planned');
    expect(found.filter((importer) => !importer.startsWith('guard/'))).toEqual([]);
    expect(found).toContain('guard/access.ts');
  });

  test('S16: maintenance is imported by the acts that S16 names alone', () => {
    const acts = /^(memory|compliance)\/(erase\/[a-z-]+|rotate|purge|embed|migrate|encrypt-existing)\.ts$/;
    const found = importers('store/maintenance');
    expect(found.filter((importer) => !acts.test(importer))).toEqual([]);
    expect(found).toEqual(expect.arrayContaining(['memory/purge.ts', 'memory/embed.ts']));
  });

  test('S16: service and drivers are imported by the composition root alone', () => {
    const files = ['service', 'driver', 'embedded/driver', 'mongodb/driver', 'keys/embedded', 'keys/mongodb'];
    for (const file of files.map((name) => `store/${name}`)) {
      const found = importers(file);
      expect([file, found.length > 0]).toEqual([file, true]);
      expect([file, found.filter((one) => one !== 'warden.ts' && !one.startsWith('wiring/'))]).toEqual([file, []]);
    }
  });

  test('S16: nothing else of the store is imported from outside it', () => {
    const others = new Set(
      imports.filter(({ importer }) => !importer.startsWith('store/')).flatMap((one) => target(one) ?? []),
    );
    const known = new Set(Object.keys(STORE_IMPORTERS));
    expect([...others].filter((file) => file.startsWith('store/') && !known.has(file))).toEqual([]);
  });
});

describe('invariant 6: the packages of a mechanism stay in it', () => {
  test.each([
    ['mongoose', 'store/'],
    ['mongodb', 'store/'],
    ['lmdb', 'store/'],
    ['@casl/ability', 'policy/'],
  ])('invariant 6: %s is imported in src/%s alone', (name, home) => {
    const importers = imports.filter(({ specifier }) => specifier === name || specifier.startsWith(`${name}/`));
    expect(importers.filter(({ importer }) => !importer.startsWith(home))).toEqual([]);
    expect(importers.length).toBeGreaterThan(0);
  });
});
