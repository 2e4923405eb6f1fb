// For child processes of tests: node runs the TypeScript of this project as Jest does, transformed by swc.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  const ours = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
  return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { transform } = await import('@swc/core');
  const path = fileURLToPath(url);
  const options = { swcrc: false, configFile: false, filename: path, isModule: true };
  const jsc = { target: 'es2022', parser: { syntax: 'typescript' } };
  const { code } = await transform(await readFile(path, 'utf8'), { ...options, jsc, module: { type: 'es6' } });
  return { format: 'module', source: code, shortCircuit: true };
}
