import type { Document, Filter } from 'mongodb';
import { LEVELS } from '../../model/levels.js';
import type { Comparison, Predicate, TypeTest } from '../../model/predicate.js';

/** Which field of a collection holds a record's id. */
export type IdField = '_id' | 'memory_id' | 'user_id';

// BSON type numbers (bsonspec.org, with the server's -1 and 127 for min and max key).
const STRING = 2;
const ARRAY = 4;
const SYMBOL = 14;
const OTHER_THAN_STRING = [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, -1, 127];

// What a JavaScript date can hold (ECMA-262, 21.4.1.1); a BSON date may lie outside it and would be read as invalid.
const EARLIEST = new Date(-8.64e15);
const LATEST = new Date(8.64e15);

// A comparison holds within its own type alone.
const FITS = {
  string: { $type: STRING },
  enum: { $in: [...LEVELS] },
  date: { $gte: EARLIEST, $lte: LATEST },
} as const;

/**
 * Makes a translator of predicates to MongoDB filters for one collection. What was translated is kept for as long as
 * the predicate lives. Operators come from here alone; every operand is a string, a date or a boolean.
 */
export function translator(idField: IdField): (predicate: Predicate) => Filter<Document> {
  const kept = new WeakMap<Predicate, Filter<Document>>();
  const name = (field: string) => (field === 'id' ? idField : field);
  const translate = (predicate: Predicate): Filter<Document> => {
    let filter = kept.get(predicate);
    if (!filter) kept.set(predicate, (filter = build(predicate)));
    return filter;
  };
  const build = (predicate: Predicate): Filter<Document> => {
    switch (predicate.kind) {
      case 'true':
        return { $and: [{}] };
      case 'false':
        return { $nor: [{}] };
      case 'or':
        return { $or: predicate.of.map(translate) };
      case 'not':
        return { $nor: [translate(predicate.of)] };
      case 'type':
        return typeTests([predicate], name);
      case 'compare':
        return comparison(predicate, name);
      case 'and': {
        const types = predicate.of.filter((part) => part.kind === 'type');
        const rest = predicate.of.filter((part) => part.kind !== 'type').map(translate);
        return { $and: types.length ? [typeTests(types, name), ...rest] : rest };
      }
    }
  };
  return translate;
}

function comparison(part: Comparison, name: (field: string) => string): Filter<Document> {
  return { [name(part.field)]: { [`$${part.op}`]: part.value } };
}

// One pass over the document: what must be there, and one $nor of what must not. `$type` and comparisons alone would let
// an array through that holds one fitting element. The forms are those that cost a server least to parse (a list of the
// twenty other types costs as much as the rest of the query together).
function typeTests(tests: readonly TypeTest[], name: (field: string) => string): Filter<Document> {
  const musts: Record<string, object> = {};
  const refused: Document[] = [];
  for (const { field, type, required } of tests) {
    const at = name(field);
    const fits = FITS[type];
    if (at === '_id') {
      // `{ _id: { $type: 2 } }` would bound the index that lists go along, at the price of one more key.
      refused.push({ _id: { $type: OTHER_THAN_STRING } });
    } else {
      refused.push({ [at]: { $type: ARRAY } });
      if (required) musts[at] = fits;
      else refused.push({ [at]: { $exists: true, $not: fits } });
      // A symbol equals the string of its letters.
      if (type === 'enum') refused.push({ [at]: { $type: SYMBOL } });
    }
  }
  return { ...musts, $nor: refused };
}
