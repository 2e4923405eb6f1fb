import type { OpenFields } from '../model/fields.js';
import type { Sealer } from '../model/sealer.js';

/** Stores sealed fields as they are. Part 2 puts encryption in its place; the way of a read does not change then. */
export const clearSealer: Sealer = {
  seal(record, { content, metadata, speaker }) {
    const sealed = { ...record };
    if (content !== undefined) sealed.content = content;
    if (metadata !== undefined) sealed.metadata = JSON.stringify(metadata);
    if (speaker !== undefined) sealed.speaker = speaker;
    return sealed;
  },
  // What is not JSON was not written by `seal`.
  verify: ({ metadata }) => metadata === undefined || isJsonObject(metadata),
  open(record, fields) {
    const open: OpenFields = {};
    for (const field of fields) {
      const value = record[field];
      if (value === undefined) continue;
      if (field === 'metadata') open.metadata = JSON.parse(value) as NonNullable<OpenFields['metadata']>;
      else open[field] = value;
    }
    return open;
  },
};

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
