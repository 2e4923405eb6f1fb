import type { Tombstone } from '../../crypto/ledger.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ErasureCertificate, LeftSpace } from '../../model/erasure.js';
import { newId } from '../../model/id.js';
import type { ErasureJob, KeyRing } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import { certify } from './certificate.js';
import type { EraserOptions, ErasureOrder, NoteLeft } from './eraser-options.js';
import { jobOf, nameOf } from './job.js';
import { fillLedger, Tombstones } from './tombstones.js';

const BATCH = 1_000;
const ATTEMPTS = 8;

/**
 * Erases users (S20 to S22): the key record is closed, writes under it are fenced off, the wrapped keys are destroyed,
 * the rows are deleted, and after longer than anybody holds a key, swept once more; then the certificate is signed. Each
 * step can be done again, so that whoever finds an erasure half done goes on with it.
 */
export class Eraser {
  readonly #options: EraserOptions;
  readonly #tombstones: Tombstones;

  constructor(options: EraserOptions) {
    this.#options = options;
    this.#tombstones = new Tombstones(options);
  }

  /** Erases a user. One whose erasure is under way is waited for with it. */
  async erase(partition: Partition, order: ErasureOrder): Promise<ErasureCertificate> {
    return this.#carryThrough(await this.#begin(partition, order));
  }

  /** Goes on with every erasure that stopped half way. */
  async resume(onCertificate?: (certificate: ErasureCertificate) => void): Promise<ErasureCertificate[]> {
    const certificates: ErasureCertificate[] = [];
    for (;;) {
      const [ring] = await this.#options.store.erasing(1);
      if (!ring) return certificates;
      const certificate = await this.#carryThrough(ring);
      certificates.push(certificate);
      onCertificate?.(certificate);
    }
  }

