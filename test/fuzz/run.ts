import fc from 'fast-check';
import { openApiDocument } from '../../src/http/v1/openapi.js';
import { ADMIN_KEY_USERS, type FuzzTarget } from './target.js';
import { requestsOf } from './requests.js';

/** What a run found. */
export interface FuzzReport {
  readonly requests: number;
  readonly seed: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Operations that answered well at least once. */
  readonly reached: readonly string[];
  /** Answers of 5xx, and those that the description does not list. */
  readonly faults: readonly string[];
}

const AT_ONCE = 8;

/** Sends requests that were made up from the description of the HTTP API, each as one of several credentials. */
export async function fuzz(target: FuzzTarget, requests: number, seed: number): Promise<FuzzReport> {
  const document = (await openApiDocument()) as Parameters<typeof requestsOf>[0];
  const known = { users: ADMIN_KEY_USERS, ids: await target.ids() };
  const made = fc.sample(fc.tuple(requestsOf(document, known), fc.nat(target.keys.length - 1)), {
    numRuns: requests,
    seed,
  });
  const statuses: Record<string, number> = {};
  const reached = new Set<string>();
  const faults: string[] = [];
  const send = async ([request, who]: (typeof made)[number]) => {
    const { method, path, headers, body, answers, operation } = request;
    const answer = await fetch(`${target.url}${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${target.keys[who]}` },
      ...(body === undefined || method === 'GET' ? {} : { body }),
    });
    const text = await answer.text();
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    if (answer.status < 300) reached.add(operation);
    const where = `${operation}: ${method} ${path.slice(0, 200)} ${body?.slice(0, 300) ?? ''}`;
    if (answer.status >= 500) faults.push(`${answer.status} ${text} at ${where}`);
    else if (answer.status >= 400) {
      const { code } = JSON.parse(text) as { code: string };
      if (answers.get(answer.status)?.includes(code) !== true) faults.push(`${code} is not listed at ${where}`);
    } else if (!answers.has(answer.status)) faults.push(`${answer.status} is not listed at ${where}`);
  };
  for (let at = 0; at < made.length; at += AT_ONCE) await Promise.all(made.slice(at, at + AT_ONCE).map(send));
  return { requests: made.length, seed, statuses, reached: [...reached].sort(), faults };
}
