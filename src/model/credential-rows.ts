import { createHash } from 'node:crypto';

/** Who holds a credential, as what is kept for it is named. */
export interface Holder {
  readonly kind: 'key' | 'jwt';
  /** The id of the credential. */
  readonly id: string;
}

/** Settings of projects, by the keyed name of `projectParts`. */
export const PROJECT_ROWS = 'mem0-projects';
/** Feedback, by `feedbackKey`. */
export const FEEDBACK_ROWS = 'mem0-feedback';
/** Issuers of tokens that were taken, by the part that `jwtId` names them with. */
export const ISSUER_ROWS = 'jwt-issuers';

/** Where the webhook settings of a project are kept, by an id of their own. */
export function webhookRows(project: string): string {
  return `mem0-webhooks:${project}`;
}

/** Where the events of a credential and a user are kept. @param name the keyed name of `eventParts` */
export function eventRows(name: string): string {
  return `mem0-events:${name}`;
}

/** What `eventRows` is named after. */
export function eventParts({ kind, id }: Holder, userId: string): readonly string[] {
  return ['events', kind, id, userId];
}

/** The key of the feedback of a project on a memory. */
export function feedbackKey(memoryId: string, project: string): string {
  return `${memoryId}/${project}`;
}

/** What the project of a credential is named after: each has one of its own, so that none comes to what another keeps. */
export function projectParts({ kind, id }: Holder): readonly string[] {
  return ['project', kind, id];
}

/** How ids of tokens name their issuer. */
export function issuerName(issuer: string): string {
  return createHash('sha256').update(issuer).digest('hex').slice(0, 8);
}

/** The id of the tokens of a subject. @param issuer as `issuerName` says */
export function jwtId(issuer: string, subject: string): string {
  return `jwt:${issuer}:${subject}`;
}
