import type { FastifyRequest } from 'fastify';

/** Where the pages beside one are. */
export interface Links {
  readonly next: string | null;
  readonly previous: string | null;
}

/** The addresses of the pages before and after. */
export function linksOf(request: FastifyRequest, page: number, size: number, isMore: boolean): Links {
  const [path = ''] = request.url.split('?');
  const at = (number: number) => `${request.protocol}://${request.host}${path}?page=${number}&page_size=${size}`;
  return { next: isMore ? at(page + 1) : null, previous: page > 1 ? at(page - 1) : null };
}
