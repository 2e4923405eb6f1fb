import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { TransformersEmbedder } from '../../../src/search/embedder/transformers.js';
import type { TransformersOptions } from '../../../src/config/embedder.js';
import { writeTinyModel } from '../../support/tiny-model.js';
import { handClock, outcome } from '../../support/warden.js';

const DIMENSION = 8;
const FOOD = [0, 1, 0, 0, 0, 0, 0, 0];
const WORDS = {
  food: FOOD,
  vegetarian: [0, 0.9, 0.1, 0, 0, 0, 0, 0],
  bank: [0, 0, 0, 1, 0, 0, 0, 0],
  i: undefined,
  am: undefined,
};

let models: string;
const opened: TransformersEmbedder[] = [];

function open(options: Partial<TransformersOptions> = {}): TransformersEmbedder {
  const embedder = new TransformersEmbedder({ kind: 'transformers', model: 'tiny', path: models, ...options });
  opened.push(embedder);
  return embedder;
}

beforeAll(() => {
  models = mkdtempSync(join(tmpdir(), 'memwarden-models-'));
  writeTinyModel(join(models, 'tiny'), { dimension: DIMENSION, words: WORDS });
});
afterEach(async () => {
  for (const embedder of opened.splice(0)) await embedder.close();
});
afterAll(() => rmSync(models, { recursive: true, force: true }));

