import { BSON } from 'mongodb';
import { hostileKinds, type Ground, type HostileKind } from './hostile.js';
import type { Random } from './random.js';
import { LEVELS, STRING_FIELDS } from './rules.js';
import { FAR_TIMES, FUTURE, OWNERS, PAST, TIMES, UNNAMEABLE_WORDS, WORDS } from './values.js';

/** A document to put into a store past its validator. */
export interface Planted {
  /** In its content, which no rule looks at: how a document is known again whatever else became of it. */
  readonly tag: string;
  /** Whose partition it is meant for. */
  readonly owner: string;
  /** A UUID; the key of the document where its own id cannot be one. */
  readonly key: string;
  /** What is hostile about it; none for a sound one. */
  readonly kinds: readonly string[];
  /** The fields that were spoiled. */
  readonly spoiled: readonly string[];
  readonly document: Record<string, unknown>;
  /** A time outside JavaScript's range, which only the server itself can put into a field. */
  readonly serverTime?: { readonly field: string; readonly milliseconds: bigint };
}

/** A document as the product writes it. */
export function soundDocument(random: Random, owner: string, tag: string): Record<string, unknown> {
  const word = () => (random.chance(0.1) ? random.pick(UNNAMEABLE_WORDS) : random.pick(WORDS));
  const time = () => (random.chance(0.1) ? random.pick(FAR_TIMES) : random.pick(TIMES));
  const expiry = random.unit();
  return {
    id: uuid(random),
    tenant: 'default',
    user_id: owner,
    sensitivity: random.pick(LEVELS),
    category: word(),
    ...(random.chance(0.55) ? { agent_id: word() } : {}),
    ...(random.chance(0.55) ? { app_id: word() } : {}),
    ...(random.chance(0.55) ? { session_id: word() } : {}),
    occurred_at: time(),
    created_at: time(),
    updated_at: time(),
    ...(expiry < 0.5 ? {} : { expires_at: expiry < 0.88 ? random.pick(FUTURE) : random.pick(PAST) }),
    version: random.between(1, 5),
    content: tag,
  };
}

/** Takes the expiry away, so that nothing but what else is done to a document keeps it from being read. */
export function withoutExpiry(document: Record<string, unknown>): Record<string, unknown> {
  delete document['expires_at'];
  return document;
}

/** Spoils a sound document in one way, in one field; its content names it. */
export function spoiledDocument(
  random: Random,
  owner: string,
  document: Record<string, unknown>,
  kind: HostileKind,
  field: string,
): Planted {
  const tag = String(document['content']);
  const key = String(document['id']);
  // A field that is optional has a right value first, for the kinds that wrap it up.
  document[field] ??= (STRING_FIELDS as readonly string[]).includes(field) ? random.pick(WORDS) : random.pick(FUTURE);
  const serverTime = kind.spoil(document, field, random);
  const planted = { tag, owner, key, kinds: [kind.name], spoiled: [field], document };
  return serverTime === undefined ? planted : { ...planted, serverTime: { field, milliseconds: serverTime } };
}

/** A document with nothing wrong; its content names it. */
export function unspoiled(owner: string, document: Record<string, unknown>): Planted {
  return { tag: String(document['content']), owner, key: String(document['id']), kinds: [], spoiled: [], document };
}

/** Documents of every owner, a little more than half of them sound; every hostile kind is there. */
export function makePool(random: Random, size: number, ground: Ground): Planted[] {
  const kinds = random.shuffled(hostileKinds(ground));
  const pool: Planted[] = [];
  const names = new Set<string>();
  let turn = 0;
  for (let n = 0; pool.length < size; n += 1) {
    const owner = OWNERS[n % OWNERS.length] as string;
    const document = soundDocument(random, owner, `document ${n}`);
    const kind = random.chance(0.45) ? kinds[turn++ % kinds.length] : undefined;
    if (kind && random.chance(0.8)) withoutExpiry(document);
    const planted = kind
      ? spoiledDocument(random, owner, document, kind, random.pick(kind.fields))
      : unspoiled(owner, document);
    // A collection holds one document of an id, whatever the type of the id is.
    const name = nameOf(planted.document['id']);
    if (names.has(name)) continue;
    names.add(name);
    pool.push(planted);
  }
  return pool;
}

/** What makes two ids one. */
export function nameOf(id: unknown): string {
  return BSON.EJSON.stringify({ id });
}

function uuid(random: Random): string {
  const hex = (length: number) => Array.from({ length }, () => random.between(0, 15).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
}
