import { MemwardenError } from '../../errors/memwarden-error.js';

/** The drivers by the byte that stands for them in a wrapped key. Bytes are never given anew. */
const DRIVERS = { local: 1, 'aws-kms': 2, 'vault-transit': 3, 'client-held': 4 } as const;

/** A driver of the port `Kms`. */
export type KmsDriver = keyof typeof DRIVERS;

/** A wrapped key, taken apart. */
export interface Wrapped {
  readonly driver: KmsDriver;
  /** The name of the key-encryption key, within its driver. */
  readonly kek: string;
  /** Everything before the body, for drivers that authenticate it. */
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

const FORMAT = 1;
const FIXED = 3;
const MOST_BYTES = 16_384;
const NAMES = new Map<number, KmsDriver>(Object.entries(DRIVERS).map(([name, byte]) => [byte, name as KmsDriver]));

/**
 * The header of a wrapped key: format (1 byte, 1), driver (1 byte), length of the name of the key-encryption key (1
 * byte), that name (UTF-8). The body of the driver follows.
 */
export function headerOf(driver: KmsDriver, kek: string): Buffer {
  const name = Buffer.from(kek, 'utf8');
  if (name.length === 0 || name.length > 255) throw new MemwardenError('internal');
  return Buffer.concat([Buffer.of(FORMAT, DRIVERS[driver], name.length), name]);
}

/**
 * Takes a wrapped key apart.
 *
 * @param driver the one that is asked to open it
 * @throws MemwardenError key_refused where it is none, or another driver's
 */
export function parseWrapped(bytes: Uint8Array, driver: KmsDriver): Wrapped {
  const wrapped = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = NAMES.get(wrapped[1] ?? 0);
  const start = FIXED + (wrapped[2] ?? 0);
  const isWrapped = wrapped[0] === FORMAT && found && start > FIXED && wrapped.length > start;
  if (!isWrapped || wrapped.length > MOST_BYTES) throw refused(driver, 'not a wrapped key');
  if (found !== driver) throw refused(driver, `wrapped by the driver ${found}`);
  return {
    driver,
    kek: wrapped.toString('utf8', FIXED, start),
    header: wrapped.subarray(0, start),
    body: wrapped.subarray(start),
  };
}

/** The refusal to open a wrapped key. */
export function refused(driver: KmsDriver, reason: string): MemwardenError {
  return new MemwardenError('key_refused', { driver, reason });
}

/** Refuses to wrap what is no key. */
export function assertKey(key: Uint8Array): void {
  if (key.length < 16 || key.length > 1_024) throw new MemwardenError('invalid_argument', { argument: 'key' });
}
