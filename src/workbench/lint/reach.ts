import type { Action, SubjectName } from '../../model/actions.js';
import { compile, type Candidate, type Test } from '../../model/evaluate.js';
import { TRUE } from '../../model/predicate.js';
import { unexpired } from '../../model/well-formed.js';
import { bindRule, type BoundRule } from '../../policy/bind.js';
import { isMemwardenError } from '../../errors/memwarden-error.js';
import type { Rule } from '../../policy/policy-set.js';
import type { RoleSource } from '../policies.js';
import { profilesOf, type Profile } from '../profiles.js';
import { regionsOf, sampleOf } from '../regions.js';
import { CHECKS, finding, type LintFinding } from './checks.js';
import { rulesOf, type PlacedRule } from './rules-of.js';

const MOST_PROFILES = 512;
const MOST_RECORDS = 20_000;
const MOST_MEETINGS = 400_000;

/** Rules that do nothing: they never match, or other rules say it all. */
export function reach(source: RoleSource, at: Date): LintFinding[] {
  const rules = rulesOf(source);
  const dead = new Map(rules.flatMap((one) => neverMatches(one, source.policy.role, at)));
  const twins = new Map(rules.flatMap((one, i) => (dead.has(one.rule) ? [] : duplicateOf(one, rules.slice(0, i)))));
  const left = rules.filter(({ rule }) => !dead.has(rule) && !twins.has(rule));
  return [...dead.values(), ...twins.values(), ...compare(source, left, at)];
}

function neverMatches({ rule, place }: PlacedRule, role: string, at: Date): [Rule, LintFinding][] {
  if (rule.notAfter && rule.notAfter <= at)
    return [[rule, finding('never_matches', place('not_after'), 'never matches any more: its time is over')]];
  // A rule whose time has not come may match yet.
  const met = meetingsOf([rule], role, rule.notBefore && rule.notBefore > at ? rule.notBefore : at);
  if (!met.complete) return [];
  if (met.bound.every(({ bound: [one] }) => !one?.applies))
    return [[rule, finding('never_matches', place('principal'), 'never matches: no principal has such facts')]];
  for (const { tests, records } of met.bound) if (records.some((record) => tests[0]?.(record))) return [];
  return [[rule, finding('never_matches', place('conditions'), 'never matches: its conditions contradict each other')]];
}

function duplicateOf({ rule, place }: PlacedRule, before: readonly PlacedRule[]): [Rule, LintFinding][] {
  const twin = before.find((one) => meaningOf(one.rule) === meaningOf(rule));
  return twin ? [[rule, finding('duplicate', place(), `says what ${twin.rule.id} says`)]] : [];
}

function meaningOf({ id: _, reason: __, actions, subjects, fields, ...rest }: Rule): string {
  return JSON.stringify([[...actions].sort(), [...subjects].sort(), fields && [...fields].sort(), rest]);
}

/** What was seen of a rule where it matched. */
interface Seen {
  matched: boolean;
  /** A match that no denial takes away. */
  counts: boolean;
  /** A match that no other rule of the same effect has. */
  alone: boolean;
  /** A match of a denial that some allowance has. */
  denies: boolean;
}

function compare(source: RoleSource, rules: readonly PlacedRule[], at: Date): LintFinding[] {
  const found: LintFinding[] = [];
  // One after the other: of two rules that cover each other one may go.
  let left = rules;
  for (const one of [...rules].reverse()) {
    const seen = observe(one.rule, left, source.policy.role, at);
    if (seen === undefined) return [...found, notExamined(source)];
    const what = verdict(one.rule, seen);
    if (what === undefined) continue;
    found.push(finding(what, one.place(), CHECKS[what].about));
    if (what !== 'denies_nothing') left = left.filter((other) => other !== one);
  }
  return found;
}

function verdict({ inverted }: Rule, seen: Seen): 'shadowed' | 'covered' | 'denies_nothing' | undefined {
  if (!seen.matched) return undefined;
  if (!inverted && !seen.counts) return 'shadowed';
  if (!seen.alone) return 'covered';
  return inverted && !seen.denies ? 'denies_nothing' : undefined;
}

