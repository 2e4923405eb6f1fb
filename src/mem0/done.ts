import type { FastifyRequest } from 'fastify';
import type { DoorParts } from '../http/door.js';
import type { WebhookEventType } from '../http/webhooks/webhooks.js';

/** Gathers what a request does to several memories, so that its webhooks are told of it together, user by user. */
export class Done {
  readonly #ids = new Map<string, string[]>();

  /** One of them is done. */
  add(owner: string, id: string): void {
    const ids = this.#ids.get(owner);
    if (ids) ids.push(id);
    else this.#ids.set(owner, [id]);
  }

  tell(request: FastifyRequest, { webhooks }: DoorParts, type: WebhookEventType): void {
    for (const [owner, ids] of this.#ids) webhooks?.tell(request, { type, owner, ids });
  }
}