  async #begin(partition: Partition, { principal, policyRevision }: ErasureOrder): Promise<KeyRing> {
    const { store, clock } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const ring = await store.ring(partition);
      if (ring?.state === 'erasing') return ring;
      // Those that were rotated out too: a backup from before holds rows and keys of theirs.
      const keyIds = [...(ring?.versions ?? []).map(({ keyId }) => keyId), ...(ring?.retiredKeyIds ?? [])];
      if (ring?.pseudonym) keyIds.push(ring.pseudonym.keyId);
      if (ring?.authors) keyIds.push(...Object.keys(ring.authors));
      const erasure: ErasureJob = {
        erasureId: newId(),
        principal,
        requestedAt: clock(),
        policyRevision,
        keyIds,
        memories: 0,
        states: 0,
      };
      const next: KeyRing = {
        ...(ring ?? { ...nameOf(partition), ownerHeld: false, versions: [] }),
        epoch: Math.max((ring?.epoch ?? 0) + 1, Date.now()),
        state: 'erasing',
        erasure,
      };
      if (!(await store.swap(next, ring?.epoch))) continue;
      this.#options.rings.drop(partition);
      return next;
    }
    throw new MemwardenError('erasing');
  }

  async #carryThrough(begun: KeyRing): Promise<ErasureCertificate> {
    try {
      return await this.#carry(begun);
    } catch (error) {
      if (!(error instanceof EndedElsewhere)) throw error;
      this.#options.rings.drop(nameOf(begun));
      const stored = await this.#options.store.document('certificate', jobOf(begun).erasureId);
      if (!stored) throw new MemwardenError('internal');
      return stored.value as unknown as ErasureCertificate;
    }
  }

  async #carry(begun: KeyRing): Promise<ErasureCertificate> {
    const { store, maintenance, rings } = this.#options;
    const partition = nameOf(begun);
    await this.#step('begun');
    await this.#current(begun);
    await maintenance.fence(partition, begun.epoch);
    await this.#step('fenced');
    const { leave } = this.#options;
    const note: NoteLeft = (left, ids) => this.#note(begun, left, ids);
    await leave?.begin(partition, note);
    await this.#step('spaces left');
    // With what was found of the user there.
    const tombstone = await this.#bury(await this.#current(begun));
    const destroyed = await this.#destroyKeys(partition, begun, tombstone);
    rings.drop(partition);
    await this.#step('keys destroyed');
    await this.#sweep(begun);
    await this.#step('swept');
    await this.#waitUntilNobodyHolds(destroyed);
    await this.#step('waited');
    // What a writer that had its key from before put in between; no other key is the erased user's.
    const { keyIds } = jobOf(destroyed);
    const late = keyIds.length > 0 ? await this.#sweep(begun, keyIds) : { memories: 0, states: 0 };
    await leave?.settle(partition, note);
    const counted = await this.#count(await this.#current(begun), late);
    await this.#current(begun);
    // Before the fence goes with the row.
    await maintenance.bury(keyIds);
    await maintenance.forget(partition);
    await this.#step('swept again');
    await store.shred();
    await this.#step('shredded');
    const certificate = await this.#certify(counted, tombstone);
    await this.#step('certified');
    await store.remove(partition, counted.epoch);
    rings.drop(partition);
    await store.shred();
    await this.#step('done');
    return certificate;
  }

  async #bury(ring: KeyRing): Promise<Tombstone> {
    const { erasureId, keyIds } = jobOf(ring);
    const { tombstone } = await this.#tombstones.put(erasureId, keyIds);
    await this.#step('tombstone put');
    await this.#options.head.raiseErasureHead(tombstone.sequence);
    // With those of erasures that stopped before they came to this.
    await fillLedger(this.#options.store, this.#options.ledger);
    await this.#step('ledger appended');
    return tombstone;
  }

  async #destroyKeys(partition: Partition, begun: KeyRing, { sequence }: Tombstone): Promise<KeyRing> {
    const { store, clock, maintenance } = this.#options;
    // Counted behind the fence, and kept before the first row goes.
    const counted = await maintenance.tally(partition);
    const ended = (ring: KeyRing): ErasureJob => ({
      ...jobOf(ring),
      ...counted,
      destroyedAt: clock(),
      tombstone: sequence,
    });
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const ring = await this.#current(begun);
      if (jobOf(ring).destroyedAt) return ring;
      const { pseudonym: _, authors: __, ...rest } = ring;
      const next: KeyRing = { ...rest, epoch: ring.epoch + 1, versions: [], erasure: ended(ring) };
      if (await store.swap(next, ring.epoch)) return next;
    }
    throw new MemwardenError('erasing');
  }

  // With what an attempt before it did in the same space.
  async #note(begun: KeyRing, left: LeftSpace, ids: readonly string[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const ring = await this.#current(begun);
      const job = jobOf(ring);
      const before = job.shared?.find(({ space }) => space === left.space)?.removed ?? 0;
      const others = (job.shared ?? []).filter(({ space }) => space !== left.space);
      const shared = [...others, { ...left, removed: left.removed + before }];
      const keyIds = [...new Set([...job.keyIds, ...ids])];
      const next: KeyRing = { ...ring, epoch: ring.epoch + 1, erasure: { ...job, keyIds, shared } };
      if (await this.#options.store.swap(next, ring.epoch)) return;
    }
    throw new MemwardenError('erasing');
  }

  // Another process that goes on with the same erasure may come to its end, and then the user may come back.
  async #current(begun: KeyRing): Promise<KeyRing> {
    const ring = await this.#options.store.ring(nameOf(begun));
    if (ring?.erasure?.erasureId !== jobOf(begun).erasureId) throw new EndedElsewhere();
    return ring;
  }

  async #sweep(begun: KeyRing, keyIds?: readonly string[]): Promise<{ memories: number; states: number }> {
    const all = { memories: 0, states: 0 };
    await this.#current(begun);
    await this.#options.traces.forget(begun.userId);
    for (;;) {
      await this.#current(begun);
      const gone = await this.#options.maintenance.sweep(nameOf(begun), BATCH, keyIds);
      all.memories += gone.memories;
      all.states += gone.states;
      await this.#step('batch swept');
      if (gone.memories + gone.states === 0) return all;
    }
  }

  async #waitUntilNobodyHolds(ring: KeyRing): Promise<void> {
    const { clock, waitMs, wait } = this.#options;
    const { destroyedAt, keyIds } = jobOf(ring);
    if (keyIds.length === 0 || !destroyedAt) return;
    const left = destroyedAt.getTime() + waitMs - clock().getTime();
    if (left > 0) await wait(Math.min(left, waitMs));
  }

  // Of the late ones alone: those that were there at the beginning are counted already.
  async #count(ring: KeyRing, late: { memories: number; states: number }): Promise<KeyRing> {
    if (late.memories + late.states === 0) return ring;
    const job = jobOf(ring);
    const erasure = { ...job, memories: job.memories + late.memories, states: job.states + late.states };
    const next = { ...ring, epoch: ring.epoch + 1, erasure };
    return (await this.#options.store.swap(next, ring.epoch)) ? next : ring;
  }

  async #certify(ring: KeyRing, tombstone: Tombstone): Promise<ErasureCertificate> {
    const { store, clock, head, instance, retentionDays } = this.#options;
    const job = jobOf(ring);
    const certificate = await certify(
      {
        job,
        storeId: await head.storeId(),
        completedAt: clock(),
        destroyedAt: job.destroyedAt ?? clock(),
        tombstone: tombstone.sequence,
        keyStore: store.kind,
        retentionDays,
      },
      instance,
    );
    const value = certificate as unknown as Record<string, unknown>;
    if (await store.add('certificate', { id: job.erasureId, value })) return certificate;
    const first = await store.document('certificate', job.erasureId);
    return (first?.value ?? value) as unknown as ErasureCertificate;
  }

  async #step(name: string): Promise<void> {
    await this.#options.step?.(name);
  }
}

// Nothing more may be touched: what is there now is of a user who came back.
class EndedElsewhere extends Error {}