// The processes that this one started and that run a model.
function modelProcesses(): number[] {
  const text = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return text
    .split('\n')
    .filter((line) => line.includes('model-process.js') && !line.includes('<defunct>'))
    .map((line) => Number.parseInt(line, 10));
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

describe('a local model', () => {
  let shared: TransformersEmbedder;
  beforeAll(() => void (shared = new TransformersEmbedder({ kind: 'transformers', model: 'tiny', path: models })));
  afterAll(() => shared.close());

  test('nothing is loaded before the first text, and then once for all', async () => {
    const embedder = open();
    expect([embedder.dimension, embedder.remote, embedder.recipient]).toEqual([undefined, false, undefined]);
    expect(modelProcesses()).toEqual([]);
    expect(await embedder.embed([], 'query')).toEqual([]);
    expect(modelProcesses()).toEqual([]);
    await Promise.all([embedder.embed(['food'], 'passage'), embedder.embed(['bank'], 'query')]);
    const [first] = modelProcesses();
    await embedder.embed(['bank'], 'query');
    expect(modelProcesses()).toEqual([first]);
    expect(embedder.dimension).toBe(DIMENSION);
  });

  test('vectors are means of the words, of unit length, in the order of the texts', async () => {
    const [food, vegetarian, bank] = (await shared.embed(['food', 'Vegetarian', 'bank'], 'passage')) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect([...food].map((x) => Math.abs(Math.round(x * 1e6) / 1e6))).toEqual(FOOD);
    expect(dot(food, vegetarian)).toBeCloseTo(0.9 / Math.hypot(0.9, 0.1), 6);
    expect(dot(food, bank)).toBeCloseTo(0, 6);
    for (const vector of [food, vegetarian, bank]) expect(dot(vector, vector)).toBeCloseTo(1, 6);
    const [both] = (await shared.embed(['food bank'], 'query')) as [Float32Array];
    expect(dot(both, food)).toBeCloseTo(Math.SQRT1_2, 6);
  });

  test('invariant 8: a vector is a function of its text alone, to the last bit, whatever is embedded beside it', async () => {
    writeTinyModel(join(models, 'bytes'), {
      dimension: DIMENSION,
      words: { ...WORDS, loud: FOOD.map((x) => 9 - 20 * x) },
      quantised: true,
    });
    const embedder = open({ model: 'bytes' });
    const [alone] = await embedder.embed(['i am food'], 'passage');
    const texts = Array.from({ length: 40 }, (_, i) => (i === 21 ? 'i am food' : 'bank loud am '.repeat(i + 1)));
    const among = (await embedder.embed(texts, 'passage'))[21];
    expect(Buffer.from(among?.buffer as ArrayBuffer)).toEqual(Buffer.from(alone?.buffer as ArrayBuffer));
  });

  test('many calls at once answer each its own texts, queries among passages', async () => {
    const embedder = shared;
    const words = Object.keys(WORDS);
    const apart = await Promise.all(words.map((word) => embedder.embed([word], 'query')));
    const calls = Array.from({ length: 30 }, (_, i) => words.slice(i % 4).concat(words));
    const answers = await Promise.all(calls.map((texts, i) => embedder.embed(texts, i % 3 ? 'passage' : 'query')));
    answers.forEach((vectors, i) => {
      expect(vectors).toEqual((calls[i] as string[]).map((word) => apart[words.indexOf(word)]?.[0]));
    });
  });

  test('prefixes go before the text by its kind, and make other vectors of another model id', async () => {
    const plain = shared;
    const prefixed = open({ prefixes: { query: 'bank ' } });
    expect(prefixed.modelId).not.toBe(plain.modelId);
    const [query] = await prefixed.embed(['food'], 'query');
    const [same] = await plain.embed(['bank food'], 'query');
    const [passage] = await prefixed.embed(['food'], 'passage');
    const [food] = await plain.embed(['food'], 'passage');
    expect([query, passage]).toEqual([same, food]);
  });

  test('the model id tells weights and pooling apart', () => {
    const ids = [open(), open({ quantized: false }), open({ pooling: 'cls' }), open({ model: 'Other/tiny' })];
    expect(new Set(ids.map(({ modelId }) => modelId)).size).toBe(4);
  });

  test.each(['../tiny', '/tiny', 'a/b/c', 'https://host/model', '', 'a/..', '.', 'a\\b', 'tiny\n'])(
    'the model %j is no name below the folder of models',
    async (model) => {
      expect(await outcome(async () => open({ model }))).toBe('config_invalid');
    },
  );
});

describe('a model that is not right is a typed error, and nothing else comes out', () => {
  const broken: Record<string, (folder: string) => void> = {
    'no folder': (folder) => rmSync(folder, { recursive: true }),
    'no weights': (folder) => rmSync(join(folder, 'onnx', 'model_quantized.onnx')),
    'weights cut off': (folder) => truncateSync(join(folder, 'onnx', 'model_quantized.onnx'), 200),
    'weights of noise': (folder) => writeFileSync(join(folder, 'onnx', 'model_quantized.onnx'), Buffer.alloc(999, 7)),
    'a tokenizer that is no JSON': (folder) => writeFileSync(join(folder, 'tokenizer.json'), '{'),
  };

  test.each(Object.keys(broken))('%s: embedder_unavailable', async (name) => {
    const model = name.replace(/\W/g, '-');
    cpSync(join(models, 'tiny'), join(models, model), { recursive: true });
    broken[name]?.(join(models, model));
    const embedder = open({ model });
    const error = await embedder.embed(['CANARY'], 'passage').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'embedder_unavailable',
      detail: { reason: expect.stringMatching(/^model cannot be loaded: .*`model` below the folder `path`/) },
    });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toMatch(/CANARY|memwarden-models/);
    expect(modelProcesses()).toEqual([]);
  });

  test('one that is put right is loaded after a rest of 5 seconds, and not asked for before', async () => {
    const clock = handClock();
    const embedder = open({ model: 'late', clock });
    expect(await outcome(() => embedder.embed(['food'], 'query'))).toBe('embedder_unavailable');
    cpSync(join(models, 'tiny'), join(models, 'late'), { recursive: true });
    clock.forward(4_999);
    expect(await outcome(() => embedder.embed(['food'], 'query'))).toBe('embedder_unavailable');
    expect(modelProcesses()).toEqual([]);
    clock.forward(1);
    expect(await embedder.embed(['food'], 'query')).toHaveLength(1);
  });

  test('another dimension than the configured one is refused, and none is kept', async () => {
    const embedder = open({ dimension: 384 });
    const error = await embedder.embed(['food'], 'passage').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'embedder_refused', detail: { reason: 'dimension' } });
  });

  test('a model that answers no numbers is refused', async () => {
    writeTinyModel(join(models, 'nan'), { dimension: DIMENSION, words: { ...WORDS, bank: FOOD.map(() => NaN) } });
    const embedder = open({ model: 'nan' });
    expect(await embedder.embed(['food'], 'passage')).toHaveLength(1);
    expect(await outcome(() => embedder.embed(['food', 'bank'], 'passage'))).toBe('embedder_refused');
  });

  test('a text of which the model knows no word at all has no direction and is refused', async () => {
    expect(await outcome(() => open().embed(['zzz'], 'passage'))).toBe('embedder_refused');
  });
});

