import { Option, type Command } from 'commander';
import { badArgument } from './failure.js';

/** Every flag of a command that opens the store. */
export interface StoreFlags {
  readonly data?: string;
  readonly mongodbUri?: string;
  readonly policies?: string;
  readonly embedder?: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

/** A fact about a principal, as a flag gives it. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Every flag that says who asks. */
export interface PrincipalFlags {
  readonly as: string;
  readonly onBehalfOf?: string;
  readonly principal?: string;
  readonly purpose?: string;
  readonly attribute?: Attributes;
}

/** Every flag of a command on one partition. */
export interface ScopeFlags extends StoreFlags, PrincipalFlags {
  readonly user: string;
}

/** An option that may be given once: of two values, the one that counts would be anybody's guess. */
export function once(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: unknown) => {
    if (previous !== undefined) throw badArgument(option.long ?? flags, 'given twice');
    return value;
  });
}

/** An option that holds a whole number. */
export function integer(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: unknown) => {
    if (previous !== undefined) throw badArgument(option.long ?? flags, 'given twice');
    if (!/^\d{1,15}$/.test(value)) throw badArgument(option.long ?? flags, 'not a whole number');
    return Number(value);
  });
}

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: readonly string[] | undefined) => [
    ...(previous ?? []),
    value,
  ]);
}

/** The flag that says what embeds. */
export function embedderOption(): Option {
  return once('--embedder <file>', 'JSON file that says what embeds memories');
}

/** An option that holds JSON. */
export function jsonOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: unknown) => {
    if (previous !== undefined) throw badArgument(option.long ?? flags, 'given twice');
    return parseJson(value, option.long ?? flags);
  });
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An option that holds a length of time, such as `30d`. @returns milliseconds */
export function durationOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: unknown) => {
    const length = toDuration(value);
    if (previous !== undefined || length === undefined)
      throw badArgument(option.long ?? flags, 'write a number and ms, s, m, h or d');
    return length;
  });
}

/** A length of time, such as `30d`, in milliseconds; undefined where a text is none. */
export function toDuration(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  const scale = UNITS[unit];
  return scale === undefined ? undefined : Number(number) * scale;
}

/** JSON of a user, which no error message quotes. */
export function parseJson(text: string, argument: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badArgument(argument, 'not JSON');
  }
}

/** Adds the flags that name the store, and `--json`. */
export function withStore(command: Command): Command {
  return withDeployment(command).addOption(once('--tenant <id>', 'work in the store of this tenant; docs/tenants.md'));
}

/** Adds the flags of a command on a deployment, whatever tenants it has. */
export function withDeployment(command: Command): Command {
  return command
    .addOption(once('--data <path>', 'embedded store in this folder'))
    .addOption(once('--mongodb-uri <uri>', 'MongoDB at this address'))
    .addOption(once('--policies <dir>', 'folder of the policy files'))
    .addOption(embedderOption())
    .option('--json', 'machine output');
}

/** Adds the flags that say who asks. */
export function withPrincipal(command: Command): Command {
  return command
    .addOption(once('--as <role>', 'role of the principal').makeOptionMandatory())
    .addOption(once('--on-behalf-of <id>', 'user that the principal acts for'))
    .addOption(once('--principal <id>', 'id of the principal (cli where none is given)'))
    .addOption(once('--purpose <word>', 'why it asks'))
    .addOption(attributeOption());
}

/** The flag that says facts about the principal. */
export function attributeOption(): Option {
  const about = 'fact about the principal; k:=v where v is a number, true or false';
  return new Option('--attribute <k=v>', about).argParser(toAttributes);
}

/** Adds the flags of a command on one partition. */
export function withScope(command: Command): Command {
  const scoped = command.addOption(once('--user <id>', 'whose memories').makeOptionMandatory());
  return withStore(withPrincipal(scoped));
}

function toAttributes(text: string, previous: Attributes | undefined): Attributes {
  const [, name, typed, value] = /^([^=]+?)(:?)=(.*)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) throw badArgument('--attribute', 'write k=v');
  const all = Object.assign(Object.create(null) as Record<string, string | number | boolean>, previous);
  if (Object.hasOwn(all, name)) throw badArgument('--attribute', 'given twice');
  const parsed = typed === ':' ? parseJson(value, '--attribute') : value;
  if (typeof parsed !== 'string' && typeof parsed !== 'number' && typeof parsed !== 'boolean')
    throw badArgument('--attribute');
  all[name] = parsed;
  return all;
}

/** The flags that were given, without those that were not. */
export function given<T extends object>(flags: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