function notExamined(source: RoleSource): LintFinding {
  return finding('not_examined', source.place(['role']), CHECKS.not_examined.about);
}

function observe(rule: Rule, all: readonly PlacedRule[], role: string, at: Date): Seen | undefined {
  const others = all.map((one) => one.rule).filter((one) => one !== rule && shares(one, rule));
  const times = [at, ...[rule, ...others].flatMap(({ notBefore, notAfter }) => [notBefore, notAfter])]
    .filter((time) => time !== undefined && time >= at)
    .map(Number);
  const seen: Seen = { matched: false, counts: false, alone: false, denies: false };
  for (const time of new Set(times)) {
    const met = meetingsOf([rule, ...others], role, new Date(time));
    if (!met.complete) return undefined;
    for (const { tests, records } of met.bound) {
      const [own, ...rest] = tests;
      for (const record of records)
        if (own?.(record))
          note(
            seen,
            rule,
            others.filter((_, i) => rest[i]?.(record)),
          );
    }
  }
  return seen;
}

function shares(one: Rule, other: Rule): boolean {
  return (
    one.actions.some((action) => other.actions.includes(action)) &&
    one.subjects.some((subject) => other.subjects.includes(subject))
  );
}

function note(seen: Seen, rule: Rule, matching: readonly Rule[]): void {
  seen.matched = true;
  for (const action of rule.actions) {
    for (const subject of rule.subjects) {
      const says = matching.filter((other) => isAbout(other, action, subject));
      const same = says.filter((other) => other.inverted === rule.inverted);
      const against = says.filter((other) => other.inverted !== rule.inverted);
      if (!same.some((other) => reaches(other, rule))) seen.alone = true;
      if (!against.some((other) => reaches(other, rule))) seen.counts = true;
      if (against.length > 0) seen.denies = true;
    }
  }
}

function isAbout({ actions, subjects }: Rule, action: Action, subject: SubjectName): boolean {
  return actions.includes(action) && subjects.includes(subject);
}

/** Whether one rule speaks of every field that another speaks of. */
function reaches(one: Rule, other: Rule): boolean {
  return one.fields === undefined || (other.fields?.every((field) => one.fields?.includes(field)) ?? false);
}

interface Meeting {
  readonly bound: readonly BoundRule[];
  readonly tests: readonly (Test | undefined)[];
  readonly records: readonly Candidate[];
}

/** Every principal that some rules tell apart, the rules bound to it, and every record that those tell apart. */
function meetingsOf(rules: readonly Rule[], role: string, at: Date): { bound: Meeting[]; complete: boolean } {
  const own = profilesOf(role, rules, at, MOST_PROFILES);
  const nobodys = profilesOf(role, rules, at, MOST_PROFILES, null);
  const bound: Meeting[] = [];
  let meetings = 0;
  let { complete } = own;
  for (const profile of [...own.profiles, ...nobodys.profiles]) {
    const all = boundTo(rules, profile, at);
    if (!all) continue;
    const predicates = all.flatMap((one) => (one.applies ? [one.conditions ?? TRUE] : []));
    const values = regionsOf(predicates, at);
    const sample = sampleOf(values, at, MOST_RECORDS);
    meetings += sample.records.length;
    complete &&= sample.complete && meetings * rules.length <= MOST_MEETINGS;
    if (!complete) break;
    const tests = all.map((one) => (one.applies ? compile(one.conditions ?? TRUE) : undefined));
    bound.push({ bound: all, tests, records: sample.records.filter(compile(unexpired(at))) });
  }
  return { bound, complete };
}

function boundTo(rules: readonly Rule[], { principal }: Profile, at: Date): BoundRule[] | undefined {
  try {
    return rules.map((rule) => bindRule(rule, principal, at));
  } catch (error) {
    if (isMemwardenError(error, 'invalid_principal')) return undefined;
    throw error;
  }
}
