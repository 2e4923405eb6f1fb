import type { Action, SubjectName } from '../model/actions.js';
import type { FieldName } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import type { Attribute } from '../model/principal.js';
import type { ComparisonTemplate } from './condition-template.js';

/** A test on who asks: the fact must be one of the values. */
export interface FactTest {
  readonly fact: 'purpose' | { readonly attribute: string };
  readonly oneOf: readonly Attribute[];
}

/** A checked rule. */
export interface Rule {
  readonly id: string;
  readonly reason: string;
  readonly inverted: boolean;
  readonly actions: readonly Action[];
  readonly subjects: readonly SubjectName[];
  /** Absent: every record. */
  readonly conditions?: readonly ComparisonTemplate[];
  /** Absent: every field. */
  readonly fields?: readonly FieldName[];
  readonly facts: readonly FactTest[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** An export of more users than this needs the approval of another principal. */
  readonly approvalOverUsers?: number;
}

/** The rules of one role. */
export interface RolePolicy {
  readonly role: string;
  readonly defaultLevel: Level;
  readonly maximumLevel: Level;
  readonly rules: readonly Rule[];
}

/** A whole, checked set of policies. */
export interface PolicySet {
  /** SHA-256 of the canonical set (RFC 8785), in hex. */
  readonly revision: string;
  readonly roles: ReadonlyMap<string, RolePolicy>;
}
