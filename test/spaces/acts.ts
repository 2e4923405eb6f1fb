import fc from 'fast-check';
import { expect } from '@jest/globals';
import type { Warden } from '../../src/warden.js';
import type { OnErase, SpaceAccess } from '../../src/model/space-list.js';
import { ADMIN, outcome, ownerOf } from '../support/warden.js';

/** The seed of the sequences. */
export const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 947);
/** The long form: so many sequences on each store. */
export const RUNS = Number(process.env['MEMWARDEN_SPACES_RUNS'] ?? 0);
const USERS = ['alice', 'bob', 'carol'] as const;
/** The spaces, and what becomes in each of what an erased member wrote. */
export const SPACES = { kept: 'keep', removed: 'remove' } as const satisfies Record<string, OnErase>;
type User = (typeof USERS)[number];
export type Space = keyof typeof SPACES;

interface Shared {
  readonly space: Space;
  readonly author: User;
  text: string;
}

/** What should be: who is a member, what is private, what is shared. */
export class Model {
  readonly members: Record<Space, Map<User, SpaceAccess>> = { kept: new Map(), removed: new Map() };
  readonly mine: Record<User, Map<string, string>> = { alice: new Map(), bob: new Map(), carol: new Map() };
  readonly shared = new Map<string, Shared>();

  mayRead(user: User, space: Space): boolean {
    return this.members[space].has(user);
  }

  mayWrite(user: User, space: Space): boolean {
    return this.members[space].get(user) === 'write';
  }
}

/** What of a warden the acts are done with. */
export type Doors = Pick<Warden, 'scope' | 'space' | 'keys'>;

/** Two wardens on one store: each command picks one, so that nothing rests on what a process remembers. */
export interface Real {
  readonly wardens: readonly Doors[];
  turn: number;
  steps: number;
  /** How often something came of each kind of act, over all sequences. */
  readonly did: Map<string, number>;
}

export type Command = fc.AsyncCommand<Model, Real>;

function next(real: Real): Doors {
  real.turn += 1;
  return real.wardens[real.turn % real.wardens.length] as Doors;
}

function did(real: Real, kind: string): void {
  real.did.set(kind, (real.did.get(kind) ?? 0) + 1);
}

/** One of what there is, whatever number was drawn. */
function pick<T>(values: Iterable<T>, n: number): T | undefined {
  const all = [...values];
  return all[n % Math.max(1, all.length)];
}

// Each principal reads exactly what the model says.
async function agree(model: Model, real: Real): Promise<void> {
  real.steps += 1;
  for (const user of USERS) {
    const warden = next(real);
    const mine = await warden.scope(ownerOf(user), user).list();
    expect([user, sorted(mine.memories.map(({ id, content }) => [id, content]))]).toEqual([
      user,
      sorted([...model.mine[user]]),
    ]);
    for (const space of Object.keys(SPACES) as Space[]) {
      const expected = [...model.shared].filter(([, one]) => one.space === space && model.mayRead(user, space));
      const handle = warden.space(ownerOf(user), space);
      const { memories } = await handle.list();
      expect([user, space, sorted(memories.map(({ id, content }) => [id, content]))]).toEqual([
        user,
        space,
        sorted(expected.map(([id, { text }]) => [id, text])),
      ]);
      // An index of a view is asked of one after the other, and so has missed what the others wrote since.
      if (real.steps % USERS.length === USERS.indexOf(user))
        expect((await handle.search('word', { fill: 'recent', limit: 100 })).length).toBe(expected.length);
    }
  }
}

function sorted(pairs: readonly (readonly [string, string | undefined])[]) {
  return pairs.map(([id, text]) => `${id} ${text}`).sort();
}

abstract class Step implements Command {
  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    await agree(model, real);
  }

  protected abstract act(model: Model, real: Real): Promise<void>;
  abstract toString(): string;
}

class Add extends Step {
  constructor(
    readonly user: User,
    readonly space: Space | undefined,
    readonly word: string,
  ) {
    super();
  }

  async act(model: Model, real: Real) {
    const { user, space } = this;
    const text = `word ${this.word}`;
    if (!space) {
      const { id } = await next(real).scope(ownerOf(user), user).add(text);
      return void model.mine[user].set(id, text);
    }
    const made = await outcome(() => next(real).space(ownerOf(user), space).add(text));
    if (!model.mayWrite(user, space)) {
      did(real, 'refusal');
      return void expect(made).toBe('not_found');
    }
    did(real, 'add');
    model.shared.set((made as { id: string }).id, { space, author: user, text });
  }

  toString = () => `add(${this.user}, ${this.space ?? 'private'}, ${this.word})`;
}

class Share extends Step {
  constructor(
    readonly user: User,
    readonly space: Space,
    readonly n: number,
  ) {
    super();
  }

  async act(model: Model, real: Real) {
    const { space } = this;
    // Somebody who has something to share, where there is one.
    const user =
      pick(
        USERS.filter((one) => model.mine[one].size > 0),
        this.n,
      ) ?? this.user;
    const [id = 'none', text = ''] = pick(model.mine[user], this.n) ?? [];
    const made = await outcome(() => next(real).scope(ownerOf(user), user).share(id, space));
    if (id === 'none' || !model.mayWrite(user, space)) return void expect(made).toBe('not_found');
    did(real, 'share');
    model.shared.set((made as { id: string }).id, { space, author: user, text });
  }

  toString = () => `share(${this.user}, ${this.space}, ${this.n})`;
}

class Grant extends Step {
  constructor(
    readonly user: User,
    readonly space: Space,
    readonly access: SpaceAccess,
  ) {
    super();
  }

