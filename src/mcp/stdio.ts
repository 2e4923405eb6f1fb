import type { Readable, Writable } from 'node:stream';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { ErrorCode } from '../errors/table.js';
import type { Authenticate } from '../identity/authenticate.js';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { Caller } from '../identity/caller.js';
import type { Refusals } from '../identity/refusals.js';
import { newId } from '../model/id.js';
import type { Principal } from '../model/principal.js';
import type { Warden } from '../warden.js';
import { reachOf, type WithMemory } from './asking.js';
import { mcpServer } from './server.js';

/** Over what, and as whom, MCP is spoken. */
export interface StdioOptions {
  readonly warden: Warden;
  readonly authenticate: Authenticate;
  /** Hears of requests that no policy was asked about. */
  readonly refusals: Refusals;
  /** An API key, or a token; asked about anew at each request. */
  readonly credential: string;
  /** The user to act for, where the credential may act for several. */
  readonly onBehalfOf?: string | undefined;
  readonly purpose?: string | undefined;
  readonly input: Readable;
  /** Carries the protocol, and nothing else. */
  readonly output: Writable;
  /** Hears the code of each error, or `message_malformed` for what is no message; nothing else of it. */
  readonly failed: (code: ErrorCode | 'message_malformed') => void;
  /** Ends it before the input has ended. */
  readonly signal?: AbortSignal;
}

const MAX_MESSAGE = 1_048_576;

/**
 * Speaks MCP over a pair of streams.
 *
 * @returns once the input has ended and nothing is under way any more
 * @throws MemwardenError unauthenticated, forbidden, invalid_owner, invalid_argument where the first request could not be
 *   answered with this credential either
 */
export async function speakOverStdio(options: StdioOptions): Promise<void> {
  const { failed, signal } = options;
  const withMemory = asking(options);
  await withMemory(() => Promise.resolve());
  const underWay = new Set<Promise<unknown>>();
  const tracked: WithMemory = (work) => {
    const running = withMemory(work);
    underWay.add(running);
    const ended = () => void underWay.delete(running);
    running.then(ended, ended);
    return running;
  };
  const transport = new StdioServerTransport(options.input, options.output, { maxBufferSize: MAX_MESSAGE });
  await new Promise<void>((resolve) => {
    const serving = serveStdio(() => mcpServer(tracked, failed), {
      transport,
      // What it tells may quote a message.
      onerror: () => failed('message_malformed'),
    });
    const closeServing = transport.onclose;
    transport.onclose = () => {
      closeServing?.();
      resolve();
    };
    const abort = () => void serving.close();
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
  // A write that was begun is ended before the store is closed; its answer has nobody to go to.
  await Promise.allSettled(underWay);
}

// Who starts this process holds the credential, and is told what it lacks.
function outside({ grant }: Caller, act?: 'on_behalf_of' | 'purpose'): MemwardenError {
  const lack = act === 'purpose' ? 'is not for this purpose' : 'does not act for this user';
  const reason = grant.users.length === 0 ? 'this key acts for nobody' : `this key ${lack}`;
  return new MemwardenError('forbidden', { argument: 'credential', reason });
}

function asking({ warden, authenticate, refusals, credential, onBehalfOf, purpose }: StdioOptions): WithMemory {
  return async (work) => {
    const origin = { door: 'mcp', request: newId() } as const;
    const named = { onBehalfOf, purpose, origin };
    let caller: Caller | undefined;
    let principal: Principal;
    try {
      caller = await authenticate(`Bearer ${credential}`);
      principal = caller.principal(named);
    } catch (error) {
      // What no policy decided is on record as well, before it is answered.
      if (isMemwardenError(error, 'unauthenticated')) await refusals.unauthenticated(origin);
      if (caller && isMemwardenError(error, 'forbidden')) await refusals.outsideGrant(caller.overreach(named));
      throw caller && isMemwardenError(error, 'forbidden') ? outside(caller, caller.overreach(named).act) : error;
    }
    if (caller.grant.users.length === 0) throw outside(caller);
    return work(reachOf(warden, caller, principal, 'options.onBehalfOf'));
  };
}
