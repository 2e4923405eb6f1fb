/**
 * The documents that are made from the tables of the source, by path.
 *
 * @param {{ ERRORS: object, FIELDS: readonly object[], RULES: object, LANGUAGES: readonly object[], SETTINGS: readonly object[], policyJsonSchema: () => object }} tables
 * @returns {Record<string, string>}
 */
export function documents({ ERRORS, FIELDS, RULES, LANGUAGES, SETTINGS, policyJsonSchema }) {
  return {
    'docs/errors.md': errors(ERRORS),
    'docs/record.md': record(FIELDS),
    'docs/classification.md': classification(RULES, LANGUAGES),
    'docs/server.md': server(SETTINGS),
    'policies/schema.json': `${JSON.stringify(policyJsonSchema(), null, 2)}\n`,
  };
}

/**
 * docs/policy-matrix.md.
 *
 * @param {string} matrix what `memwarden policy matrix` prints
 */
export function policyMatrix(matrix) {
  return `${matrix}\nThis page is written by \`npm run docs\` from \`policies/\`, as \`memwarden policy matrix\` prints it.\n`;
}

function errors(table) {
  const rows = Object.entries(table).map(([code, row]) => [
    `\`${code}\``,
    row.status,
    row.exit,
    row.message,
    row.remedy,
  ]);
  return `# Errors

Everything that memwarden throws is a \`MemwardenError\` with one of these codes. Codes are never renamed or reused. An
error names arguments and limits; it never holds content, secrets or queries. \`policy_invalid\` lists every fault in
\`issues\`, each with file, line, column, a code and what to write instead. What the table calls
\`detail\` stands under \`about\` in answers over HTTP, where \`detail\` is the remedy, as RFC 9457 has it.

This page is written by \`npm run docs\` from \`src/errors/table.ts\`.

${grid(['code', 'HTTP status', 'exit code', 'message', 'remedy'], rows)}
`;
}

function record(fields) {
  const rows = fields.map((field) => [
    `\`${field.name}\``,
    `\`${field.property}\``,
    field.type,
    yes(field.filterable),
    yes(field.sealed),
    yes(field.writable),
    field.about,
  ]);
  return `# The record

One memory, field by field. A policy may name the filterable fields in conditions; sealed fields are encrypted at rest
and can be named in \`fields\` only; writable fields may be given by whoever creates or updates a memory.

This page is written by \`npm run docs\` from \`src/model/fields.ts\`.

${grid(['name', 'property', 'type', 'filterable', 'sealed', 'writable', 'about'], rows)}
`;
}

function classification(rules, languages) {
  const rows = Object.entries(rules).map(([id, { level, about }]) => [`\`${id}\``, level, about]);
  const lists = languages.flatMap(({ code, topics, neutral }) => [
    `## Terms: \`${code}\``,
    'A strong term tells enough alone; two different weak ones do within 24 words. `#amount` is an amount of money (`$40`, `92k`, `300 euros`), `#thousands` a number such as 12,000. A plural in -s is found as well.',
    ...Object.entries(topics).flatMap(([topic, { strong, weak }]) => [
      `**${topic}, strong**: ${strong.join(', ')}`,
      `**${topic}, weak**: ${weak.join(', ')}`,
    ]),
    `**Figures of speech**, which mean nothing of it: ${neutral.join(', ')}`,
  ]);
  return `# Levels by themselves

Before every write of text (\`add\`, \`addMany\`, an import, an update of content, metadata or speaker) a classifier is asked
which level the text asks for. It may raise the level, never lower it. What raised it stands in \`classified_by\`.

- The caller is decided on at the level that it asked for. The raise needs no right of it and is not held against the
  maximum level of its role. Where it may not read the raised level, the answer carries the id alone, and the level only
  where that is the one it asked for.
- An update classifies what the caller gives or may read; a hidden field takes no part, so that the level does not tell
  of it. An update of the level alone is not classified: \`reclassify\` stays what it is. Who lowers a level that a rule
  had raised says that the rule was wrong: \`classified_by\` then begins with \`overruled:\`, and \`memwarden classify\`
  leaves the memory alone. New text is classified anew.
- A classifier that throws, answers nonsense or is late (\`timeoutMs\`) fails the write with \`classifier_failed\`.
- The rules of the package are bounded, and what is beyond a bound counts as found: a text with more than 512
  different numbers that look like ones of citizens or tax payers, and whose check digits are all wrong, is \`national-id\`.
  By chance check digits are not wrong so often. Texts of a batch are read one after the other, and a long one in steps,
  between which other requests are served. A function in their place runs for each text as long as it likes.
- \`createWarden({ classify: false })\` turns it off. A function in its place is called with a copy of the text,
  \`{ content, metadata?, speaker? }\`, and answers \`{ level, ruleId }\`, undefined, or a promise of one. A rule id is stored
  in clear: 1 to 64 letters, digits, \`.\`, \`_\` and \`-\`, never part of the text. Text that your function sends out of the
  process is disclosed; memwarden neither sees nor audits that.
- \`memwarden classify --dry-run --all-users --as admin\` says what the rules would change in a store; without
  \`--dry-run\` it changes it. \`--user\` and \`--space\` take one user or one shared space. It is an update of what the role may
  read and update, and in a space of what its list lets it write, a version and a history entry each.

The classifier of the package knows rules, no model; nothing leaves the process. It finds what is written, not what is
meant: see the figures in [benchmarks.md](benchmarks.md), and name the level yourself where you know it.

## Rules

${grid(['rule', 'level', 'what it finds'], rows)}

The first that applies counts, in this order: secrets, numbers, terms, phone numbers, addresses. Another language is a
file in \`src/classify/languages\`.

${lists.join('\n\n')}

This page is written by \`npm run docs\` from \`src/classify\`.
`;
}