describe('the process of a model', () => {
  test('one that is killed fails the call that it was at, and the next call gets a fresh one', async () => {
    const embedder = open();
    await embedder.embed(['food'], 'passage');
    const [pid = 0] = modelProcesses();
    process.kill(pid, 'SIGSTOP');
    const answer = outcome(() => embedder.embed(['food'], 'passage'));
    process.kill(pid, 'SIGKILL');
    expect(await answer).toBe('embedder_unavailable');
    expect(await embedder.embed(['food'], 'passage')).toHaveLength(1);
    expect(modelProcesses()).not.toContain(pid);
  });

  test('one that hangs is ended after the time-out, also in the middle of loading', async () => {
    const embedder = open({ timeoutMs: 1_500 });
    await embedder.embed(['food'], 'passage');
    const [pid = 0] = modelProcesses();
    process.kill(pid, 'SIGSTOP');
    expect(await outcome(() => embedder.embed(['food'], 'passage'))).toBe('embedder_timeout');
    expect(await embedder.embed(['food'], 'passage')).toHaveLength(1);
    expect(modelProcesses()).not.toContain(pid);
    expect(await outcome(() => open({ loadTimeoutMs: 1 }).embed(['food'], 'passage'))).toBe('embedder_timeout');
  });

  test('texts beyond the limit are refused while others wait, and none of those is lost', async () => {
    const embedder = open({ maxWaiting: 10 });
    const first = embedder.embed(Array<string>(12).fill('food'), 'passage');
    expect(await outcome(() => embedder.embed(['food'], 'passage'))).toBe('embedder_busy');
    expect(await first).toHaveLength(12);
    expect(await embedder.embed(['food'], 'passage')).toHaveLength(1);
  });

  test('a caller that gives up is answered at once, and those behind it are served', async () => {
    const embedder = open();
    const stop = new AbortController();
    const given = outcome(() => embedder.embed(Array<string>(500).fill('food'), 'passage', stop.signal));
    const behind = embedder.embed(['bank'], 'passage');
    stop.abort();
    expect(await given).toBe('embedder_timeout');
    expect(await behind).toHaveLength(1);
    expect(await outcome(() => embedder.embed(['food'], 'query', AbortSignal.abort()))).toBe('embedder_timeout');
  });

  test('close ends it and whoever waits, and is final', async () => {
    const embedder = open();
    await embedder.embed(['food'], 'passage');
    const answer = outcome(() => embedder.embed(Array<string>(500).fill('food'), 'passage'));
    await embedder.close();
    expect(await answer).toBe('closed');
    expect(await outcome(() => embedder.embed(['food'], 'passage'))).toBe('closed');
    await embedder.close();
  });

  test('sees no key and no password of this one', async () => {
    process.env['MEMWARDEN_TEST_SECRET'] = 'CANARY';
    try {
      await open().embed(['food'], 'passage');
      const [pid = 0] = modelProcesses();
      if (process.platform !== 'linux') return;
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      expect(environment).toContain('PATH=');
      expect(environment).not.toContain('CANARY');
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('tiny');
    } finally {
      delete process.env['MEMWARDEN_TEST_SECRET'];
    }
  });
});

describe('S27: models are fetched only where the operator allows it', () => {
  let server: Server;
  let host: string;
  const requests: string[] = [];

  beforeAll(async () => {
    // A model hub, as the library asks it: {model}/resolve/{revision}/{file}.
    server = createServer((request, response) => {
      requests.push(request.url ?? '');
      const file = join(models, 'tiny', (request.url ?? '').replace(/^\/hub\/fetched\/resolve\/main\//, ''));
      if (!existsSync(file)) return void response.writeHead(404).end();
      return void response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('S27: a model that is not there is an error and no request, by default', async () => {
    const embedder = open({ model: 'hub/fetched', remoteHost: host });
    expect(await outcome(() => embedder.embed(['food'], 'passage'))).toBe('embedder_unavailable');
    expect(requests).toEqual([]);
  });

  test('S27: where it is allowed it is fetched, kept in the folder of models, and not fetched again', async () => {
    const embedder = open({ model: 'hub/fetched', remoteHost: host, allowRemote: true });
    expect(await embedder.embed(['food'], 'passage')).toHaveLength(1);
    expect(requests).toContain('/hub/fetched/resolve/main/onnx/model_quantized.onnx');
    expect(readdirSync(join(models, 'hub', 'fetched'))).toContain('tokenizer.json');
    const count = requests.length;
    expect(await open({ model: 'hub/fetched', remoteHost: host }).embed(['food'], 'passage')).toHaveLength(1);
    expect(requests).toHaveLength(count);
  });
});
