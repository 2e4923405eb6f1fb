import { MemwardenError } from '../errors/memwarden-error.js';
import type { AuditStorage, StoredGroup } from '../model/audit-storage.js';
import type { Clock } from '../model/clock.js';
import type { SigningKey, SigningKeys } from '../model/signing-keys.js';
import { seal } from './chain.js';
import { claimedHead, claimedPlace, claimedRecords } from './check.js';
import { beginning, canonical, FORMAT, REGISTRY, type Place } from './format.js';

/** A public key as the registry introduces it: raw, base64url. */
export interface NamedKey {
  readonly id: string;
  readonly x: string;
}

/** What the registry says of streams. */
export type RegistryEntry =
  | { readonly kind: 'open'; readonly stream: string }
  | {
      readonly kind: 'close';
      readonly stream: string;
      readonly group: number;
      readonly seq: number;
      readonly head: string;
      /** `lapsed`: its writer died. */
      readonly why: 'ended' | 'rotated' | 'lapsed';
    }
  /** Intents up to this group have their results, or have been reported. */
  | { readonly kind: 'reconciled'; readonly stream: string; readonly group: number }
  /** The summary of a closed stream that retention took away. */
  | {
      readonly kind: 'pruned';
      readonly stream: string;
      readonly groups: number;
      readonly records: number;
      readonly first: string;
      readonly last: string;
      readonly head: string;
      readonly outcomes: Readonly<Record<string, number>>;
    }
  /** A key that signs from here on; signed by one that was known before. */
  | { readonly kind: 'key'; readonly key: NamedKey };

/** An entry as it is chained. */
export type RegistryRecord = RegistryEntry & { readonly time: string; readonly v: number };

const ATTEMPTS = 1_000;

interface Owed {
  readonly record: string;
  readonly at: Date;
  readonly key: SigningKey;
  readonly group: StoredGroup;
  readonly place: Place;
}

/**
 * The stream of streams (S25). All processes append to it; whoever finds a place taken looks again and takes the next
 * one (compare and swap). An append of unknown outcome is repeated with the same bytes before anything else.
 */
export class Registry {
  readonly #storage: AuditStorage;
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  readonly #onStored: (group: StoredGroup) => void;
  #place: Place | undefined;
  #owed: Owed | undefined;
  #signer: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(storage: AuditStorage, keys: SigningKeys, clock: Clock, onStored: (group: StoredGroup) => void) {
    this.#storage = storage;
    this.#keys = keys;
    this.#clock = clock;
    this.#onStored = onStored;
  }

  /** Appends an entry; resolves once it is durable. */
  append(entry: RegistryEntry): Promise<void> {
    const appended = this.#last.then(async () => {
      const key = await this.#introduced();
      await this.#settleOwed();
      await this.#append(entry, key);
    });
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  // The first key of a registry introduces itself; every later one is introduced by the one before it.
  async #introduced(): Promise<SigningKey> {
    const key = await this.#keys.current();
    if (this.#signer === key.id) return key;
    await this.#settleOwed();
    await this.#look();
    const last = await this.#storage.last(REGISTRY);
    const signer = last && claimedHead(last.body)?.key;
    if (signer !== key.id && !(await this.#knows(key.id))) {
      const introducer = signer === undefined ? key : await this.#keys.byId(signer);
      if (!introducer) throw new MemwardenError('audit_unavailable', { reason: 'the last signing key is gone' });
      await this.#append({ kind: 'key', key: { id: key.id, x: key.publicKey.toString('base64url') } }, introducer);
    }
    this.#signer = key.id;
    return key;
  }

  async #knows(id: string): Promise<boolean> {
    for await (const { entry } of registryEntries(this.#storage)) {
      if (entry.kind === 'key' && entry.key.id === id) return true;
    }
    return false;
  }

  async #append(entry: RegistryEntry, key: SigningKey): Promise<void> {
    const at = this.#clock();
    this.#owe(canonical({ ...entry, time: at.toISOString(), v: FORMAT }), at, key, this.#place ?? (await this.#look()));
    await this.#settleOwed();
  }

  async #settleOwed(): Promise<void> {
    for (let attempt = 0; this.#owed && attempt < ATTEMPTS; attempt += 1) {
      const { group, place, record, at, key } = this.#owed;
      if ((await this.#storage.append(group)) === 'stored') {
        this.#place = place;
        this.#owed = undefined;
        this.#onStored(group);
        return;
      }
      this.#owe(record, at, key, await this.#look());
    }
    if (this.#owed) throw new MemwardenError('audit_unavailable', { reason: 'the registry is contended' });
  }

  #owe(record: string, at: Date, key: SigningKey, before: Place): void {
    const { body, place } = seal(before, [record], at, key);
    this.#owed = { record, at, key, group: { stream: REGISTRY, group: place.group, body }, place };
  }

  async #look(): Promise<Place> {
    const last = await this.#storage.last(REGISTRY);
    const place = last ? claimedPlace(last.body) : beginning(REGISTRY);
    if (!place || (last && place.group !== last.group))
      throw new MemwardenError('audit_unavailable', { reason: 'the registry is damaged' });
    return (this.#place = place);
  }
}

/** The entries of a registry with the group that each stands in; unchecked, in order. */
export async function* registryEntries(
  source: Pick<AuditStorage, 'groups'>,
): AsyncGenerator<{ readonly group: number; readonly entry: RegistryRecord }> {
  for await (const { group, body } of source.groups(REGISTRY)) {
    for (const record of claimedRecords(body)) yield { group, entry: JSON.parse(record) as RegistryRecord };
  }
}

/** What the registry says of one stream. */
export interface StreamState {
  readonly opened: string;
  closed?: Extract<RegistryRecord, { kind: 'close' }>;
  pruned?: Extract<RegistryRecord, { kind: 'pruned' }>;
  /** The last group whose intents are settled. */
  reconciled: number;
}

/** What the registry says of each stream, in the order in which they were opened. */
export class StreamStates {
  readonly streams = new Map<string, StreamState>();
  readonly keys: NamedKey[] = [];

  add(entry: RegistryRecord): void {
    if (entry.kind === 'key') return void this.keys.push(entry.key);
    if (entry.kind === 'open') return void this.streams.set(entry.stream, { opened: entry.time, reconciled: 0 });
    const state = this.streams.get(entry.stream);
    if (!state) return;
    if (entry.kind === 'close') state.closed ??= entry;
    else if (entry.kind === 'pruned') state.pruned = entry;
    else state.reconciled = Math.max(state.reconciled, entry.group);
  }

  static async read(source: Pick<AuditStorage, 'groups'>): Promise<StreamStates> {
    const states = new StreamStates();
    for await (const { entry } of registryEntries(source)) states.add(entry);
    return states;
  }
}
