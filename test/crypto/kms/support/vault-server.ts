import { randomBytes } from 'node:crypto';
import { decrypt, encrypt } from './aead.js';
import { spoiled } from './aws-server.js';
import { CANARY, startService, type Answer, type HttpService, type Request } from './http-service.js';

export type VaultMood =
  | 'throttled'
  | 'sealed'
  | 'short plaintext'
  | 'other plaintext'
  | 'no plaintext'
  /** Passes over `associated_data`, as Vault did before 1.13. */
  | 'deaf';

interface TransitKey {
  readonly type: string;
  readonly derived: boolean;
  readonly versions: Buffer[];
  leastVersion: number;
}

/** Vault's HTTP API as far as the driver goes: a Transit engine at /transit, tokens and namespaces checked. */
export interface VaultServer extends HttpService {
  mood: VaultMood | undefined;
  /** The tokens that are good at present. */
  readonly tokens: Set<string>;
  namespace: string | undefined;
  createKey(name: string, type?: string, derived?: boolean): void;
  rotate(name: string): void;
  /** Sets `min_decryption_version`. */
  retireBelow(name: string, version: number): void;
}

export async function startVault(): Promise<VaultServer> {
  const keys = new Map<string, TransitKey>();
  const service = await startService((request) => answer(request, server, keys));
  const server: VaultServer = Object.assign(service, {
    mood: undefined,
    tokens: new Set<string>(),
    namespace: undefined,
    createKey: (name: string, type = 'aes256-gcm96', derived = false) =>
      void keys.set(name, { type, derived, versions: [randomBytes(32)], leastVersion: 1 }),
    rotate: (name: string) => void keys.get(name)?.versions.push(randomBytes(32)),
    retireBelow(name: string, version: number) {
      (keys.get(name) as TransitKey).leastVersion = version;
    },
  });
  return server;
}

function answer(request: Request, server: VaultServer, keys: Map<string, TransitKey>): Answer {
  const { headers, method, path } = request;
  if (server.mood === 'sealed') return failure(503, 'Vault is sealed');
  if (server.mood === 'throttled') return failure(429, 'request path: rate limit quota exceeded');
  if (!server.tokens.has(headers['x-vault-token'] ?? '')) return failure(403, 'permission denied');
  if (headers['x-vault-namespace'] !== server.namespace) return failure(403, 'permission denied');
  const [, act, name = ''] = /^\/v1\/transit\/(keys|encrypt|decrypt)\/([\w.-]+)$/.exec(path) ?? [];
  if (!act || (act === 'keys') !== (method === 'GET')) return { status: 404, body: '{"errors":[]}' };
  const key = keys.get(name);
  if (act === 'keys') return key ? success(describe(name, key)) : { status: 404, body: '{"errors":[]}' };
  if (!key) return failure(400, 'encryption key not found');
  const input = JSON.parse(request.body) as Record<string, string>;
  const associated = Buffer.from(server.mood === 'deaf' ? '' : (input['associated_data'] ?? ''), 'base64');
  if (act === 'encrypt') {
    const version = key.versions.length;
    const bytes = encrypt(
      key.versions[version - 1] as Buffer,
      Buffer.from(input['plaintext'] ?? '', 'base64'),
      associated,
    );
    return success({ ciphertext: `vault:v${version}:${bytes.toString('base64')}`, key_version: version });
  }
  const [, version = 0, text = ''] = /^vault:v(\d+):(.+)$/.exec(input['ciphertext'] ?? '') ?? [];
  if (Number(version) < key.leastVersion)
    return failure(400, 'ciphertext or signature version is disallowed by policy (too old)');
  const secret = key.versions[Number(version) - 1];
  const plaintext = secret && decrypt(secret, Buffer.from(text, 'base64'), associated);
  if (!plaintext) return failure(400, 'cipher: message authentication failed');
  if (server.mood === 'no plaintext') return success({});
  return success({ plaintext: spoiled(plaintext, server.mood).toString('base64') });
}

function describe(name: string, { type, derived, versions, leastVersion }: TransitKey): object {
  const keys = Object.fromEntries(versions.map((_, i) => [String(i + 1), 1_700_000_000 + i]));
  return {
    name,
    type,
    derived,
    exportable: false,
    keys,
    latest_version: versions.length,
    min_decryption_version: leastVersion,
  };
}

function success(data: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ lease_id: '', data }) };
}

function failure(status: number, text: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [`${CANARY} ${text}`] }),
  };
}