  async act(model: Model, real: Real) {
    await next(real).space(ADMIN, this.space).grant({ user: this.user }, this.access);
    if (!model.mayRead(this.user, this.space)) did(real, 'grant');
    model.members[this.space].set(this.user, this.access);
  }

  toString = () => `grant(${this.user}, ${this.space}, ${this.access})`;
}

class Revoke extends Step {
  constructor(
    readonly user: User,
    readonly space: Space,
  ) {
    super();
  }

  async act(model: Model, real: Real) {
    await next(real).space(ADMIN, this.space).revoke({ user: this.user });
    if (model.members[this.space].delete(this.user)) did(real, 'revoke');
  }

  toString = () => `revoke(${this.user}, ${this.space})`;
}

class Update extends Step {
  constructor(
    readonly user: User,
    readonly n: number,
    readonly word: string,
  ) {
    super();
  }

  async act(model: Model, real: Real) {
    const [id, shared] = pick(model.shared, this.n) ?? [];
    if (!id || !shared) return;
    const text = `word ${this.word} again`;
    const done = await outcome(() => next(real).space(ownerOf(this.user), shared.space).update(id, { content: text }));
    if (!model.mayWrite(this.user, shared.space)) return void expect(done).toBe('not_found');
    expect(done).toMatchObject({ id, content: text });
    did(real, this.user === shared.author ? 'update' : "update of another's");
    shared.text = text;
  }

  toString = () => `update(${this.user}, ${this.n}, ${this.word})`;
}

class Delete extends Step {
  constructor(
    readonly user: User,
    readonly n: number,
  ) {
    super();
  }

  async act(model: Model, real: Real) {
    const [id, shared] = pick(model.shared, this.n) ?? [];
    if (!id || !shared) return;
    const done = await outcome(() => next(real).space(ownerOf(this.user), shared.space).delete(id));
    if (!model.mayWrite(this.user, shared.space)) return void expect(done).toBe('not_found');
    expect(done).toBeUndefined();
    did(real, 'delete');
    model.shared.delete(id);
  }

  toString = () => `delete(${this.user}, ${this.n})`;
}

class Erase extends Step {
  constructor(
    readonly user: User,
    readonly n: number,
  ) {
    super();
  }

  async act(model: Model, real: Real) {
    // Mostly somebody whose memories go, where there is one.
    const authors = [...model.shared.values()].filter((one) => SPACES[one.space] === 'remove').map((one) => one.author);
    const user = (this.n % 4 > 0 ? pick(authors, this.n) : undefined) ?? this.user;
    const { shared = [] } = await next(real).keys.erase(ADMIN, user);
    const gone = [...model.shared].filter(([, one]) => one.author === user && SPACES[one.space] === 'remove');
    expect(shared.reduce((sum, { removed }) => sum + removed, 0)).toBe(gone.length);
    if (gone.length > 0) did(real, 'erase that removes');
    if ([...model.shared].some(([, { author, space }]) => author === user && SPACES[space] === 'keep'))
      did(real, 'erase that keeps');
    for (const [id] of gone) model.shared.delete(id);
    model.mine[user].clear();
    for (const members of Object.values(model.members)) members.delete(user);
  }

  toString = () => `erase(${this.user}, ${this.n})`;
}

/** Every kind of act of which something may come. */
export const KINDS = [
  'add',
  'refusal',
  'share',
  'grant',
  'revoke',
  'update',
  "update of another's",
  'delete',
  'erase that removes',
  'erase that keeps',
];
const user = fc.constantFrom(...USERS);
const space = fc.constantFrom<Space[]>('kept', 'removed');
const word = fc.constantFrom('one', 'two', 'three');
const n = fc.nat(20);
const adds = fc.tuple(user, fc.option(space, { nil: undefined, freq: 2 }), word).map((args) => new Add(...args));
const shares = fc.tuple(user, space, n).map((args) => new Share(...args));
const grants = fc
  .tuple(user, space, fc.constantFrom<SpaceAccess[]>('read', 'write', 'write'))
  .map((args) => new Grant(...args));
// What makes something is drawn more often than what takes it away, else nothing is ever there.
const commands: fc.Arbitrary<Command>[] = [
  adds,
  adds,
  adds,
  shares,
  shares,
  grants,
  grants,
  fc.tuple(user, space).map((args) => new Revoke(...args)),
  fc.tuple(user, n, word).map((args) => new Update(...args)),
  fc.tuple(user, n, word).map((args) => new Update(...args)),
  fc.tuple(user, n).map((args) => new Delete(...args)),
  fc.tuple(user, n).map((args) => new Erase(...args)),
];

/** Long ones alone: in a short one, or one of edge cases, nothing comes of most acts. */
export const sequences = fc.noBias(fc.array(fc.oneof(...commands), { minLength: 30, maxLength: 40 }));

/** Something comes of every kind of act, however few sequences are drawn. */
export const each = (): Command[] => [
  new Add('alice', 'kept', 'one'),
  new Add('alice', 'removed', 'two'),
  new Add('bob', 'kept', 'one'),
  new Grant('bob', 'kept', 'write'),
  new Grant('bob', 'removed', 'write'),
  new Update('bob', 0, 'three'),
  new Update('alice', 0, 'one'),
  new Add('alice', undefined, 'two'),
  new Share('alice', 'removed', 0),
  new Delete('bob', 0),
  new Revoke('bob', 'kept'),
  new Add('alice', 'kept', 'three'),
  new Erase('alice', 1),
];

/** Makes the spaces of a model, of which alice is a member. */
export async function withSpaces(warden: Doors): Promise<Model> {
  const model = new Model();
  for (const [name, onErase] of Object.entries(SPACES)) {
    await warden.space(ADMIN, name).create({ onErase, members: [{ user: 'alice', access: 'write' }] });
    model.members[name as Space].set('alice', 'write');
  }
  return model;
}
