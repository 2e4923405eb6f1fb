import { ACTIONS, ACTIONS_OF, SUBJECTS } from '../../src/model/actions.js';
import { RULE, unmarked, type RefusedFile } from './refused-files.js';

// Tables of slips: each value makes one file that must be refused, at the mark.

const each = (
  name: string,
  values: readonly string[],
  lines: (value: string) => string | readonly string[],
): RefusedFile[] =>
  values.map((value) => ({ name: `${name}: ${value}`, says: [], ...unmarked([lines(value)].flat()) }));

/** Lines of one rule that is sound apart from them. */
const inRule = (name: string, values: readonly string[], line: (value: string) => string) =>
  each(name, values, (value) => [
    ...RULE,
    ...line(value)
      .split('\n')
      .map((one) => `    ${one}`),
  ]);

/** A rule in which one key is replaced. */
const instead = (key: string, values: readonly string[], code = 'type') =>
  each(`${key} instead of what it is`, values, (value) =>
    RULE.map((line) => line.replace(new RegExp(`(${key}: ).*`), `$1⟦${code}⟧${value.replaceAll('$', '$$$$')}`)),
  );

const quoted = (text: string) => JSON.stringify(text);

const PROTOTYPE = ['__proto__', 'constructor', 'prototype'];
const INHERITED = ['toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__defineGetter__', '__lookupSetter__'];
const YAML_1_1 = ['Yes', 'YES', 'no', 'No', 'NO', 'on', 'On', 'ON', 'Off', 'OFF', 'y', 'Y', 'n', 'N'];

