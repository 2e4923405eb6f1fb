import type { Document, Filter } from 'mongodb';
import { LEVELS } from '../../model/levels.js';
import type { Comparison, Predicate, TypeTest } from '../../model/predicate.js';

/** Which field of a collection holds a record's id. */
export type IdField = '_id' | 'memory_id' | 'user_id';

// BSON type numbers (bsonspec.org, with the server's -1 and 127 for min and max key).
const ARRAY = 4;
const TYPE_NUMBER = { string: 2, enum: 2, date: 9 } as const;
const ALL_TYPES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, -1, 127];
const OTHERS = {
  string: ALL_TYPES.filter((type) => type !== TYPE_NUMBER.string),
  date: ALL_TYPES.filter((type) => type !== TYPE_NUMBER.date),
} as const;

// What a JavaScript date can hold (ECMA-262, 21.4.1.1); a BSON date may lie outside it and would be read as invalid.
const EARLIEST = new Date(-8.64e15);
const LATEST = new Date(8.64e15);

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

// One pass over the document: what must be there, and one $nor of what must not. `$type` alone would let an array
// through that holds one element of the type.
function typeTests(tests: readonly TypeTest[], name: (field: string) => string): Filter<Document> {
  const musts: Record<string, object> = {};
  const refused: Document[] = [];
  for (const { field, type, required } of tests) {
    const at = name(field);
    if (required) {
      musts[at] = type === 'enum' ? { $in: [...LEVELS] } : { $type: TYPE_NUMBER[type] };
      refused.push({ [at]: { $type: ARRAY } });
    } else {
      refused.push({ [at]: { $type: type === 'date' ? OTHERS.date : OTHERS.string } });
      if (type === 'enum') refused.push({ [at]: { $exists: true, $nin: [...LEVELS] } });
    }
    if (type === 'date') refused.push({ [at]: { $gt: LATEST } }, { [at]: { $lt: EARLIEST } });
  }
  return { ...musts, $nor: refused };
}
