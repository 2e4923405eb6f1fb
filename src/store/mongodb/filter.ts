import type { Document, Filter } from 'mongodb';
import { LEVELS } from '../../model/levels.js';
import type { Comparison, Predicate, TypeTest } from '../../model/predicate.js';

/** Which field of a collection holds a record's id. */
export type IdField = '_id' | 'memory_id' | 'user_id';

// BSON type numbers (bsonspec.org, with the server's -1 and 127 for min and max key).
const STRING = 2;
const ARRAY = 4;
const SYMBOL = 14;
const OTHER_THAN_STRING = ['number', 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, -1, 127];

// What a JavaScript date can hold (ECMA-262, 21.4.1.1); a BSON date may lie outside it and would be read as invalid.
const EARLIEST = new Date(-8.64e15);
const LATEST = new Date(8.64e15);

// A comparison holds within its own type alone.
const FITS = {
  string: { $type: STRING },
  enum: { $in: [...LEVELS] },
  date: { $gte: EARLIEST, $lte: LATEST },
} as const;

/** What equals a string in a query and is none: an array that holds it, and the symbol of its letters. */
export const EQUAL_TO_STRING = { $type: [ARRAY, SYMBOL] } as const;

/** What type tests ask of a document: what must be there, and what must not. */
interface Tests {
  readonly musts: Document;
  readonly refused: readonly Document[];
}

/** Translates predicates to MongoDB filters for one collection. */
export interface Translator {
  (predicate: Predicate): Filter<Document>;
  /** The filters of predicates that all hold, for one `$and`, and of what else a document must not be. */
  all(predicates: readonly Predicate[], refused: readonly Document[]): Document[];
}

/**
 * Makes a translator of predicates to MongoDB filters for one collection. What was put together of several is kept for
 * as long as the predicate lives. Operators come from here alone; every operand is a string, a date or a boolean.
 */
export function translator(idField: IdField): Translator {
  const kept = new WeakMap<Predicate, Filter<Document> | Tests>();
  const name = (field: string) => (field === 'id' ? idField : field);
  const translated = (predicate: Predicate): Filter<Document> | Tests => {
    // What is new at each call (the time, a caller's filter) is one comparison, sooner made than kept.
    if (predicate.kind === 'compare') return comparison(predicate, name);
    if (predicate.kind === 'type') return typeTests([predicate], name);
    let made = kept.get(predicate);
    if (!made) kept.set(predicate, (made = build(predicate)));
    return made;
  };
  const translate = (predicate: Predicate): Filter<Document> => {
    const made = translated(predicate);
    return isTests(made) ? filterOf(made) : made;
  };
  const build = (predicate: Exclude<Predicate, Comparison | TypeTest>): Filter<Document> | Tests => {
    switch (predicate.kind) {
      case 'true':
        return { $and: [{}] };
      case 'false':
        return { $nor: [{}] };
      case 'or':
        return { $or: predicate.of.map(translate) };
      case 'not':
        return { $nor: [translate(predicate.of)] };
      case 'and': {
        const types = predicate.of.filter((part) => part.kind === 'type');
        return types.length === predicate.of.length ? typeTests(types, name) : { $and: predicate.of.map(translate) };
      }
    }
  };
  const all = (predicates: readonly Predicate[], refused: readonly Document[]): Document[] => {
    // By spreading, which engines do at once where they would assign name by name.
    let tests: Tests = { musts: {}, refused };
    const others: Document[] = [];
    for (const predicate of predicates) {
      const made = translated(predicate);
      // Two tests of one field ask the same of it, for a field has one type.
      if (isTests(made))
        tests = { musts: { ...tests.musts, ...made.musts }, refused: [...tests.refused, ...made.refused] };
      else others.push(made);
    }
    return [filterOf(tests), ...others];
  };
  return Object.assign(translate, { all });
}

function isTests(made: Filter<Document> | Tests): made is Tests {
  return made['musts'] !== undefined;
}

// One $nor of all that must not be: each operator costs a server a part of a hundredth of the whole query, also where
// it is nested, and the more so the more types it lists.
function filterOf({ musts, refused }: Tests): Filter<Document> {
  return { ...musts, $nor: refused as Document[] };
}

function comparison(part: Comparison, name: (field: string) => string): Filter<Document> {
  return { [name(part.field)]: { [`$${part.op}`]: part.value } };
}

// `$type` and comparisons alone would let an array through that holds one fitting element.
function typeTests(tests: readonly TypeTest[], name: (field: string) => string): Tests {
  const musts: Record<string, object> = {};
  const refused: Document[] = [];
  for (const { field, type, required, after } of tests) {
    const at = name(field);
    if (at === '_id') {
      // It is never an array. `{ _id: { $type: 2 } }` would bound the index that lists go along, at the price of one
      // more key.
      refused.push({ _id: { $not: FITS.string } });
    } else if (required) {
      musts[at] = FITS[type];
      refused.push({ [at]: type === 'enum' ? EQUAL_TO_STRING : { $type: ARRAY } });
    } else if (type === 'string') {
      refused.push({ [at]: { $type: OTHER_THAN_STRING } });
    } else {
      const fits = after === undefined ? FITS[type] : { $gt: after, $lte: LATEST };
      refused.push({ [at]: { $type: ARRAY } }, { [at]: { $exists: true, $not: fits } });
    }
  }
  return { musts, refused };
}
