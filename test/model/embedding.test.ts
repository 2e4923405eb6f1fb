import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeEmbedding,
  encodeEmbedding,
  MAX_DIMENSION,
  MAX_MODEL_ID_BYTES,
  toUnit,
} from '../../src/model/embedding.js';

const SEED = 53;
const values = fc.float32Array({ minLength: 1, maxLength: 50, noNaN: true, noDefaultInfinity: true });
const modelId = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const refused = { code: 'embedder_refused' };

describe('the bytes of an embedding', () => {
  test('are these: format, model id, dimension, little-endian 32-bit floats', () => {
    const bytes = encodeEmbedding({ modelId: 'm1', values: new Float32Array([1, -0.5]) });
    expect(bytes.toString('hex')).toBe('01000200020000006d310000803f000000bf');
  });

  test('read back as what was written, to the last bit', () => {
    fc.assert(
      fc.property(modelId, values, (id, numbers) => {
        const read = decodeEmbedding(encodeEmbedding({ modelId: id, values: numbers }));
        expect(read?.modelId).toBe(id);
        expect(Buffer.from(read?.values.buffer as ArrayBuffer)).toEqual(Buffer.from(numbers.slice().buffer));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('are read only whole: cut off, lengthened or of another format they are nothing', () => {
    fc.assert(
      fc.property(modelId, values, fc.nat(), (id, numbers, at) => {
        const bytes = encodeEmbedding({ modelId: id, values: numbers });
        expect(decodeEmbedding(bytes.subarray(0, at % bytes.length))).toBeUndefined();
        expect(decodeEmbedding(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
        for (const [place, value] of [
          [0, 2],
          [1, 1],
        ] as const) {
          const other = Buffer.from(bytes);
          other[place] = value;
          expect(decodeEmbedding(other)).toBeUndefined();
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('noise is nothing, or is an embedding that is written as the same bytes', () => {
    let embeddings = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40, size: 'max' }), fc.boolean(), (noise, shaped) => {
        let bytes = Buffer.from(noise);
        const dimension = Math.floor((noise.length - 9) / 4);
        if (shaped && dimension > 0) {
          bytes = bytes.subarray(0, 9 + dimension * 4);
          bytes.set([1, 0, 1, 0, dimension, 0, 0, 0, 0x61]);
        }
        const read = decodeEmbedding(bytes);
        if (!read) return;
        embeddings += 1;
        expect(encodeEmbedding(read)).toEqual(bytes);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
    expect(embeddings).toBeGreaterThan(100);
  });

  test('hold finite numbers and a name, on both ways', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(() => encodeEmbedding({ modelId: 'm', values: new Float32Array([1, bad]) })).toThrow(
        expect.objectContaining(refused),
      );
      const bytes = encodeEmbedding({ modelId: 'm', values: new Float32Array([1, 1]) });
      bytes.writeFloatLE(bad, bytes.length - 4);
      expect(decodeEmbedding(bytes)).toBeUndefined();
    }
    const one = new Float32Array([1]);
    for (const id of ['', '\ud800', 'x'.repeat(MAX_MODEL_ID_BYTES + 1)])
      expect(() => encodeEmbedding({ modelId: id, values: one })).toThrow(expect.objectContaining(refused));
    for (const length of [0, MAX_DIMENSION + 1])
      expect(() => encodeEmbedding({ modelId: 'm', values: new Float32Array(length) })).toThrow(
        expect.objectContaining(refused),
      );
    const noUtf8 = encodeEmbedding({ modelId: 'm', values: one });
    noUtf8[8] = 0xff;
    expect(decodeEmbedding(noUtf8)).toBeUndefined();
  });

  test('are read wherever they lie in a larger buffer', () => {
    const bytes = encodeEmbedding({ modelId: 'm', values: new Float32Array([1, 2, 3]) });
    const larger = Buffer.concat([Buffer.from([9]), bytes, Buffer.from([9])]);
    expect(decodeEmbedding(larger.subarray(1, -1))?.values).toEqual(new Float32Array([1, 2, 3]));
  });
});

describe('the unit vector', () => {
  test('has length 1 and the same direction, however small or large the numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 }),
        (numbers) => {
          const unit = toUnit(numbers);
          if (numbers.every((x) => x === 0)) return void expect(unit).toBeUndefined();
          expect(Math.hypot(...(unit ?? []))).toBeCloseTo(1, 5);
          const largest = numbers.reduce(
            (best, x, i) => (Math.abs(x) > Math.abs(numbers[best] as number) ? i : best),
            0,
          );
          expect(Math.sign(unit?.[largest] as number)).toBe(Math.sign(numbers[largest] as number));
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });

  test.each([[[]], [[0, 0]], [[NaN, 1]], [[Infinity]], [new Array<number>(MAX_DIMENSION + 1).fill(1)]])(
    'there is none of %j',
    (numbers) => expect(toUnit(numbers)).toBeUndefined(),
  );
});
