import { MemwardenError } from '../errors/memwarden-error.js';
import { isText } from './text.js';

/** A vector, and the model that it is of. */
export interface Embedding {
  readonly modelId: string;
  /** Of unit length. */
  readonly values: Float32Array;
}

/** The longest vector. */
export const MAX_DIMENSION = 8_192;
/** The longest model id, in bytes of UTF-8. */
export const MAX_MODEL_ID_BYTES = 512;

const FORMAT = 1;
const HEADER = 8;

/**
 * The bytes of an embedding, for sealing. Numbers are little-endian:
 *
 *     format(1) = 1, 0(1), length of the model id(2), dimension(4), model id in UTF-8, dimension x float32
 *
 * @throws MemwardenError embedder_refused where it is no embedding: empty, too long, or not finite
 */
export function encodeEmbedding({ modelId, values }: Embedding): Buffer {
  const id = Buffer.from(modelId, 'utf8');
  if (!isModelId(modelId) || !isVector(values)) throw new MemwardenError('embedder_refused', { reason: 'vector' });
  const bytes = Buffer.alloc(HEADER + id.length + values.length * 4);
  bytes.writeUInt8(FORMAT, 0);
  bytes.writeUInt16LE(id.length, 2);
  bytes.writeUInt32LE(values.length, 4);
  id.copy(bytes, HEADER);
  values.forEach((value, i) => bytes.writeFloatLE(value, HEADER + id.length + i * 4));
  return bytes;
}

/**
 * Reads what `encodeEmbedding` wrote.
 *
 * @returns undefined for all other bytes: of another format, cut off, too long, or holding what is no number
 */
export function decodeEmbedding(bytes: Uint8Array): Embedding | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < HEADER || view.getUint8(0) !== FORMAT || view.getUint8(1) !== 0) return undefined;
  const idLength = view.getUint16(2, true);
  const dimension = view.getUint32(4, true);
  const start = HEADER + idLength;
  if (dimension > MAX_DIMENSION || bytes.byteLength !== start + dimension * 4) return undefined;
  const id = bytes.subarray(HEADER, start);
  const modelId = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('utf8');
  const values = new Float32Array(dimension);
  for (let i = 0; i < dimension; i += 1) values[i] = view.getFloat32(start + i * 4, true);
  // Bytes that are no UTF-8 read as replacement characters, which are longer or others when they are written again.
  const isWhole = Buffer.from(modelId, 'utf8').equals(id);
  return isWhole && isModelId(modelId) && isVector(values) ? { modelId, values } : undefined;
}

/** Whether a text may name a model. */
export function isModelId(value: unknown): value is string {
  return isText(value) && value !== '' && Buffer.byteLength(value) <= MAX_MODEL_ID_BYTES;
}

/** Whether numbers are a vector: some of them, not too many, all finite. */
export function isVector(values: ArrayLike<number>): boolean {
  if (values.length < 1 || values.length > MAX_DIMENSION) return false;
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return false;
  return true;
}

/**
 * A vector of the same direction and of length 1, or undefined where there is none: no vector, or all zeros.
 * The squares are summed as doubles, so that neither end of the range of a float overflows or vanishes.
 */
export function toUnit(values: ArrayLike<number>): Float32Array | undefined {
  if (!isVector(values)) return undefined;
  let largest = 0;
  for (let i = 0; i < values.length; i += 1) largest = Math.max(largest, Math.abs(values[i] as number));
  if (largest === 0) return undefined;
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += ((values[i] as number) / largest) ** 2;
  const length = Math.sqrt(squares);
  const unit = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 1) unit[i] = (values[i] as number) / largest / length;
  return unit;
}
