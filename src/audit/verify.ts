import type { AuditSource } from '../model/audit-storage.js';
import type { AuditFinding, Checkpoint, VerifyOptions, VerifyReport } from '../model/audit-report.js';
import type { PublicKeyOf } from '../model/signing-keys.js';
import { checkGroup, type Fault } from './check.js';
import { readCheckpoint } from './checkpoint.js';
import { beginning, REGISTRY, type Place } from './format.js';
import { IntentLedger } from './intents.js';
import { StreamStates, type RegistryRecord, type StreamState } from './registry.js';
import { Signatures, TrustedKeys } from './signatures.js';

const ANOTHER =
  'not looked at further: no key of the checkpoint signed this log, so it is the checkpoint of another store, or this log took the place of the one that was checkpointed';
const ONLY_CLAIMED = 'complete only up to what this store claims';

/**
 * Verifies a log: every record's hash, every head's signature, every link, every stream that the registry names and no
 * other; against a checkpoint also that nothing was cut off and no head replaced.
 *
 * @param keyOf the store's own public keys, for where none were kept elsewhere
 * @throws MemwardenError audit_checkpoint_invalid
 */
export async function verifyLog(
  source: AuditSource,
  keyOf: PublicKeyOf,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const checkpoint = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint, options.keys);
  const pinned = options.keys ?? checkpoint?.keys;
  return new Verification(source, new TrustedKeys(pinned, keyOf), options, checkpoint).run();
}

class Verification {
  readonly #source: AuditSource;
  readonly #keys: TrustedKeys;
  readonly #options: VerifyOptions;
  readonly #checkpoint: Checkpoint | undefined;
  readonly #states = new StreamStates();
  readonly #findings: AuditFinding[] = [];
  readonly #intents = new IntentLedger();
  readonly #signatures = new Signatures();
  /** Heads that the checkpoint names and that are still to be met. */
  readonly #awaited = new Map<string, { readonly seq: number; readonly head: string }>();
  #records = 0;

  constructor(source: AuditSource, keys: TrustedKeys, options: VerifyOptions, checkpoint: Checkpoint | undefined) {
    this.#source = source;
    this.#keys = keys;
    this.#options = options;
    this.#checkpoint = checkpoint;
    for (const { stream, group, seq, head } of checkpoint ? [checkpoint.registry, ...checkpoint.open] : []) {
      if (group > 0) this.#awaited.set(`${stream}:${group}`, { seq, head });
    }
  }

