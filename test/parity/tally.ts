import type { Answer, Disagreement, Question } from './compare.js';
import type { Planted } from './documents.js';
import { hostileKinds, type Ground } from './hostile.js';
import { isSound } from './oracle.js';
import { FILTERABLE_FIELDS, OPERATORS, policyText, type WrittenPolicy } from './rules.js';
import type { Stored } from './store.js';

/** A disagreement with all that is needed to see it again. */
export interface Finding {
  readonly what: Disagreement;
  readonly seed: number;
  readonly ruleSet: number;
  readonly text: string;
}

const KEPT = 20;
const LEAST_SHARE = 0.1;

/** Counts what a run did, so that it can be told whether it could have found anything. */
export class Tally {
  cases = 0;
  allowed = 0;
  disagreements = 0;
  ruleSets = 0;
  queries = 0;
  plansOfNothing = 0;
  pools = 0;
  withFields = 0;
  readonly findings: Finding[] = [];
  readonly casesOfSeed = new Map<number, number>();
  readonly #ground: Ground;
  readonly #seen = new Map<string, number>();
  #sound = 0;
  #unexplained = 0;

  constructor(ground: Ground, seeds: readonly number[]) {
    this.#ground = ground;
    for (const seed of seeds) this.casesOfSeed.set(seed, 0);
  }

  get denied(): number {
    return this.cases - this.allowed;
  }

  /** The share of the well-formed documents that was allowed. */
  get allowedOfSound(): number {
    return this.allowed / Math.max(1, this.#sound);
  }

  pool(documents: readonly Planted[]): void {
    this.pools += 1;
    for (const { kinds, spoiled } of documents) {
      for (const kind of kinds) this.#see(`hostile kind ${kind}`);
      for (const field of spoiled) this.#see(`spoiled field ${field}`);
    }
  }

  ruleSet(policies: readonly WrittenPolicy[]): void {
    this.ruleSets += 1;
    for (const rule of policies.flatMap((policy) => policy.rules)) {
      this.#see(rule.inverted ? 'denying rule' : 'allowing rule');
      if (rule.fields) this.#see('rule with fields');
      if (rule.principal) this.#see('rule on the principal');
      if (rule.not_before ?? rule.not_after) this.#see('rule with time bounds');
      for (const [field, tests] of Object.entries(rule.conditions ?? {})) {
        this.#see(`field ${field}`);
        for (const operator of typeof tests === 'string' ? ['bare'] : Object.keys(tests))
          this.#see(`operator ${operator}`);
        if (JSON.stringify(tests).includes('${')) this.#see('placeholder');
      }
    }
  }

  /** @param own the documents that were meant for the partition that was asked; each is a case */
  answer(
    seed: number,
    question: Question,
    { allowed, disagreements, sentNothing, explained }: Answer,
    own: readonly Stored[],
  ): void {
    this.queries += 1;
    this.cases += own.length;
    this.casesOfSeed.set(seed, (this.casesOfSeed.get(seed) ?? 0) + own.length);
    this.allowed += own.filter((stored) => allowed.has(stored)).length;
    this.#sound += own.filter(({ exact }) => isSound(exact)).length;
    if (sentNothing) this.plansOfNothing += 1;
    if (!explained) this.#unexplained += own.length;
    if (question.uses.some((use) => use.fields?.length)) this.withFields += own.length;
    this.disagreements += disagreements.length;
    for (const { what, tag } of disagreements.slice(0, KEPT - this.findings.length)) {
      const stored = own.find(({ planted }) => planted.tag === tag);
      this.findings.push({ what, seed, ruleSet: this.ruleSets, text: describeFinding(question, tag, stored) });
    }
  }

  /** Why the run shows nothing; empty where it does. */
  degenerate(): string[] {
    const missing = this.#mustBeSeen().filter((name) => !this.#seen.has(name));
    const unused = [...this.casesOfSeed].filter(([, cases]) => cases === 0);
    const share = this.allowed / Math.max(1, this.cases);
    return [
      ...missing.map((name) => `never occurred: ${name}`),
      ...unused.map(([seed]) => `seed ${seed} was given and not used`),
      ...(share < LEAST_SHARE ? [`only ${this.allowed} of ${this.cases} cases were allowed`] : []),
      ...(share > 1 - LEAST_SHARE ? [`only ${this.denied} of ${this.cases} cases were denied`] : []),
      ...(this.#unexplained > 0 ? [`${this.#unexplained} cases were not explained`] : []),
      ...(this.withFields === 0 ? ['no case used fields'] : []),
    ];
  }

  #see(name: string): void {
    this.#seen.set(name, (this.#seen.get(name) ?? 0) + 1);
  }

  #mustBeSeen(): string[] {
    return [
      ...hostileKinds(this.#ground).map(({ name }) => `hostile kind ${name}`),
      ...FILTERABLE_FIELDS.flatMap((field) => [`field ${field}`, `spoiled field ${field}`]),
      ...OPERATORS.map((operator) => `operator ${operator}`),
      ...[
        'allowing rule',
        'denying rule',
        'rule with fields',
        'rule on the principal',
        'rule with time bounds',
        'placeholder',
      ],
    ];
  }
}

function describeFinding(
  { policies, access, uses }: Question,
  tag: string | undefined,
  stored: Stored | undefined,
): string {
  const document = stored
    ? `${stored.planted.kinds.join()} of ${stored.planted.spoiled.join()}: ${show(stored.exact)}`
    : (tag ?? 'the whole answer');
  const role = policies
    .filter((policy) => policy.role === access.principal.role)
    .map((policy) => policyText(policy, false));
  return [show(access.principal), `owner ${access.partition.userId}`, show(uses), document, ...role].join('\n  ');
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' || Number.isNaN(part) ? String(part) : part,
  );
}
