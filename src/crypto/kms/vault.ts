import { MemwardenError } from '../../errors/memwarden-error.js';
import type { VaultTransitSettings } from '../../model/kms-settings.js';
import type { Kms } from '../../model/kms.js';
import { withDeadline } from './deadline.js';
import { toEndpoint } from './endpoint.js';
import { KMS_TIMEOUT_MS, remoteKms, type KeyService, type Shown } from './remote.js';
import { callVault, tokenOf, unavailable, vaultError, type VaultPlace } from './vault-http.js';
import { refused } from './wrapped.js';

const DRIVER = 'vault-transit';
const NAME = /^[\w-]+(?:\.[\w-]+)*$/;
const CIPHERTEXT = /^vault:v([1-9]\d{0,9}):[A-Za-z0-9+/]+={0,2}$/;
/** The key types with associated data and keys of 256 bits. */
const TYPES = new Set<unknown>(['aes256-gcm96', 'chacha20-poly1305']);

/** How the driver is run. */
export interface VaultTransitOptions {
  /** For one call, retries included, in milliseconds. */
  readonly timeoutMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Wraps by a key of Vault's Transit engine, with the binding as `associated_data`. The key is read once here: its type
 * must be one with associated data, and its latest version names what new wraps are made under.
 *
 * @throws MemwardenError config_invalid, kms_unavailable, kms_timeout
 */
export async function openVaultTransit(
  settings: VaultTransitSettings,
  { timeoutMs = KMS_TIMEOUT_MS, environment = process.env }: VaultTransitOptions = {},
): Promise<Kms> {
  const mount = checkedPath(settings.mount, 'keys.kms.mount');
  const key = checkedPath(settings.key, 'keys.kms.key', 1);
  const place: VaultPlace = {
    address: toEndpoint(settings.address, 'keys.kms.address'),
    namespace: settings.namespace ?? (environment['VAULT_NAMESPACE'] || undefined),
    token: tokenOf(settings, environment),
  };
  const version = await withDeadline(DRIVER, timeoutMs, (signal) => latestVersion(place, mount, key, signal));
  return remoteKms(serviceOf(place, mount, key, version), timeoutMs);
}

function serviceOf(place: VaultPlace, mount: string, key: string, latest: number): KeyService {
  const kek = `${mount}/${key}`;
  let version = latest;
  return {
    driver: DRIVER,
    kek,
    kekId: () => `${DRIVER}:${kek}:v${version}`,
    async encrypt(payload, shown, signal) {
      const body = { plaintext: payload.toString('base64'), ...associated(shown) };
      const answer = await callVault(place, `${mount}/encrypt/${key}`, body, signal);
      if (answer.status !== 200) throw vaultError(answer);
      const ciphertext = answer.data?.['ciphertext'];
      const [, made] = typeof ciphertext === 'string' ? (CIPHERTEXT.exec(ciphertext) ?? []) : [];
      if (made === undefined) throw unavailable('an unintelligible answer');
      // Whoever stores the name after wrapping stores the version that wrapped.
      version = Math.max(version, Number(made));
      return Buffer.from(ciphertext as string, 'ascii');
    },
    // Vault looks the version up that the ciphertext names; the key is always ours.
    async decrypt(ciphertext, _kek, shown, signal) {
      const text = ciphertext.toString('latin1');
      if (!isCanonical(text)) throw refused(DRIVER, 'not a wrapped key');
      const answer = await callVault(
        place,
        `${mount}/decrypt/${key}`,
        { ciphertext: text, ...associated(shown) },
        signal,
      );
      if (answer.isRefusal) throw refused(DRIVER, 'not authentic in this context, or its key version is retired');
      if (answer.status !== 200) throw vaultError(answer);
      const plaintext = answer.data?.['plaintext'];
      if (typeof plaintext !== 'string') throw unavailable('an unintelligible answer');
      return Buffer.from(plaintext, 'base64');
    },
    close: () => undefined,
  };
}

// Base64 can say the same bytes in several ways; one of them was written.
function isCanonical(text: string): boolean {
  const base64 = text.slice(text.lastIndexOf(':') + 1);
  return CIPHERTEXT.test(text) && Buffer.from(base64, 'base64').toString('base64') === base64;
}

async function latestVersion(place: VaultPlace, mount: string, key: string, signal: AbortSignal): Promise<number> {
  const answer = await callVault(place, `${mount}/keys/${key}`, undefined, signal);
  if (answer.status !== 200) throw vaultError(answer);
  const { type, derived, latest_version: latest } = answer.data ?? {};
  if (!TYPES.has(type) || derived === true)
    throw new MemwardenError('config_invalid', {
      argument: 'keys.kms.key',
      reason: 'a Transit key of type aes256-gcm96 or chacha20-poly1305, not derived',
    });
  if (typeof latest !== 'number' || !Number.isSafeInteger(latest) || latest < 1)
    throw unavailable('an unintelligible answer');
  return latest;
}

// Vault logs its hash; the purpose is bound by the binding, and there is nothing here that rules could name.
function associated({ binding }: Shown): { readonly associated_data: string } {
  return { associated_data: binding.toString('base64') };
}

function checkedPath(path: string, argument: string, most = 8): string {
  const parts = path.split('/');
  if (parts.length <= most && parts.every((part) => NAME.test(part))) return path;
  throw new MemwardenError('config_invalid', { argument, reason: 'letters, digits, dot, dash and underscore' });
}
