import { connect, type Socket } from 'node:net';

/** What came back on a connection until the server closed it. */
export interface Heard {
  readonly text: string;
  /** The code of the error that ended the connection, where one did. */
  readonly error?: string;
}

/** A connection that speaks in bytes, so that it can say what no client would. */
export function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Writes, and hears until the server has closed the connection. */
export async function say(url: string, ...parts: readonly (string | Buffer)[]): Promise<Heard> {
  const socket = await open(url);
  const heard = hear(socket);
  for (const part of parts) socket.write(part);
  return heard;
}

/** Hears until the connection is closed. */
export function hear(socket: Socket): Promise<Heard> {
  const chunks: Buffer[] = [];
  let error: string | undefined;
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', (thrown: NodeJS.ErrnoException) => (error = thrown.code ?? 'unknown'));
  return new Promise((resolve) =>
    socket.on('close', () =>
      resolve({ text: Buffer.concat(chunks).toString('latin1'), ...(error === undefined ? {} : { error }) }),
    ),
  );
}

/** An answer of HTTP/1.1. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The answers in what was heard; their lengths are read from their headers. */
export function answersIn(text: string): Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n');
    const headers = new Map(
      fields.map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
      }),
    );
    const length = Number(headers.get('content-length') ?? 0);
    answers.push({
      status: Number(line.split(' ')[1]),
      headers,
      body: rest.slice(end + 4, end + 4 + length),
    });
    rest = end === -1 ? '' : rest.slice(end + 4 + length);
  }
  return answers;
}

/** Status and code of a problem, after a look at its form. */
export function problemOf({ status, headers, body }: Answer): readonly [status: number, code: string] {
  const problem = JSON.parse(body) as { status: number; code: string; type: string };
  if (!headers.get('content-type')?.startsWith('application/problem+json')) throw new Error('no problem+json');
  if (problem.status !== status || problem.type !== `urn:memwarden:error:${problem.code}`)
    throw new Error('no problem');
  return [status, problem.code];
}
