import type { FastifyRequest } from 'fastify';

/** What a webhook can be told of. */
export type WebhookEventType = 'memory_add' | 'memory_update' | 'memory_delete';

/** What a request did to the memories of one user. */
export interface Happened {
  readonly type: WebhookEventType;
  readonly owner: string;
  /** Of the memories, as they are stored. */
  readonly ids: readonly string[];
  /** How many were deleted, where their ids are not at hand. */
  readonly deleted?: number;
}

/** What a door tells of what was done there. Without it nothing is delivered to anybody. */
export interface Webhooks {
  /** Whether an address is of an origin that the operator lists. */
  allows(url: string): boolean;
  /** Has the webhooks of the credential of a request be told, later and elsewhere: it neither waits nor throws. */
  tell(request: FastifyRequest, happened: Happened): void;
}

/** A webhook as it is kept for its project. */
export interface WebhookRow {
  readonly name: string;
  readonly url: string;
  readonly event_types: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
  /** Its secret, sealed under an instance key; those that were made before there were deliveries have none. */
  readonly sealed?: string;
}

/** What the secret of a webhook is sealed as. */
export const SECRET_KIND = 'webhook-secret';
/** How many webhooks a project has at most. */
export const MOST_WEBHOOKS = 100;
