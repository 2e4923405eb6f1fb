import type { Register } from '../command.js';
import type { ServeFlags } from '../serve/flags.js';
import { embedderOption, integer, once, repeatable } from '../flags.js';

/** `serve`: the server with all its doors. */
export const serve: Register = (program) => {
  const command = program
    .command('serve', 'serve memories over HTTP, to mem0 clients and over MCP')
    .addOption(once('--config <file>', 'YAML file of settings; docs/server.md lists them'))
    .addOption(once('--host <address>', 'address to listen on; 127.0.0.1 where none is given'))
    .addOption(integer('--port <number>', 'port to listen on; 8420 where none is given'))
    .addOption(once('--data <path>', 'embedded store in this folder'))
    .addOption(once('--mongodb-uri <uri>', 'MongoDB at this address'))
    .addOption(once('--isolation <kind>', 'serve tenants, each request by that of its credential: database or shared'))
    .option('--migrate', 'prepare the store first')
    .addOption(once('--policies <dir>', 'folder of the policy files'))
    .addOption(embedderOption())
    .addOption(once('--tls-cert <file>', 'certificate and its chain, as PEM'))
    .addOption(once('--tls-key <file>', 'private key of the certificate, as PEM'))
    .option('--behind-proxy', 'a proxy of yours ends TLS before it')
    .addOption(once('--log-level <level>', 'from which level on lines are logged'))
    .addOption(repeatable('--set <name=value>', 'any other setting; may be repeated'));
  program.act<ServeFlags & { readonly json?: boolean }>(command, async ({ io }, flags) => {
    // Only here: what a server needs takes its time to load, and no other command needs it.
    const { serve: run } = await import('../serve/serve.js');
    const { sourcesOf } = await import('../serve/flags.js');
    return run(sourcesOf(flags), io);
  });
};
