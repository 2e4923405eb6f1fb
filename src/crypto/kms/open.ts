import type { KmsSettings } from '../../model/kms-settings.js';
import type { Kms } from '../../model/kms.js';
import type { KeyStoreFacts } from './local.js';
import { parseKmsUri } from './uri.js';

/** How a key service is opened. */
export interface OpenKmsOptions extends KeyStoreFacts {
  /** For one call of a key service, retries included, in milliseconds; 5 seconds. */
  readonly timeoutMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Opens the key service of a choice. A driver, and what it is made of, is loaded when it is used.
 *
 * @param choice settings, or their URI (see `parseKmsUri`)
 * @throws MemwardenError config_invalid, missing_package, key_file_missing, key_file_invalid, key_file_other, key_file_unsafe,
 * kms_unavailable, kms_timeout
 */
export async function openKms(choice: KmsSettings | string, options: OpenKmsOptions = {}): Promise<Kms> {
  const settings = typeof choice === 'string' ? parseKmsUri(choice, options.environment) : choice;
  switch (settings.kind) {
    case 'local': {
      const { openLocal } = await import('./local.js');
      return openLocal(settings, options);
    }
    case 'aws-kms': {
      const { openAwsKms } = await import('./aws.js');
      return openAwsKms(settings, options);
    }
    case 'vault-transit': {
      const { openVaultTransit } = await import('./vault.js');
      return openVaultTransit(settings, options);
    }
  }
}