  async run(): Promise<VerifyReport> {
    await this.#stream(REGISTRY, undefined);
    if (this.#isForeign()) return this.#report();
    const there = new Set(await this.#source.streams());
    const { streams } = this.#states;
    for (const name of [...streams.keys(), ...[...there].filter((one) => !streams.has(one) && one !== REGISTRY)]) {
      const state = streams.get(name);
      if (!state) this.#find(name, 0, 0, 'stream_not_opened');
      else if (state.pruned) this.#forgive(name);
      else await this.#stream(name, state);
    }
    for (const [name, { seq }] of this.#awaited) {
      const [stream = '', group] = name.split(':');
      // What comes after a fault in the same stream was never reached.
      const isExplained = this.#findings.some((one) => one.stream === stream && one.group <= Number(group));
      if (!isExplained) this.#find(stream, Number(group), seq, there.has(stream) ? 'tail_cut' : 'stream_missing');
    }
    await this.#signatures.idle();
    this.#findings.push(...this.#signatures.findings);
    return this.#report();
  }

  async #stream(stream: string, state: StreamState | undefined): Promise<void> {
    let place = beginning(stream);
    for await (const { group, body } of this.#source.groups(stream)) {
      if (!Number.isInteger(group) || group < 1) return void this.#find(stream, 0, 0, 'row_malformed');
      if (group !== place.group + 1) {
        const fault = group <= place.group ? 'group_repeated' : 'group_missing';
        return void this.#find(stream, place.group + 1, place.seq + 1, fault);
      }
      const next = await this.#group(place, body, stream === REGISTRY);
      if (!next) return;
      place = next;
    }
    const closed = state?.closed;
    if (!closed || (closed.group === place.group && closed.head === place.head && closed.seq === place.seq)) return;
    const missing = place.group === 0 ? 'stream_missing' : 'tail_cut';
    this.#find(stream, closed.group, place.seq + 1, place.group < closed.group ? missing : 'fork');
  }

  async #group(before: Place, body: Buffer, isRegistry: boolean): Promise<Place | undefined> {
    const checked = checkGroup(before, body, isRegistry || this.#isInRange(body));
    const group = before.group + 1;
    if (!checked.ok) return void this.#find(before.stream, group, checked.seq, checked.fault);
    const { place, head } = checked;
    const key = await this.#keys.find(head.key);
    if (!key) return void this.#find(before.stream, group, place.seq, 'key_unknown');
    const check = this.#signatures.check(key, checked, () => ({
      stream: before.stream,
      group,
      seq: before.seq + 1,
      fault: 'signature_invalid',
    }));
    const awaited = this.#awaited.get(`${place.stream}:${group}`);
    this.#awaited.delete(`${place.stream}:${group}`);
    if (awaited && awaited.head !== place.head) return void this.#find(place.stream, group, place.seq, 'fork');
    // What the registry says is believed only once its signature is known to be good.
    if (isRegistry) {
      if (!(await check)) return undefined;
      for (const record of checked.records) this.#register(JSON.parse(record) as RegistryRecord);
    } else {
      await this.#signatures.room();
      checked.records.forEach((record, i) => this.#intents.add(before.stream, before.seq + 1 + i, record));
      this.#records += checked.records.length;
      this.#options.onProgress?.(this.#records);
    }
    return place;
  }

  #register(entry: RegistryRecord): void {
    this.#states.add(entry);
    if (entry.kind === 'key') this.#keys.introduce(entry.key);
  }

  #isInRange(body: Buffer): boolean {
    const { since, until } = this.#options;
    if (!since && !until) return true;
    // Of the head alone, whose signature is checked wherever it says it lies: a record may hold what looks like one.
    const end = body.lastIndexOf('\n', -2) + 1;
    const at = AT.exec(body.toString('latin1', end, Math.min(body.length, end + TAIL)))?.[1];
    const time = at === undefined ? NaN : Date.parse(at);
    // What names no time is looked at whole.
    return !(time < (since?.getTime() ?? -Infinity)) && !(time >= (until?.getTime() ?? Infinity));
  }

  #forgive(stream: string): void {
    for (const name of this.#awaited.keys()) if (name.startsWith(`${stream}:`)) this.#awaited.delete(name);
  }

  #find(stream: string, group: number, seq: number, fault: Fault): void {
    this.#findings.push({ stream, group, seq, fault });
  }

  // No key of the checkpoint signed even the first head: every other finding would say that once more.
  #isForeign(): boolean {
    const [first] = this.#findings;
    return this.#checkpoint !== undefined && first?.fault === 'key_unknown' && first.group === 1;
  }

  #completeness(): string {
    if (this.#isForeign()) return ANOTHER;
    if (!this.#checkpoint) return `${ONLY_CLAIMED}; keep checkpoints elsewhere and name one`;
    return `complete up to the checkpoint of ${this.#checkpoint.time}; after it, ${ONLY_CLAIMED}`;
  }

  #report(): VerifyReport {
    const findings = this.#findings.sort((a, b) => order(a, b));
    const [first] = findings;
    const { streams } = this.#states;
    const whole = !this.#options.since && !this.#options.until;
    return {
      ok: findings.length === 0,
      records: this.#records,
      heads: this.#signatures.checked,
      streams: streams.size,
      pruned: [...streams.values()].filter(({ pruned }) => pruned).length,
      completeness: this.#completeness(),
      ...(first ? { first } : {}),
      findings,
      openIntents: whole ? this.#intents.open() : [],
    };
  }
}

const TAIL = 100;
const AT = /^\{"head":\{"at":"([^"]+)"/;

function order(a: AuditFinding, b: AuditFinding): number {
  if (a.stream !== b.stream)
    return a.stream === REGISTRY ? -1 : b.stream === REGISTRY ? 1 : a.stream < b.stream ? -1 : 1;
  return a.group - b.group || a.seq - b.seq;
}
