import { randomBytes, timingSafeEqual } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KeyContext, Kms } from '../../model/kms.js';
import { BINDING_BYTES, bindingOf, SALT_BYTES } from './binding.js';
import { withDeadline } from './deadline.js';
import { assertKey, headerOf, parseWrapped, refused, type KmsDriver } from './wrapped.js';

/** What a key service is shown beside the bytes: bound to them by the service, and logged by it. */
export interface Shown {
  /** 32 bytes; see binding.ts. */
  readonly binding: Buffer;
  readonly purpose: string;
}

/** A key service that encrypts and decrypts small payloads. Its calls throw MemwardenErrors alone. */
export interface KeyService {
  readonly driver: KmsDriver;
  /** The name of the key-encryption key that `encrypt` uses, without the driver's. */
  readonly kek: string;
  /** See `Kms.kekId`. */
  kekId(): string;
  encrypt(payload: Buffer, shown: Shown, signal: AbortSignal): Promise<Uint8Array>;
  /** @param kek the name that was `kek` when it was encrypted */
  decrypt(ciphertext: Buffer, kek: string, shown: Shown, signal: AbortSignal): Promise<Buffer>;
  close(): void;
}

/** How long one call may take, retries included, where nothing else is said: milliseconds. */
export const KMS_TIMEOUT_MS = 5_000;

const LENGTH_BYTES = 2;

/**
 * A key service as a Kms. Body of a wrapped key: salt (32 random bytes), then what the service made of the payload:
 * binding (32 bytes), length of the key (2 bytes, big-endian), key.
 *
 * The binding goes to the service as data to authenticate, and stands in the payload too: Vault before 1.13 passes over
 * `associated_data` without a word, and a service that does must still open no key for another user.
 */
export function remoteKms(service: KeyService, timeoutMs: number): Kms {
  const { driver } = service;
  let closed = false;
  const call = <T extends Uint8Array>(act: (signal: AbortSignal) => Promise<T>) => {
    if (closed) throw new MemwardenError('closed');
    return withDeadline(driver, timeoutMs, act, (late) => late.fill(0));
  };
  return {
    get kekId() {
      return service.kekId();
    },
    async wrap(key, context) {
      assertKey(key);
      const salt = randomBytes(SALT_BYTES);
      const header = headerOf(driver, service.kek);
      const shown = shownOf(salt, header, context);
      const payload = payloadOf(key, shown.binding);
      try {
        const ciphertext = await call((signal) => service.encrypt(payload, shown, signal));
        return Buffer.concat([header, salt, ciphertext]);
      } finally {
        payload.fill(0);
      }
    },
    async unwrap(wrapped, context) {
      const { kek, header, body } = parseWrapped(wrapped, driver);
      if (body.length <= SALT_BYTES) throw refused(driver, 'not a wrapped key');
      const shown = shownOf(body.subarray(0, SALT_BYTES), header, context);
      const ciphertext = Buffer.from(body.subarray(SALT_BYTES));
      const payload = await call((signal) => service.decrypt(ciphertext, kek, shown, signal));
      try {
        return keyOf(payload, shown.binding, driver);
      } finally {
        payload.fill(0);
      }
    },
    close() {
      if (!closed) service.close();
      closed = true;
      return Promise.resolve();
    },
  };
}

function shownOf(salt: Uint8Array, header: Uint8Array, context: KeyContext): Shown {
  return { binding: bindingOf(salt, header, context), purpose: context.purpose };
}

function payloadOf(key: Uint8Array, binding: Buffer): Buffer {
  const payload = Buffer.alloc(BINDING_BYTES + LENGTH_BYTES + key.length);
  binding.copy(payload);
  payload.writeUInt16BE(key.length, BINDING_BYTES);
  payload.set(key, BINDING_BYTES + LENGTH_BYTES);
  return payload;
}

// A copy: what comes from a socket may be a part of a larger buffer.
function keyOf(payload: Buffer, binding: Buffer, driver: KmsDriver): Buffer {
  const start = BINDING_BYTES + LENGTH_BYTES;
  const length = payload.length > start ? payload.readUInt16BE(BINDING_BYTES) : 0;
  if (length === 0 || payload.length !== start + length) throw refused(driver, 'what came back is no key of ours');
  if (!timingSafeEqual(payload.subarray(0, BINDING_BYTES), binding))
    throw refused(driver, 'not authentic in this context');
  return Buffer.from(payload.subarray(start));
}
