// @ts-check
// The process that holds a local model (see model-host.ts). JavaScript, so that the same file runs as it stands from the
// sources and from a build. It says nothing but answers: neither texts nor paths go to an output.
import process from 'node:process';

/** @typedef {import('./model-host.js').ModelSettings} ModelSettings */
/** @typedef {import('./model-host.js').Order} Order */
/** @typedef {import('./model-host.js').Answer} Answer */
/** @typedef {import('./model-host.js').Library} Library */
/** @typedef {(text: string) => Promise<Float32Array>} Run */

/** @type {Run | undefined} */
let run;

process.on('message', (/** @type {Order} */ order) => {
  void answer(order).then((message) => process.send?.(message));
});
// Nobody is left to answer to.
process.on('disconnect', () => process.exit(0));

/**
 * @param {Order} order
 * @returns {Promise<Answer>}
 */
async function answer(order) {
  try {
    if ('load' in order) {
      run = await load(order.load);
      return { loaded: true };
    }
    if (!run) return { failed: 'not loaded' };
    const vectors = [];
    // One text at a time: a quantised model scales its numbers by all that stands in a batch, and so a vector would
    // tell of its neighbours, which the reader of this text may not be allowed to read (invariant 8).
    for (const text of order.texts) vectors.push(await run(text));
    return { vectors };
  } catch (error) {
    return { failed: error instanceof Failure ? error.message : 'load' in order ? NOT_LOADED : 'model' };
  }
}

// Roles, no values: a path can tell of a machine.
const NOT_LOADED =
  'model cannot be loaded: its files belong in the folder `model` below the folder `path`, or `allowRemote` fetches them';

class Failure extends Error {}

/**
 * @param {ModelSettings} settings
 * @returns {Promise<Run>}
 */
async function load(settings) {
  const { model, path, allowRemote, remoteHost, quantized, pooling } = settings;
  // The library is told not to fetch, and could not: whatever it, or what it loads, tries.
  if (!allowRemote) globalThis.fetch = () => Promise.reject(new Failure('remote models are not allowed'));
  const { env, pipeline } = await library();
  env.allowRemoteModels = allowRemote;
  env.allowLocalModels = true;
  env.localModelPath = path;
  env.useFSCache = true;
  // What was fetched once lies where local models lie.
  env.cacheDir = path;
  if (remoteHost !== undefined) env.remoteHost = remoteHost;
  const options = { quantized, dtype: quantized ? 'q8' : 'fp32', device: 'cpu', local_files_only: !allowRemote };
  const extract = await pipeline('feature-extraction', model, options);
  return async (text) => {
    const output = await extract([text], { pooling, normalize: true });
    return Float32Array.from(output.data);
  };
}

/** @returns {Promise<Library>} */
async function library() {
  try {
    return await import('@xenova/transformers');
  } catch (error) {
    if (!isMissing(error, '@xenova/transformers')) throw new Failure('package cannot be loaded');
  }
  try {
    return await import('@huggingface/transformers');
  } catch (error) {
    throw new Failure(
      isMissing(error, '@huggingface/transformers') ? 'package is missing' : 'package cannot be loaded',
    );
  }
}

/**
 * Whether a package itself is not installed; one of its own parts may be missing as well.
 *
 * @param {unknown} error
 * @param {string} name
 */
function isMissing(error, name) {
  const { code, message } = /** @type {{ code?: unknown, message?: unknown }} */ (error ?? {});
  return code === 'ERR_MODULE_NOT_FOUND' && String(message).includes(`'${name}'`);
}
