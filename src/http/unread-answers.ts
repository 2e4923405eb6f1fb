import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

const LOOK_MS = 1_000;

/**
 * Ends connections whose client does not take its answer: what was written of one may wait for so long, whether it is the
 * whole answer or a chunk of one that goes on. Its text would be held in memory for as long as the client likes, and would
 * outlive the credential that asked for it, else.
 *
 * @param server before it takes any connection
 * @param timeoutMs how long, in milliseconds
 */
export function endUnread(server: Pick<Server, 'on' | 'once'>, timeoutMs: number): void {
  /** Since when each has waited; undefined where nothing waits. */
  const open = new Map<ServerResponse, number | undefined>();
  const look = () => {
    const now = performance.now();
    for (const [answer, since = now] of open) {
      const { socket } = answer;
      // Without a socket it is another answer's turn on this connection.
      if (!socket || !isWaiting(answer)) open.set(answer, undefined);
      else if (now - since < timeoutMs) open.set(answer, since);
      else end(socket);
    }
  };
  const looking = setInterval(look, Math.min(LOOK_MS, Math.ceil(timeoutMs / 4))).unref();
  server.once('close', () => clearInterval(looking));
  server.on('request', (_request: unknown, answer: ServerResponse) => {
    open.set(answer, undefined);
    answer.on('drain', () => open.has(answer) && open.set(answer, undefined));
    answer.once('close', () => open.delete(answer));
  });
}

function isWaiting(answer: ServerResponse): boolean {
  return answer.writableEnded ? !answer.writableFinished : answer.writableNeedDrain;
}

// Reset, so that what the kernel holds for the client goes too.
function end(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
