import { embedderOf } from '../open.js';
import { badArgument } from '../failure.js';
import type { ServerSources } from '../../config/serve/load.js';

/** The flags of `serve`, as commander gives them. */
export interface ServeFlags {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly data?: string;
  readonly mongodbUri?: string;
  readonly migrate?: boolean;
  readonly policies?: string;
  readonly embedder?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindProxy?: boolean;
  readonly logLevel?: string;
  readonly isolation?: string;
  readonly set?: readonly string[];
}

/** The settings that flags name. */
export function sourcesOf(flags: ServeFlags): ServerSources {
  const { config, data, mongodbUri, embedder, set = [] } = flags;
  if (data !== undefined && mongodbUri !== undefined) throw badArgument('--data', 'not together with --mongodb-uri');
  const store =
    data !== undefined
      ? { kind: 'embedded', path: data }
      : mongodbUri !== undefined
        ? { kind: 'mongodb', uri: mongodbUri }
        : undefined;
  return {
    file: config,
    set,
    flags: {
      host: flags.host,
      port: flags.port,
      store,
      migrate: flags.migrate,
      policies: flags.policies,
      embedder: embedder === undefined ? undefined : embedderOf({ embedder }, {}),
      'tls.cert': flags.tlsCert,
      'tls.key': flags.tlsKey,
      behindProxy: flags.behindProxy,
      isolation: flags.isolation,
      'log.level': flags.logLevel,
    },
  };
}
