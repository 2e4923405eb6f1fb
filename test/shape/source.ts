import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The folder of the sources. */
export const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** A file of src; its path is relative to src, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** An import of a file, as it is written: also `export from`, `import()` and `import('x').T`. */
export interface Import {
  readonly importer: string;
  readonly specifier: string;
}

/** Every file of src. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(SRC, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every import of a text. */
export function importsOf({ path, text }: SourceFile): Import[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => ({ importer: path, specifier: fileName }));
}

/** The file of src that an import names, without its suffix; undefined for a package. */
export function target({ importer, specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return join(importer, '..', specifier).split(sep).join('/').replace(/\.js$/, '');
}
