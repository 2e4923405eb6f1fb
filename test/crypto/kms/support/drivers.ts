import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAwsKms } from '../../../../src/crypto/kms/aws.js';
import { openClientHeld } from '../../../../src/crypto/kms/client-held.js';
import { createKeyFile } from '../../../../src/crypto/kms/key-file.js';
import { openLocal } from '../../../../src/crypto/kms/local.js';
import { openVaultTransit } from '../../../../src/crypto/kms/vault.js';
import type { Kms } from '../../../../src/model/kms.js';
import { CREDENTIALS, startAws, type AwsServer } from './aws-server.js';
import type { HttpService } from './http-service.js';
import { startVault, type VaultServer } from './vault-server.js';

/** One driver in a place of its own. */
export interface Setting {
  readonly open: (timeoutMs?: number) => Promise<Kms>;
  /** Another key-encryption key of the same driver, which is no successor. */
  readonly openOther: () => Promise<Kms>;
  /** Rotates; what is opened then wraps under the new key and opens what the old one wrapped. */
  readonly rotate?: () => Promise<Kms>;
  /** The server, where there is one. */
  readonly service?: HttpService;
  readonly stop: () => Promise<void>;
}

export const TOKEN = 'hvs.a-token-of-the-tests';

/** Every driver of the port. */
export const DRIVERS: Readonly<Record<string, () => Promise<Setting>>> = {
  local: localSetting,
  'client-held': clientHeldSetting,
  'aws-kms': awsSetting,
  'vault-transit': vaultSetting,
};

async function localSetting(): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-kms-'));
  const path = join(folder, 'keys', 'kek');
  const stop = () => Promise.resolve(rmSync(folder, { recursive: true, force: true }));
  return {
    open: () => openLocal({ kind: 'local', path }, { create: true }),
    openOther: () => openLocal({ kind: 'local', path: join(folder, 'other', 'kek') }, { create: true }),
    async rotate() {
      const next = join(folder, 'keys', 'kek-2');
      await createKeyFile(next);
      return openLocal({ kind: 'local', path: next, previous: [path] });
    },
    stop,
  };
}

function clientHeldSetting(): Promise<Setting> {
  const key = randomBytes(32);
  return Promise.resolve({
    open: () => Promise.resolve(openClientHeld(key)),
    openOther: () => Promise.resolve(openClientHeld(randomBytes(32))),
    stop: () => Promise.resolve(),
  });
}

export async function awsSetting(): Promise<Setting & { readonly service: AwsServer }> {
  const service = await startAws();
  const [first, second, third] = [service.createKey(), service.createKey(), service.createKey()];
  const open = (keyId: string, previous: string[] = [], timeoutMs = 20_000) =>
    openAwsKms(
      { kind: 'aws-kms', keyId, previous, endpoint: service.address },
      { credentials: CREDENTIALS, timeoutMs },
    );
  return {
    open: (timeoutMs) => open(first, [], timeoutMs),
    openOther: () => open(third),
    rotate: () => open(second, [first]),
    service,
    stop: () => service.stop(),
  };
}

export async function vaultSetting(): Promise<Setting & { readonly service: VaultServer }> {
  const service = await startVault();
  service.tokens.add(TOKEN);
  service.createKey('memwarden');
  service.createKey('other');
  const open = (key: string, timeoutMs = 20_000) =>
    openVaultTransit(
      { kind: 'vault-transit', address: service.address, mount: 'transit', key, token: TOKEN },
      { timeoutMs, environment: {} },
    );
  return {
    open: (timeoutMs) => open('memwarden', timeoutMs),
    openOther: () => open('other'),
    rotate() {
      service.rotate('memwarden');
      return open('memwarden');
    },
    service,
    stop: () => service.stop(),
  };
}