function server(settings) {
  const code = (text) => (text === undefined ? '' : text.includes('`') ? text : `\`${text}\``);
  const rows = settings.map(({ path, type, schema, fallback, variable, flag, about }) => [
    `\`${path}\``,
    code(type ?? typeOf(schema)),
    fallback === undefined || fallback.includes(' ') ? (fallback ?? '') : code(fallback.replaceAll('"', '')),
    `\`${variable}\``,
    (flag ?? '')
      .split(', ')
      .filter((one) => one !== '')
      .map(code)
      .join(', '),
    about,
  ]);
  return `# The server

    memwarden serve

serves everything on \`http://127.0.0.1:8420\`, on the embedded store in \`./.memwarden/data\` or on MongoDB with
\`MONGODB_URI\`. Where the store holds no credential yet it makes an admin key: printed once on a terminal, else written
to a file that its owner alone can read. Make narrower keys with it, or with \`memwarden credentials create\`.

## Settings

A flag goes before an environment variable, that before the YAML file of \`--config\`, that before the default. A name
that is not in the table is an error (\`config_invalid\`), in a file, in \`--set\` and as a variable that begins with
\`MEMWARDEN_\`. \`--set NAME=VALUE\` gives any of them on the command line, as YAML. In the file the names are nested:

    port: 8421
    limits:
      bodyBytes: 262144
    store:
      kind: mongodb
      uri: { file: /run/secrets/mongodb-uri }

Secrets need not stand in it: \`{ file: PATH }\` in the place of any text takes what that file holds, and the variable
\`NAME_FILE\` names a file with the value of \`NAME\`; a line break at the end is left out. Paths are relative to the
working directory. Times are milliseconds.

${grid(['name', 'type', 'default', 'variable', 'flag', 'about'], rows)}

## What stands on no door

| address | what it answers |
| --- | --- |
| \`/healthz\` | 200: the process answers |
| \`/readyz\` | 200: policies in force, store written, audit log written; else 503 with \`checks\`, which says what failed |
| \`/metrics\` | Prometheus: requests by route, method and status, their times, decisions, denials by rule, alarms, the audit log's lag and groups, search indexes, the event loop. No label holds an id of a user, a memory or a credential. It needs a credential that may \`audit\` \`AuditRecord\`, or \`metrics.port\` |

## Logs and traces

stdout has one JSON value a line; the line with \`"event":"ready"\` says that requests are taken, and where. Of a request
it tells the id that the server gave it (which the answer carries as \`memwarden-request-id\`, and the audit log too),
method, template of the route, status and time: no address, no header, no body. With an SDK of OpenTelemetry
(\`node --import\`) each request is a span, named by its route; a \`traceparent\` of a request is believed with
\`behindProxy\` alone.

## Signals

SIGTERM and SIGINT end it: \`/readyz\` turns red, requests are taken for \`shutdown.drainMs\` while each answer closes its
connection, those that are running get \`shutdown.limitMs\`, the audit log is written out, and it ends with 0 (13 where
the limit cut something off). A second signal, half a second later or more, ends it at once. An erasure that was asked
for over HTTP and waits is interrupted; the same request, or \`memwarden erasure run\`, goes on with it. SIGHUP puts
changed policies in force.

## What it refuses

Every refusal is \`application/problem+json\` (RFC 9457) with a code of [errors.md](errors.md). Bodies are JSON in UTF-8,
no deeper than \`limits.jsonDepth\`, with no key twice and none of a prototype. One object has at most 4,096 keys, one
array 10,000 items, and a body as many values as a sixteenth of the bytes that its route takes (65,536 for 1 MiB; never
more than 100,000): what is more is \`body_too_large\` before anything is checked. A request that could be read in two ways
(two lengths, a length beside chunks, two hosts) is refused and its connection closed, so is one that does not arrive
in time. An answer that its client does not take within \`limits.answerTimeoutMs\`, all of it or the chunk of a long one
that is under way, ends with its connection.

This page is written by \`npm run docs\` from \`src/config/serve\`.
`;
}

function typeOf({ def }) {
  if (def.type === 'enum') return Object.keys(def.entries).join(', ');
  return { number: 'integer', string: 'text', array: 'list' }[def.type] ?? def.type;
}

function yes(value) {
  return value ? 'yes' : '';
}

function grid(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
