import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a tiny model knows. */
export interface TinyModel {
  readonly dimension: number;
  /** Words and their vectors; a word without one gets numbers from its hash. */
  readonly words: Readonly<Record<string, readonly number[] | undefined>>;
  /** Its numbers pass 8 bits on the way, scaled by all that is computed at once, as in a quantised model. */
  readonly quantised?: boolean;
}

// The wire format of protocol buffers: fields of a varint, or of a length and bytes.
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
const number = (field: number, value: number) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field: number, value: Buffer | string) => {
  const content = Buffer.from(value as string);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
};
const message = (field: number, ...parts: Buffer[]) => bytes(field, Buffer.concat(parts));

// The messages of onnx.proto3 that are needed, with its field numbers.
const FLOAT = 1;
const INT64 = 7;
function node(operator: string, inputs: readonly string[], ...outputs: readonly string[]): Buffer {
  const names = [...inputs.map((name) => bytes(1, name)), ...outputs.map((name) => bytes(2, name))];
  return message(1, ...names, bytes(4, operator));
}
function weights(name: string, rows: number, columns: number, values: Float32Array): Buffer {
  const raw = Buffer.from(values.buffer);
  return message(5, number(1, rows), number(1, columns), number(2, FLOAT), bytes(8, name), bytes(9, raw));
}
function value(field: number, name: string, type: number, shape: readonly (string | number)[]): Buffer {
  const dimensions = shape.map((size) => message(1, typeof size === 'number' ? number(1, size) : bytes(2, size)));
  return message(field, bytes(1, name), message(2, message(1, number(1, type), message(2, ...dimensions))));
}

function inBytes(input: string, output: string): Buffer[] {
  const parts = ['bytes', 'scale', 'zero'];
  return [node('DynamicQuantizeLinear', [input], ...parts), node('DequantizeLinear', parts, output)];
}

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/**
 * Writes a model of the shape of BERT that `feature-extraction` loads: a table of word vectors and nothing behind it,
 * so that the vector of a text is known beforehand: the mean of its words' vectors and those of its two ends, which
 * are zero.
 *
 * @param folder the folder of the model, which is made
 */
export function writeTinyModel(folder: string, { dimension, words, quantised }: TinyModel): void {
  const vocabulary = [...SPECIAL, ...Object.keys(words)];
  const table = new Float32Array(vocabulary.length * dimension);
  vocabulary.forEach((word, row) => {
    if (SPECIAL.includes(word)) return;
    table.set(words[word] ?? hashed(word, dimension), row * dimension);
  });
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids'];
  const graph = message(
    7,
    node('Gather', ['words', 'input_ids'], 'word'),
    node('Gather', ['types', 'token_type_ids'], 'type'),
    node('Add', ['word', 'type'], quantised ? 'sum' : 'last_hidden_state'),
    ...(quantised ? inBytes('sum', 'last_hidden_state') : []),
    bytes(2, 'tiny'),
    weights('words', vocabulary.length, dimension, table),
    weights('types', 2, dimension, new Float32Array(2 * dimension)),
    ...inputs.map((name) => value(11, name, INT64, ['batch', 'sequence'])),
    value(12, 'last_hidden_state', FLOAT, ['batch', 'sequence', dimension]),
  );
  const operators = message(8, bytes(1, ''), number(2, 13));
  const model = Buffer.concat([number(1, 8), graph, operators]);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  for (const name of ['model', 'model_quantized']) writeFileSync(join(folder, 'onnx', `${name}.onnx`), model);
  for (const [name, content] of Object.entries(tokenizerFiles(vocabulary, dimension)))
    writeFileSync(join(folder, name), JSON.stringify(content));
}

function hashed(word: string, dimension: number): Float32Array {
  return Float32Array.from({ length: dimension }, (_, i) => {
    return createHash('sha256').update(`${word}:${i}`).digest().readInt32LE(0) / 2 ** 31;
  });
}

function tokenizerFiles(vocabulary: readonly string[], dimension: number): Record<string, object> {
  const vocab = Object.fromEntries(vocabulary.map((word, id) => [word, id]));
  const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const token = (id: string) => [id, { id, ids: [vocab[id]], tokens: [id] }] as const;
  const single = [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)];
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    'config.json': {
      architectures: ['BertModel'],
      model_type: 'bert',
      hidden_size: dimension,
      vocab_size: vocabulary.length,
      num_hidden_layers: 1,
      num_attention_heads: 1,
      max_position_embeddings: 512,
      type_vocab_size: 2,
      pad_token_id: 0,
    },
    'tokenizer_config.json': {
      tokenizer_class: 'BertTokenizer',
      do_lower_case: true,
      model_max_length: 512,
      ...Object.fromEntries(SPECIAL.map((word) => [`${word.slice(1, -1).toLowerCase()}_token`, word])),
    },
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: SPECIAL.map((content) => ({ id: vocab[content], content, ...flags })),
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single,
        pair: [...single, sequence('B', 1), special('[SEP]', 1)],
        special_tokens: Object.fromEntries([token('[CLS]'), token('[SEP]')]),
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    },
  };
}