/** Policy files made of tables; each is refused at its mark, with its code, and for nothing else. */
export function refusedTables(): RefusedFile[] {
  return [
    ...inRule(
      'a key that is written otherwise',
      [
        ...[
          'ID',
          'Action',
          'actions',
          'Subject',
          'subjects',
          'condition',
          'Conditions',
          'when',
          'if',
          'unless',
          'field',
        ],
        ...[
          'Fields',
          'principals',
          'Principal',
          'invert',
          'Inverted',
          'inverse',
          'deny',
          'allow',
          'notBefore',
          'not-before',
        ],
        ...[
          'notAfter',
          'not-after',
          'expires',
          'reasons',
          'Reason',
          'because',
          'description',
          'extends',
          'role',
          '$schema',
        ],
      ],
      (key) => `⟦unknown_key⟧${key}: x`,
    ),
    ...each(
      'a key beside the rules that is written otherwise',
      [
        ...['Role: x', 'roles: [a]', 'Rules: []', 'rule: []', 'default-level: private', 'defaultLevel: private'],
        ...[
          'maximum-level: private',
          'maximumLevel: private',
          'max_level: private',
          '$schema: x',
          'name: x',
          'include: []',
        ],
        ...['apiVersion: v1', 'kind: Policy', 'metadata: {}', 'toString: x'],
      ],
      (line) => ['role: reader', `⟦unknown_key⟧${line}`, 'rules: []'],
    ),
    ...inRule(
      'an operator that does not exist',
      [
        ...['$or', '$and', '$nor', '$all', '$elemMatch', '$size', '$mod', '$type', '$where', '$expr', '$text', '$near'],
        ...[
          '$geoWithin',
          '$jsonSchema',
          '$EQ',
          '$In',
          '$options',
          '$lookup',
          '$comment',
          '$bitsAllSet',
          '$',
          'in',
          'gt',
          '=',
        ],
        ...['$eq ', ' $eq', '$$eq', '$eq$'],
      ],
      (operator) => `conditions: { category: { ⟦unknown_key⟧${quoted(operator)}: x } }`,
    ),
    ...inRule('inverted as YAML 1.1 writes it', YAML_1_1, (word) => `inverted: ⟦type⟧${word}`),
    ...inRule(
      '$exists as YAML 1.1 writes it',
      YAML_1_1.slice(0, 5),
      (word) => `conditions: { agent_id: { $exists: ⟦type⟧${word} } }`,
    ),
    ...inRule(
      'an operand that is no text',
      [
        '0',
        '-0',
        '+1',
        '012',
        '0o14',
        '0x1F',
        '1e3',
        '.5',
        '.inf',
        '-.Inf',
        '.nan',
        '~',
        'Null',
        'NULL',
        'False',
        'TRUE',
        '[]',
        '[[x]]',
      ],
      (operand) => `conditions: { category: ⟦type⟧${operand} }`,
    ),
    ...inRule(
      'a placeholder that is none',
      [
        ...[
          '${principal.userid}',
          '${principal.user-id}',
          '${principal.USER_ID}',
          '${Principal.user_id}',
          '${user_id}',
        ],
        ...['${principal}', '${principal.}', '${}', '${', '${principal.attributes}', '${principal.attributes.}'],
        ...['${principal.attributes.1a}', '${principal.attributes.a b}', '${principal.attributes.__proto__.x}'],
        ...[
          '${principal.constructor}',
          '${principal.toString}',
          "${principal.attributes['a']}",
          '${principal.attributes[0]}',
        ],
        ...['${request.user_id}', '${process.env.HOME}', '$${principal.user_id}', '${principal.user_id}}'],
        ...['${principal.user_id|lower}', '${principal.user_id:-alice}', '${this.user_id}', '${${principal.user_id}}'],
        ...['${principal.user_id}${principal.user_id}', '${principal.purpose.x}', '${principal.attributes.ä}'],
      ],
      (text) => `conditions: { user_id: ⟦placeholder⟧${quoted(text)} }`,
    ),
    ...inRule(
      'a placeholder inside a text',
      [
        'a${principal.user_id}',
        '${principal.user_id}a',
        ' ${principal.user_id}',
        '${principal.user_id} ',
        '/${principal.user_id}/',
      ],
      (text) => `conditions: { user_id: { $in: [x, ⟦placeholder⟧${quoted(text)}] } }`,
    ),
    ...inRule('a prototype name as a key of a rule', PROTOTYPE, (name) => `⟦unknown_key⟧${name}: x`),
    ...inRule(
      'a prototype name as an operator',
      PROTOTYPE,
      (name) => `conditions: { category: { ⟦unknown_key⟧${name}: x } }`,
    ),
    ...inRule('a prototype name about who asks', PROTOTYPE, (name) => `principal: { ⟦unknown_key⟧${name}: x }`),
    ...inRule(
      'a prototype name as an attribute of who asks',
      PROTOTYPE.slice(1),
      (name) => `principal: { attributes: { ⟦unknown_key⟧${name}: x } }`,
    ),
    ...each('a prototype name beside the rules', PROTOTYPE, (name) => [
      'role: reader',
      `⟦unknown_key⟧${name}: {}`,
      'rules: []',
    ]),
    ...inRule(
      'a quoted prototype name in conditions',
      PROTOTYPE,
      (name) => `conditions: { ⟦unknown_key⟧"${name}": x }`,
    ),
    ...inRule('an inherited name as a key of a rule', INHERITED, (name) => `⟦unknown_key⟧${name}: x`),
    ...inRule(
      'an inherited name as a field',
      INHERITED.slice(1),
      (name) => `conditions: { ⟦unknown_field⟧${name}: x }`,
    ),
    ...inRule(
      'an inherited name as an operator',
      INHERITED,
      (name) => `conditions: { category: { ⟦unknown_key⟧${name}: x } }`,
    ),
    ...inRule(
      'a field that conditions may not name',
      [
        ...[
          'speaker',
          'userId',
          'User_id',
          'USER_ID',
          'level',
          'Sensitivity',
          'createdAt',
          'tenant',
          'act',
          '_id',
          'text',
          'tags',
        ],
        ...[
          'user_id.x',
          'metadata.team',
          'content.0',
          'history',
          'embedding',
          '$user_id',
          '$expr',
          '$text',
          '$comment',
          'user_id ',
        ],
      ],
      (field) => `conditions: { ⟦unknown_field⟧${quoted(field)}: x }`,
    ),
    ...instead(
      'action',
      ['Read', 'READ', 'reads', 'write', 'get', 'remove', 'search', '"*"', 'any', 'none', '"read "', 'manage_all'],
      'value',
    ),
    ...instead(
      'subject',
      ['memory', 'MEMORY', 'Memories', '"*"', 'any', 'shared_memory', 'Shared', 'user', 'Users', 'Audit', 'Keys'],
      'value',
    ),
    ...instead('id', ['5', 'true', 'null', '[a]', '{ a: b }', '1.5', '~']),
    ...instead('id', ['the_rule', '-rule', 'rule.one', '"rule one"', '""', 'règle', `a${'b'.repeat(64)}`], 'name'),
    ...instead('reason', ['5', 'true', 'null', '[a]', '{ a: b }']),
    ...instead('reason', [`"${'r'.repeat(501)}"`], 'too_long'),
    ...inRule(
      'fields that are no list',
      ['category', '{ category: true }', '5', 'true'],
      (value) => `fields: ⟦type⟧${value}`,
    ),
    ...inRule(
      'a field that no record has',
      ['Category', 'level', 'userId', 'metadata.team', '"*"', '__proto__'],
      (value) => `fields: [⟦value⟧${value}]`,
    ),
    ...inRule(
      'a principal that is no mapping',
      ['agent', '[purpose]', '5', 'true'],
      (value) => `principal: ⟦type⟧${value}`,
    ),
    ...inRule(
      'something else about who asks',
      ['id', 'user_id', 'userId', 'Purpose', 'attribute'],
      (key) => `principal: { ⟦unknown_key⟧${key}: x }`,
    ),
    ...inRule(
      'inverted that is no boolean',
      ['1', '0', '"false"', '[]', '{}', 'null', 'deny'],
      (value) => `inverted: ⟦type⟧${value}`,
    ),
    ...inRule('conditions that are no mapping', ['5', 'true', 'work', '[]'], (value) => `conditions: ⟦type⟧${value}`),
    ...inRule(
      'a limit that is no moment',
      [
        ...[
          '2026-1-31T00:00:00Z',
          '2026-01-31 00:00:00Z',
          '2026-01-31T00:00Z+',
          '20260131T000000Z',
          '2026-01-31T00:00:60Z',
        ],
        ...['2026-01-31T23:60:00Z', '2026-00-10T00:00:00Z', '2026-01-00T00:00:00Z', '2026-01-32T00:00:00Z'],
        ...[
          '2023-02-29T00:00:00Z',
          '2100-02-29T00:00:00Z',
          '2026-01-31T00:00:00',
          '2026-01-31T00:00:00+01',
          '2026-01-31T00:00:00 Z',
        ],
        ...['26-01-31T00:00:00Z', '+2026-01-31T00:00:00Z', 'now', 'tomorrow', '1d', '2026-W05', '2026-01-31T00:00:00z'],
      ],
      (value) => `not_before: ⟦date⟧${quoted(value)}`,
    ),
    ...inRule(
      'a level that no level is',
      ['PUBLIC', 'Private', 'internal', 'confidential', 'restricted', '"public "', 'publik', '"0"'],
      (value) => `conditions: { sensitivity: ⟦level⟧${value} }`,
    ),
    ...each('a default level that no level is', ['Public', '5', 'null', '[public]'], (value) => [
      'role: reader',
      `default_level: ⟦value⟧${value}`,
      'rules: []',
    ]),
    ...each('a maximum level that no level is', ['Sensitive', 'all', 'true', '{}'], (value) => [
      'role: reader',
      `maximum_level: ⟦value⟧${value}`,
      'rules: []',
    ]),
    ...each('a role that is no name', ['"1reader"', '"reader "', 'léa', '""', `a${'b'.repeat(64)}`, '"*"'], (value) => [
      `role: ⟦name⟧${value}`,
      'rules: []',
    ]),
    ...inRule(
      'an anchor',
      ['id', 'value', 'a1', '__proto__'],
      (name) => `conditions: { category: &${name} ⟦anchor⟧work }`,
    ),
    ...inRule('an alias', ['a', 'merge', 'the-rule'], (name) => `fields: ⟦alias⟧*${name}`),
    ...inRule(
      'a tag',
      ['!!int', '!!binary', '!!set', '!!python/object', '!ruby', '!<tag:yaml.org,2002:str>'],
      (tag) => `conditions: { category: ${tag} ⟦tag⟧"5" }`,
    ),
    ...SUBJECTS.flatMap((subject) =>
      each(
        `${subject} has not the action`,
        ACTIONS.filter((action) => !(ACTIONS_OF[subject] as readonly string[]).includes(action)),
        (action) =>
          RULE.map((line) =>
            line.replace(/action: .*/, `action: ⟦no_such_pair⟧${action}`).replace(/subject: .*/, `subject: ${subject}`),
          ),
      ),
    ),
  ];
}
