import { readFileSync } from 'node:fs';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { authenticating } from '../../identity/authenticate.js';
import { servicesOf } from '../../internals.js';
import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { once, withStore, type StoreFlags } from '../flags.js';
import { write, type Io } from '../io.js';
import { withWarden } from '../open.js';

interface McpFlags extends StoreFlags {
  readonly apiKeyFile?: string;
  readonly onBehalfOf?: string;
  readonly purpose?: string;
}

/** `mcp`: speaks MCP over stdin and stdout, as the holder of an API key. */
export const mcp: Register = (program) => {
  const command = withStore(program.command('mcp', 'speak MCP over stdin and stdout, as the holder of an API key'))
    .addOption(once('--api-key-file <file>', 'file that holds the API key, in the place of MEMWARDEN_API_KEY'))
    .addOption(once('--on-behalf-of <id>', 'user to act for, where the key may act for several'))
    .addOption(once('--purpose <word>', 'why it asks, where the key allows several purposes'));
  program.act<McpFlags>(command, async ({ io }, flags) => {
    const credential = credentialOf(flags, io.env);
    // What it stands on takes a while to load, which no other command should wait for.
    const { speakOverStdio } = await import('../../mcp/stdio.js');
    const interrupted = new AbortController();
    const release = io.onInterrupt(() => interrupted.abort());
    try {
      await withWarden(flags, io, (warden) => {
        const { apiKeys, refusals } = servicesOf(warden);
        return speakOverStdio({
          warden,
          authenticate: authenticating(apiKeys),
          refusals,
          credential,
          onBehalfOf: flags.onBehalfOf,
          purpose: flags.purpose,
          input: io.stdin,
          output: io.stdout,
          failed: (code) => void log(io, code),
          signal: interrupted.signal,
        });
      });
    } finally {
      release();
    }
    return undefined;
  });
};

// From the environment or a file: whoever may list processes can read a command line.
function credentialOf({ apiKeyFile }: McpFlags, env: NodeJS.ProcessEnv): string {
  const given = env['MEMWARDEN_API_KEY'] || undefined;
  const file = apiKeyFile ?? (env['MEMWARDEN_API_KEY_FILE'] || undefined);
  if (given !== undefined && file !== undefined)
    throw badArgument('--api-key-file', 'not together with MEMWARDEN_API_KEY');
  const credential = file === undefined ? given : read(file).trim();
  if (credential === undefined) throw new MemwardenError('unauthenticated');
  return credential;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw badArgument('--api-key-file', 'cannot be read');
  }
}

async function log(io: Io, code: string): Promise<void> {
  await write(io.stderr, `memwarden mcp: ${code}\n`);
}
