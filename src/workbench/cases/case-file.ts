import { MemwardenError, type Issue } from '../../errors/memwarden-error.js';
import { isPair, type Action, type SubjectName } from '../../model/actions.js';
import type { Candidate } from '../../model/evaluate.js';
import { FILTERABLE, type FieldName, type FilterableName } from '../../model/fields.js';
import type { Level } from '../../model/levels.js';
import { toMoment } from '../../model/moment.js';
import type { Principal } from '../../model/principal.js';
import type { PolicyText } from '../../policy/load.js';
import { allShapeIssues, NAMING_KEYS } from '../../policy/shape-issues.js';
import { readYaml, type YamlSource } from '../../policy/yaml-source.js';
import { hasLevels } from '../effective.js';
import type { Place } from '../policies.js';
import { plainRecord } from '../regions.js';
import { caseFile, DEFAULT_AT, type Right, type Written, type WrittenPrincipal } from './case-shape.js';

/** A principal of a test file. */
export interface TestPrincipal {
  readonly name: string;
  readonly principal: Principal;
  readonly at: Date;
  /** The engine must refuse its facts. */
  readonly refused: boolean;
  readonly place: Place;
}

/** A record of a test file. */
export interface TestRecord {
  readonly name: string;
  readonly subject: SubjectName;
  readonly record: Candidate;
}

/** What a test file expects of one principal and one record: these actions, with these fields; all others denied. */
export interface Expectation {
  readonly rights: ReadonlyMap<Action, readonly FieldName[] | 'all'>;
  readonly place: Place;
}

/** A checked file of policy tests. */
export interface CaseFile {
  readonly file: string;
  readonly principals: readonly TestPrincipal[];
  readonly records: readonly TestRecord[];
  readonly levels: readonly {
    readonly role: string;
    readonly defaultLevel: Level;
    readonly maximumLevel: Level;
    readonly place: Place;
  }[];
  /** What is expected; a pair without an entry expects every action to be denied. */
  expectation(principal: TestPrincipal, record: TestRecord): Expectation;
}

/**
 * Checks files of policy tests.
 *
 * @throws MemwardenError policy_invalid with every fault of every file
 */
export function parseCaseFiles(texts: readonly PolicyText[], unread: readonly Issue[]): CaseFile[] {
  const issues = [...unread];
  const files = texts.flatMap(({ file, text }) => {
    const source = readYaml(file, text);
    if (!('value' in source)) {
      issues.push(...source);
      return [];
    }
    const parsed = caseFile.safeParse(source.value, NAMING_KEYS);
    const found = [
      ...source.faults,
      ...(parsed.success ? meaningIssues(parsed.data, source) : allShapeIssues(source, parsed.error.issues)),
    ];
    issues.push(...found);
    return parsed.success && found.length === 0 ? [toCaseFile(file, parsed.data, source)] : [];
  });
  if (issues.length > 0) throw new MemwardenError('policy_invalid', {}, issues);
  return files;
}

function meaningIssues({ principals, memories = {}, others = {}, expect }: Written, source: YamlSource): Issue[] {
  const issues: Issue[] = [];
  for (const one of Object.keys(others))
    if (Object.hasOwn(memories, one))
      issues.push(source.issue(['others', one], 'duplicate_key', 'a memory has this name', true));
  for (const [who, records] of Object.entries(expect)) {
    if (!Object.hasOwn(principals, who))
      issues.push(source.issue(['expect', who], 'unknown_name', 'no principal has this name', true));
    if (records === 'invalid_principal') continue;
    for (const [what, rights] of Object.entries(records)) {
      const subject = Object.hasOwn(memories, what)
        ? 'Memory'
        : Object.hasOwn(others, what)
          ? others[what]?.subject
          : undefined;
      if (subject === undefined)
        issues.push(source.issue(['expect', who, what], 'unknown_name', 'no record has this name', true));
      else issues.push(...pairIssues(subject, rights, source, ['expect', who, what]));
    }
  }
  return issues;
}

function pairIssues(
  subject: SubjectName,
  rights: readonly Right[],
  source: YamlSource,
  path: readonly string[],
): Issue[] {
  return rights.flatMap((one, i) =>
    actionsOf(one)
      .filter(([action]) => !isPair(subject, action))
      .map(([action]) => source.issue([...path, i], 'no_such_pair', `${subject} has no action ${action}`)),
  );
}

function actionsOf(one: Right): [Action, readonly FieldName[] | 'all'][] {
  if (typeof one === 'string') return [[one, 'all']];
  return Object.entries(one).map(([action, fields]) => [action as Action, fields]);
}

function toCaseFile(file: string, written: Written, source: YamlSource): CaseFile {
  const at = (path: readonly PropertyKey[]): Place => {
    const { line, column } = source.issue(path, '', '', true);
    return { file, line, column };
  };
  const time = toMoment(written.at ?? DEFAULT_AT) as Date;
  const records = [
    ...Object.entries(written.memories ?? {}).map(([called, fields]) => toRecord(called, 'Memory', fields, time)),
    ...Object.entries(written.others ?? {}).map(([called, { subject, ...fields }]) =>
      toRecord(called, subject, fields, time),
    ),
  ];
  return {
    file,
    records,
    principals: Object.entries(written.principals).map(([called, one]) => ({
      name: called,
      principal: toPrincipal(one),
      at: one.at === undefined ? time : (toMoment(one.at) as Date),
      refused: written.expect[called] === 'invalid_principal',
      place: at(['principals', called]),
    })),
    levels: Object.entries(written.levels ?? {}).map(([role, levels]) => ({
      role,
      defaultLevel: levels.default_level,
      maximumLevel: levels.maximum_level,
      place: at(['levels', role]),
    })),
    expectation(who, what) {
      const records = written.expect[who.name];
      const rights =
        typeof records === 'object' && Object.hasOwn(records, what.name) ? (records[what.name] ?? []) : undefined;
      const path = rights ? ['expect', who.name, what.name] : ['principals', who.name];
      return { rights: new Map((rights ?? []).flatMap(actionsOf)), place: at(path) };
    },
  };
}

function toPrincipal({ role, id = 'somebody', user_id, purpose, attributes }: WrittenPrincipal): Principal {
  return {
    id,
    role,
    ...(user_id === undefined ? {} : { userId: user_id }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

// What is not written is as in a plain record; what is null is missing.
function toRecord(called: string, subject: SubjectName, fields: object, at: Date): TestRecord {
  const record = hasLevels(subject) ? plainRecord(at) : {};
  for (const [field, value] of Object.entries(fields as Record<string, string | null | undefined>)) {
    if (value === undefined) continue;
    if (value === null) delete record[field];
    else record[field] = FILTERABLE.get(field as FilterableName) === 'date' ? toMoment(value) : value;
  }
  return { name: called, subject, record };
}
