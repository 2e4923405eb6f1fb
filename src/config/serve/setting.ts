import { z } from 'zod';

/** What the table of docs/server.md says of one setting, and where else than in the file it can be given. */
export interface Setting {
  readonly about: string;
  /** Its environment variable. `NAME_FILE` names a file that holds the value. */
  readonly variable?: string;
  /** Its flag of `memwarden serve`; every setting can also be given by `--set`. */
  readonly flag?: string;
  /** What is taken where nothing is said, where the schema does not say it. */
  readonly otherwise?: string;
  /** Told for the schema, where that would be too long. */
  readonly type?: string;
}

const settings = z.registry<Setting>();

/** Says of a schema that it is one setting. */
export function setting<T extends z.ZodType>(schema: T, about: Setting): T {
  // One of its own: the same schema may stand in several places.
  const own = schema.clone();
  settings.add(own, about);
  return own;
}

/** The name of a setting's environment variable where it has none of its own: `limits.bodyBytes` is `MEMWARDEN_LIMITS_BODY_BYTES`. */
export function variableOf(path: string): string {
  return `MEMWARDEN_${path.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`;
}

/** One setting with its place. */
export interface PlacedSetting extends Setting {
  /** `limits.bodyBytes` */
  readonly path: string;
  readonly variable: string;
  /** Without what makes it optional. */
  readonly schema: z.ZodType;
  /** What is taken where nothing is said, as JSON or in words; undefined where there is nothing. */
  readonly fallback: string | undefined;
}

/** Every setting of a schema, in its order. */
export function settingsOf(schema: z.ZodType, path = ''): PlacedSetting[] {
  const about = settings.get(schema);
  if (about) return [placed(schema, about, path)];
  const inner = bareOf(schema);
  if (inner !== schema) return settingsOf(inner, path);
  if (!(inner instanceof z.ZodObject)) throw new TypeError(`nothing is told of ${path}`);
  const shape: Readonly<Record<string, z.ZodType>> = inner.shape;
  const parts = Object.entries(shape);
  return parts.flatMap(([key, part]) => settingsOf(part, path === '' ? key : `${path}.${key}`));
}

function placed(schema: z.ZodType, about: Setting, path: string): PlacedSetting {
  const value = schema instanceof z.ZodDefault ? JSON.stringify(schema.def.defaultValue) : undefined;
  return {
    ...about,
    path,
    variable: about.variable ?? variableOf(path),
    schema: bareOf(schema),
    fallback: about.otherwise ?? value,
  };
}

/** A schema without defaults and without what makes it optional. */
function bareOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
    return bareOf(schema.unwrap() as z.ZodType);
  return schema;
}
